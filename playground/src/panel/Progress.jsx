const STATES = { running: '', done: ', complete', stopped: ', stopped' };

/** How far a subscription is. */
export function Progress({ progress, state }) {
  if (!progress?.total) return null;
  const { done, total } = progress;
  return (
    <div className="progress">
      <progress aria-label="Images answered" max={total} value={done} />
      <span>
        {done} of {total}
        {STATES[state]}
      </span>
    </div>
  );
}
