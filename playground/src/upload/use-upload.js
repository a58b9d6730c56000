import { useGraphiQL } from '@graphiql/react';
import { useRef } from 'react';
import { fileOf } from './multipart.js';

/** The name of the variable of the open document that is a file; undefined where none is. */
export function useUpload() {
  const operations = useGraphiQL((state) => state.operations);
  // Between two versions of a document that parse there are some that do not: it stays meanwhile.
  const last = useRef(undefined);
  if (operations) last.current = operations.map(fileOf).find(Boolean);
  return last.current;
}
