import { GraphiQL } from 'graphiql';
import JsonWorker from 'monaco-editor/esm/vs/language/json/json.worker.js?worker';
import GraphQLWorker from 'monaco-graphql/esm/graphql.worker.js?worker';
import { createRoot } from 'react-dom/client';
// graphiql/style.css is these four with Monaco's own style once more, and fonts as data.
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import 'graphiql/graphiql.css';

// Monaco's plain worker is the base of both of these, so the JSON one stands in for it.
globalThis.MonacoEnvironment = {
  getWorker: (_, label) => (label === 'graphql' ? new GraphQLWorker() : new JsonWorker()),
};

const defaultQuery = `# imagraph: ask about an image,
#   by its URL:      remote(url: "https://...")
#   by its file id:  file(id: "...")
#
# Ctrl-Space completes, Ctrl-Enter runs.
# For another image, set the variables:
#   { "url": "https://..." }

query About(
  $url: Url! = "https://ik.imagekit.io/demo/default-image.jpg"
) {
  remote(url: $url) {
    width
    height
    format
    pHash
  }
}
`;

async function fetcher(params, { headers } = {}) {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: {
      accept: 'application/graphql-response+json, application/json',
      'content-type': 'application/json',
      ...headers,
    },
    body: JSON.stringify(params),
  });
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return { errors: [{ message: `${response.status} ${response.statusText}: ${text}` }] };
  }
}

createRoot(document.getElementById('root')).render(
  <GraphiQL fetcher={fetcher} defaultQuery={defaultQuery}>
    <GraphiQL.Logo>imagraph</GraphiQL.Logo>
  </GraphiQL>,
);
