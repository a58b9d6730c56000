import { useGraphiQLActions } from '@graphiql/react';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { keyState, onKey } from '../gateway/key.js';
import { KeyForm } from './KeyForm.jsx';

/** Opens the field for the API key; by itself where the gateway asks for one. */
export function KeyButton() {
  const { introspect } = useGraphiQLActions();
  const { key, refused } = useSyncExternalStore(onKey, keyState);
  const popover = useRef(null);
  useEffect(() => {
    if (refused) popover.current.showPopover();
  }, [refused]);
  const done = () => {
    popover.current.hidePopover();
    introspect();
  };
  return (
    <>
      <button type="button" className="button" popoverTarget="key-field" data-set={key ? '' : undefined}>
        {key ? 'API key set' : 'API key'}
      </button>
      <div id="key-field" ref={popover} popover="auto" role="dialog" aria-label="API key" onToggle={focusField}>
        <KeyForm done={done} />
      </div>
    </>
  );
}

function focusField({ newState, currentTarget }) {
  if (newState === 'open') currentTarget.querySelector('input').focus();
}
