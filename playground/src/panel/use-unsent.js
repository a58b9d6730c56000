import { useGraphiQL } from '@graphiql/react';
import { useLayoutEffect, useRef } from 'react';
import { runs } from '../runs.js';

/** GraphiQL sends nothing where variables or headers are no JSON, and says so in its answer alone: the panel hears it. */
export function useUnsent() {
  const { queryId, responseEditor } = useGraphiQL(({ queryId, responseEditor }) => ({ queryId, responseEditor }));
  const begun = useRef(runs.begun);
  useLayoutEffect(() => {
    if (queryId > 0 && runs.begun === begun.current) runs.unsent(messageIn(responseEditor.getValue()));
    begun.current = runs.begun;
  }, [queryId]);
}

function messageIn(response) {
  try {
    return JSON.parse(response).errors[0].message;
  } catch {
    return 'Nothing was sent.';
  }
}
