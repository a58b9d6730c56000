import { useState, useSyncExternalStore } from 'react';
import { keyState, onKey, putKey } from '../gateway/key.js';

const WANTED = 'This gateway asks for an API key.';
const UNKNOWN = 'The gateway does not know this key.';
/** What the gateway takes of a header's value; `fetch` itself throws at some of the others. */
const CARRIED = /^[ -~]*$/;
const NOT_CARRIED = 'A key is sent in a header, which can carry letters, digits and signs of ASCII: this one has others.';

/** Asks for the API key. `done` is called with it set, or taken away. */
export function KeyForm({ done }) {
  const { key: present, refused } = useSyncExternalStore(onKey, keyState);
  const [key, setKey] = useState(present);
  const [carried, setCarried] = useState(true);
  const put = (value) => {
    putKey(value);
    setKey(value);
    setCarried(true);
    done();
  };
  const submit = (event) => {
    event.preventDefault();
    const value = key.trim();
    if (CARRIED.test(value)) put(value);
    else setCarried(false);
  };
  return (
    <form className="key" onSubmit={submit}>
      {!carried && <p role="alert">{NOT_CARRIED}</p>}
      {carried && refused && <p role="alert">{present ? UNKNOWN : WANTED}</p>}
      <label htmlFor="key">API key</label>
      <input
        id="key"
        type="password"
        autoComplete="off"
        aria-invalid={!carried}
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
