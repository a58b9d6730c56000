import { createPortal } from 'react-dom';
import { CopyLink } from './CopyLink.jsx';
import { Examples } from './Examples.jsx';
import { KeyButton } from './KeyButton.jsx';

/** What stands above GraphiQL, in the document as on the screen. */
export function Bar({ examples }) {
  const bar = (
    <>
      <h1>imagraph</h1>
      <Examples examples={examples} />
      <CopyLink />
      <KeyButton />
    </>
  );
  return createPortal(bar, document.getElementById('bar'));
}
