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

// A button of the history is called by what it shows, not over it (axe: label-content-name-mismatch).
const history = {
  name: 'history-labels',
  transform(code, id) {
    if (!id.endsWith('plugin-history/dist/components.js')) return null;
    const mended = code.replace('onClick: handleHistoryItemClick, "aria-label": "Set active"', 'onClick: handleHistoryItemClick');
    if (mended === code) this.error('the label of the history has changed');
    return { code: mended, map: null };
  },
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
    // The page formats by itself; the GraphQL worker needs no second Prettier.
    plugins: () => [
      { name: 'no-prettier', enforce: 'pre', resolveId: (id) => (id.startsWith('prettier/') ? src('graphiql/unused.js') : null) },
    ],
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
