import { ImagePreview } from '@graphiql/react';
import JsonWorker from 'monaco-editor/esm/vs/language/json/json.worker.js?worker';
import GraphQLWorker from 'monaco-graphql/esm/graphql.worker.js?worker';
import { createRoot } from 'react-dom/client';
import { leaveEditorsByEscape } from './graphiql/leaving.js';
import { Page } from './Page.jsx';
import { library } from './start/library.js';
import { takeLinked } from './start/link.js';
// graphiql/style.css is these four with Monaco's own style once more, and fonts as data.
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import 'graphiql/graphiql.css';
import './style/graphiql.css';
import './style/page.css';
import './style/panel.css';

// Monaco's plain worker is the base of both of these, so the JSON one stands in for it.
globalThis.MonacoEnvironment = {
  getWorker: (_, label) => (label === 'graphql' ? new GraphQLWorker() : new JsonWorker()),
};

// Over a URL in the result GraphiQL would load what is there; the policy forbids that, and the panel shows it better.
ImagePreview.shouldRender = () => false;

leaveEditorsByEscape();
const linked = takeLinked();
const root = createRoot(document.getElementById('root'));
library().then((served) => root.render(<Page served={served} linked={linked} />));
