// A link carries query and variables behind `#`, which browsers send to no server: no log has them. It never
// carries headers or the key. What a link brings is shown and not run: a stranger's query may make the gateway
// fetch any address, with the rights of who opened it.

export function linkTo({ query, variables }) {
  const carried = new URLSearchParams({ query });
  if (variables?.trim()) carried.set('variables', variables);
  return `${location.origin}${location.pathname}#${carried}`;
}

/** What the address carries, once: it is then taken out of it, and a reload finds it in its tab. */
export function takeLinked() {
  const carried = new URLSearchParams(location.hash.slice(1));
  const query = carried.get('query');
  if (!query) return null;
  history.replaceState(null, '', location.pathname);
  return { query, variables: carried.get('variables') ?? '' };
}
