import { useState, useSyncExternalStore } from 'react';
import { keyState, onKey, putKey } from '../gateway/key.js';

const WANTED = 'This gateway asks for an API key.';
const UNKNOWN = 'The gateway does not know this key.';

/** Asks for the API key. `done` is called with it set, or taken away. */
export function KeyForm({ done }) {
  const { key: present, refused } = useSyncExternalStore(onKey, keyState);
  const [key, setKey] = useState(present);
  const put = (value) => {
    putKey(value.trim());
    setKey(value.trim());
    done();
  };
  const submit = (event) => {
    event.preventDefault();
    put(key);
  };
  return (
    <form className="key" onSubmit={submit}>
      {refused && <p role="alert">{present ? UNKNOWN : WANTED}</p>}
      <label htmlFor="key">API key</label>
      <input
        id="key"
        type="password"
        autoComplete="off"
        spellCheck={false}
        aria-describedby="key-hint"
        value={key}
        onChange={(event) => setKey(event.target.value)}
      />
      <p id="key-hint">
        Sent as “Authorization: Bearer …” to this gateway alone, and kept until this tab is closed.
      </p>
      <div className="buttons">
        <button type="submit" className="button">
          Use key
        </button>
        <button type="button" className="button" onClick={() => put('')}>
          Forget key
        </button>
      </div>
    </form>
  );
}
