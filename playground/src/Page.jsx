import { GraphiQL } from 'graphiql';
import { useState } from 'react';
import { Bar } from './bar/Bar.jsx';
import { Split } from './bar/Split.jsx';
import { KeyForm } from './bar/KeyForm.jsx';
import { Cost } from './panel/Cost.jsx';
import { Panel } from './panel/Panel.jsx';
import { ToPictures } from './panel/ToPictures.jsx';
import { runs } from './runs.js';
import { examples, uploading } from './start/examples.js';
import { kept } from './start/kept.js';
import { library } from './start/library.js';

const wide = matchMedia('(min-width: 1000px)').matches;

/** Asks for the key first where the gateway wants one, since nothing works without it. */
export function Page({ served, linked }) {
  const [known, setKnown] = useState(served);
  if (known.refused) return <Gate done={async () => setKnown(await library())} />;
  return <Playground served={known} linked={linked} />;
}

function Gate({ done }) {
  return (
    <div className="gate">
      <h1>imagraph</h1>
      <KeyForm done={done} />
    </div>
  );
}

function Playground({ served, linked }) {
  const [tabs] = useState(() => examples(served));
  // GraphiQL fills the editors with neither the tabs that it is given nor those that it kept.
  const [first] = useState(() => linked ?? kept() ?? tabs[0]);
  return (
    <GraphiQL
      fetcher={runs.fetcher}
      onSchemaChange={(schema) => (runs.schema = schema)}
      defaultTabs={linked ? [linked, ...tabs] : tabs}
      initialQuery={first.query}
      initialVariables={first.variables}
      defaultQuery=""
      defaultEditorToolsVisibility={wide ? 'variables' : false}
      shouldPersistHeaders={false}
    >
      <GraphiQL.Logo>{null}</GraphiQL.Logo>
      <GraphiQL.Footer>
        <Cost />
      </GraphiQL.Footer>
      <Bar examples={[...tabs, uploading()]} />
      <ToPictures />
      <Split />
      <Panel served={served} />
    </GraphiQL>
  );
}
