import { visible } from './visible.js';

const SHOWN = 10;

/** What went wrong, and where in the answer. */
export function Errors({ errors }) {
  if (errors.length === 0) return null;
  const more = errors.length - SHOWN;
  return (
    <section className="errors" aria-label="Errors">
      <ul>
        {errors.slice(0, SHOWN).map(({ path, code, message }, place) => (
          <li key={place}>
            {code && <code>{visible(code, 60)}</code>} {path && <span className="path">{visible(path, 80)}</span>}
            <span>{visible(message, 300)}</span>
          </li>
        ))}
      </ul>
      {more > 0 && <p>{more} more in the result</p>}
    </section>
  );
}
