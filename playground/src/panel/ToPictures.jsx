import { counted } from './counted.js';
import { picturesIn, useRun } from './use-run.js';

/** Leads to the pictures where they are below the answer, out of sight: in a narrow window. */
export function ToPictures() {
  const pictures = picturesIn(useRun());
  if (pictures === 0) return null;
  return (
    <a className="to-pictures" href="#pictures">
      {counted(pictures, 'picture')} of the answer <span aria-hidden="true">↓</span>
    </a>
  );
}
