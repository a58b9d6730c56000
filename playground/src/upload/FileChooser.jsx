import { useEffect } from 'react';
import { runs } from '../runs.js';
import { useUpload } from './use-upload.js';

/** Where the query has a variable of the type `Upload`: asks for the file that it is to be. */
export function FileChooser() {
  const name = useUpload();
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
