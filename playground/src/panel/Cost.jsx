import { useRun } from './use-run.js';

/** What the answer cost the gateway (`extensions.cost`), and how long it took to come. */
export function Cost() {
  const { cost } = useRun();
  return (
    <p className="cost" role="status" aria-label="Cost of the answer">
      {cost ? said(cost) : 'The cost of an answer stands here.'}
    </p>
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
