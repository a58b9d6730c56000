import { visible } from './visible.js';
import { usePreview, useSeen } from './use-preview.js';

const NO_ID = 'the answer has no id of this image.';

/** A small version of an image, fetched when it comes into sight. */
export function Picture({ id, alt, children }) {
  const [ref, seen] = useSeen();
  const found = usePreview(seen ? id : null);
  const { url, problem } = id === undefined ? { problem: NO_ID } : found;
  return (
    <span ref={ref} className="picture" data-state={url ? 'shown' : problem ? 'failed' : 'waiting'}>
      {url && <img src={url} alt={alt} />}
      {problem && <span className="no-picture">No preview: {visible(problem)}</span>}
      {children}
    </span>
  );
}
