import { useGraphiQL } from '@graphiql/react';
import { useState } from 'react';
import { linkTo } from '../start/link.js';

/** Copies a link to the query and its variables. */
export function CopyLink() {
  const editors = useGraphiQL(({ queryEditor, variableEditor }) => ({ queryEditor, variableEditor }));
  const [said, setSaid] = useState('');
  const copy = async () => {
    const query = editors.queryEditor?.getValue() ?? '';
    const link = linkTo({ query, variables: editors.variableEditor?.getValue() });
    setSaid(await copied(link));
    setTimeout(() => setSaid(''), 4000);
  };
  return (
    <>
      <button type="button" className="button" onClick={copy}>
        Copy link
      </button>
      <span className="said" role="status">
        {said}
      </span>
    </>
  );
}

/** Only pages of https and of this machine may write to the clipboard; others have the address bar. */
async function copied(link) {
  try {
    await navigator.clipboard.writeText(link);
    return 'Link copied';
  } catch {
    history.replaceState(null, '', link);
    return 'The link is in the address bar';
  }
}
