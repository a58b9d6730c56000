import { useGraphiQL } from '@graphiql/react';
import { useEffect } from 'react';
import { runs } from '../runs.js';
import { fileOf } from './multipart.js';

/** Where the query has a variable of the type `Upload`: asks for the file that it is to be. */
export function FileChooser() {
  const name = useGraphiQL(({ operations }) => operations?.map(fileOf).find(Boolean));
  return name && <Chooser name={name} />;
}

function Chooser({ name }) {
  // One that is not seen any more is not sent either.
  useEffect(() => () => runs.choose(null), []);
  return (
    <p className="file">
      <label htmlFor="file">
        File for <code>${name}</code>
      </label>
      <input id="file" type="file" onChange={({ target }) => runs.choose(target.files[0] ?? null)} />
    </p>
  );
}
