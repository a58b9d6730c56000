import { fileURLToPath } from 'node:url';

const src = (name) => fileURLToPath(new URL(`src/${name}`, import.meta.url));

// Parts of Monaco that a GraphQL and JSON editor never reaches, though modules it needs import them.
const unused = [
  'diff/linesDiffComputers',
  'diffEditor/diffEditorWidget',
  'multiDiffEditor/multiDiffEditorWidget',
  'inlayHints/browser/inlayHintsHover',
  'hintsWidget/inlineCompletionsHintsWidget',
  'colorPicker/browser/colorHoverParticipant',
];

// What is mended in GraphiQL's history: it keeps headers in local storage, whatever `shouldPersistHeaders` says, and a
// button is called otherwise than it shows (axe: label-content-name-mismatch).
const MENDED = {
  'context.js': ['headers: activeTab.headers ?? void 0,', ''],
  'components.js': ['handleHistoryItemClick, "aria-label": "Set active"', 'handleHistoryItemClick'],
};
const history = {
  name: 'mended-history',
  transform(code, id) {
    const mended = MENDED[/plugin-history\/dist\/(.*)$/.exec(id)?.[1]];
    if (!mended) return null;
    if (!code.includes(mended[0])) this.error(`${id} has changed`);
    return { code: code.replace(...mended), map: null };
  },
};

// The page formats by itself; the GraphQL worker needs no second Prettier.
const noPrettier = {
  name: 'no-prettier',
  enforce: 'pre',
  resolveId: (id) => (id.startsWith('prettier/') ? src('graphiql/unused.js') : null),
};

export default {
  plugins: [history],
  resolve: {
    alias: [
      { find: 'monaco-editor/esm/vs/editor/edcore.main.js', replacement: src('graphiql/monaco.js') },
      { find: new RegExp(`^.*/(${unused.join('|')})\\.js$`), replacement: src('graphiql/unused.js') },
      // Its tabs without framer-motion.
      { find: './components/tabs/index.js', replacement: src('graphiql/tabs.jsx') },
      // Formatting JSON with jsonc-parser, which GraphiQL has anyway, instead of Prettier's JavaScript.
      { find: /^prettier\/(parser-babel|plugins\/estree)$/, replacement: src('graphiql/json.js') },
      // The same module once more, as CommonJS.
      { find: 'prettier/parser-graphql', replacement: 'prettier/plugins/graphql' },
    ],
  },
  worker: {
    format: 'es',
    rolldownOptions: { output: { codeSplitting: false } },
    plugins: () => [noPrettier],
  },
  build: {
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 5000,
    rolldownOptions: {
      // "use client" means nothing here.
      checks: { moduleLevelDirective: false },
      // The libraries apart from the page, whose changes then leave their file as it is.
      output: {
        codeSplitting: { groups: [{ name: 'vendor', test: /node_modules\/(?!prettier)|rolldown\/runtime/ }] },
      },
    },
  },
  server: { proxy: { '/graphql': 'http://127.0.0.1:8080', '/preview': 'http://127.0.0.1:8080' } },
};
