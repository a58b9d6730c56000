import { isKept } from './kept.js';

// A link carries query and variables behind `#`, which browsers send to no server: no log has them. It never
// carries headers or the key. What a link brings is shown and not run: a stranger's query may make the gateway
// fetch any address, with the rights of who opened it.

export function linkTo({ query, variables }) {
  const carried = new URLSearchParams({ query });
  if (variables?.trim()) carried.set('variables', variables);
  return `${location.origin}${location.pathname}#${carried}`;
}

/** What the address carries. It is taken out of it once it is kept in a tab: a reload finds it here or there. */
export function takeLinked() {
  const { hash } = location;
  const carried = new URLSearchParams(hash.slice(1));
  const query = carried.get('query');
  if (!query) return null;
  const timer = setInterval(() => {
    if (!isKept(query)) return;
    clearInterval(timer);
    if (location.hash === hash) history.replaceState(null, '', location.pathname);
  }, 100);
  return { query, variables: carried.get('variables') ?? '' };
}
