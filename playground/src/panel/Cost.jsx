import { useRun } from './use-run.js';

/** What `extensions` tell of an answer: its cost, what of it is old or withheld; and how long it took to come. */
export function Cost() {
  const { told, state } = useRun();
  const text = told ? said(told) : '';
  return (
    <>
      <p className="cost">{text || (state === 'running' ? 'Asking …' : 'The cost of an answer stands here.')}</p>
      {/* Heard once it is all there, not with each event of a subscription. */}
      <span className="heard" role="status">
        {state === 'running' ? '' : text}
      </span>
    </>
  );
}

function said({ cost, stale, withheld, millis }) {
  const { images, upstreamCalls, cacheHits, bytesFetched, decoded } = cost ?? {};
  const parts = [
    images !== undefined && counted(images, 'image'),
    cacheHits > 0 && `${cacheHits} from the cache`,
    decoded > 0 && `${decoded} decoded`,
    upstreamCalls > 0 && counted(upstreamCalls, 'upstream call'),
    bytesFetched > 0 && `${bytesFetched.toLocaleString('en')} bytes fetched`,
    stale?.length > 0 && `${stale.length} of earlier answers`,
    withheld?.length > 0 && `withheld: ${withheld.join(', ')}`,
    `${millis} ms`,
  ];
  return parts.filter(Boolean).join(' · ');
}

const counted = (number, name) => `${number} ${name}${number === 1 ? '' : 's'}`;
