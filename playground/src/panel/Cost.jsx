import { useRun } from './use-run.js';

/** What the answer cost the gateway (`extensions.cost`), and how long it took to come. */
export function Cost() {
  const { cost, state } = useRun();
  const text = cost ? said(cost) : '';
  return (
    <>
      <p className="cost">{text || 'The cost of an answer stands here.'}</p>
      {/* Heard once it is all there, not with each event of a subscription. */}
      <span className="heard" role="status">
        {state === 'running' ? '' : text}
      </span>
    </>
  );
}

function said({ images, upstreamCalls, cacheHits, bytesFetched, decoded, millis }) {
  const parts = [
    images !== undefined && counted(images, 'image'),
    cacheHits > 0 && `${cacheHits} from the cache`,
    decoded > 0 && `${decoded} decoded`,
    upstreamCalls > 0 && counted(upstreamCalls, 'upstream call'),
    bytesFetched > 0 && `${bytesFetched.toLocaleString('en')} bytes fetched`,
    `${millis} ms`,
  ];
  return parts.filter(Boolean).join(' · ');
}

const counted = (number, name) => `${number} ${name}${number === 1 ? '' : 's'}`;
