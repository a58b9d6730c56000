const NAME = 'graphiql:tabState';

/**
 * What the tab has that a visitor left open, or null where there is none. GraphiQL keeps its tabs, but what it fills the
 * editors with only once that is edited: of tabs that it was given it would forget the variables.
 */
export function kept() {
  try {
    const { tabs, activeTabIndex } = JSON.parse(localStorage.getItem(NAME));
    const { query, variables } = tabs[activeTabIndex];
    return { query: query ?? '', variables: variables ?? '' };
  } catch {
    return null;
  }
}
