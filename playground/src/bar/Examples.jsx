import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useEffect, useRef } from 'react';
import { titleOf } from '../start/examples.js';
import { takeLinked } from '../start/link.js';

/** Opens an example in a tab of its own; so does a link that is pasted while the page is open. */
export function Examples({ examples }) {
  const list = useRef(null);
  const open = useOpen();
  useEffect(() => {
    const linked = () => {
      const found = takeLinked();
      if (found) open(found);
    };
    addEventListener('hashchange', linked);
    return () => removeEventListener('hashchange', linked);
  }, [open]);
  return (
    <>
      <button type="button" className="button" popoverTarget="examples">
        Examples
      </button>
      <ul id="examples" ref={list} popover="auto">
        {examples.map((example) => (
          <li key={titleOf(example)}>
            <button type="button" onClick={() => (list.current.hidePopover(), open(example))}>
              {titleOf(example)}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function useOpen() {
  const { addTab, updateActiveTabValues } = useGraphiQLActions();
  const editors = useGraphiQL(({ queryEditor, variableEditor }) => ({ queryEditor, variableEditor }));
  return ({ query, variables }) => {
    addTab();
    editors.queryEditor.setValue(query);
    editors.variableEditor.setValue(variables);
    updateActiveTabValues({ query, variables });
  };
}
