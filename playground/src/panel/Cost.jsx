import { counted } from './counted.js';
import { picturesIn, useRun } from './use-run.js';

/** What `extensions` tell of an answer: its cost, what of it is old or withheld; and how long it took to come. */
export function Cost() {
  const run = useRun();
  const { told, state } = run;
  const text = told ? said(told) : UNSAID[state];
  const pictures = picturesIn(run);
  return (
    <>
      <p className="cost">{text ?? 'The cost of an answer stands here.'}</p>
      {/* Heard once it is all there, not with each event of a subscription. */}
      <span className="heard" role="status">
        {state !== 'running' && text}
        {state !== 'running' && pictures > 0 && ` · ${counted(pictures, 'picture')} shown`}
      </span>
    </>
  );
}

const UNSAID = { running: 'Asking …', unsent: 'Nothing was sent.' };

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
