const NAME = 'graphiql:tabState';

/**
 * What the tab has that a visitor left open, or null where there is none. GraphiQL keeps its tabs, but what it fills the
 * editors with only once that is edited: of tabs that it was given it would forget the variables.
 */
export function kept() {
  const { tabs, activeTabIndex } = stored();
  const tab = tabs?.[activeTabIndex];
  return tab ? { query: tab.query ?? '', variables: tab.variables ?? '' } : null;
}

/** Whether there is a tab with this query. */
export const isKept = (query) => Boolean(stored().tabs?.some((tab) => tab.query === query));

function stored() {
  try {
    return JSON.parse(localStorage.getItem(NAME)) ?? {};
  } catch {
    return {};
  }
}
