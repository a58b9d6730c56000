import { useUpload } from '../upload/use-upload.js';
import { counted } from './counted.js';
import { picturesIn, useRun } from './use-run.js';

/** Leads to the pictures, or to where a file is chosen, which are below the answer, out of sight, in a narrow window. */
export function ToPictures() {
  const pictures = picturesIn(useRun());
  const upload = useUpload();
  if (pictures === 0 && !upload) return null;
  return (
    <a className="to-pictures" href="#pictures">
      {pictures > 0 ? `${counted(pictures, 'picture')} of the answer` : `The file for $${upload}`} <span aria-hidden="true">↓</span>
    </a>
  );
}
