// What a visitor does in GraphiQL, and sees there.

/** Until the editors can be typed into. */
export async function ready(page) {
  await page.locator('.graphiql-query-editor .view-line').first().waitFor();
  await page.waitForFunction(() => globalThis.__MONACO?.editor.getModels().length >= 4);
}

/** Key by key. The editor closes what is opened; what is then left behind the end is taken away. */
export async function type(page, query) {
  await page.locator('.graphiql-query-editor .view-lines').first().click();
  await page.keyboard.press('Control+A');
  await page.keyboard.type(query);
  await page.keyboard.press('Shift+Control+End');
  await page.keyboard.press('Delete');
}

const textFor = (variables) => (typeof variables === 'string' ? variables : JSON.stringify(variables));

/** All at once; variables that are a text are put as they are. */
export async function put(page, query, variables = {}) {
  const values = { 'operation.graphql': query, 'variables.json': textFor(variables) };
  await page.evaluate((given) => {
    for (const model of globalThis.__MONACO.editor.getModels()) {
      const value = given[model.uri.path.split('-').at(-1)];
      if (value !== undefined) model.setValue(value);
    }
  }, values);
}

export function openTab(page, name) {
  return page.locator('.graphiql-tabs').getByRole('button', { name, exact: true }).click();
}

/** Runs what stands in the editor, and waits until all of its answer is there. */
export async function run(page) {
  const before = await page.locator('[data-run]').getAttribute('data-run');
  await page.getByRole('button', { name: 'Execute query' }).click();
  await ended(page, before);
}

export async function ended(page, before) {
  await page.locator(`[data-run]:not([data-run="${before}"]):not([data-state="running"])`).waitFor();
}

const textOf = (page, name) =>
  page.evaluate(
    (end) => globalThis.__MONACO.editor.getModels().find((model) => model.uri.path.endsWith(end)).getValue(),
    name,
  );

export const query = (page) => textOf(page, 'operation.graphql');
export const variables = async (page) => JSON.parse(await textOf(page, 'variables.json'));
export const result = async (page) => JSON.parse(await textOf(page, 'response.json'));

/** The part of the page with the pictures. */
export const panel = (page) => page.getByRole('region', { name: 'Pictures of the answer' });

/** Sizes of the pictures that are shown, once there are so many. */
export async function pictures(page, count) {
  const shown = panel(page).locator('.picture[data-state="shown"] img');
  await shown.nth(count - 1).waitFor();
  await page.waitForFunction(() => [...document.querySelectorAll('.picture img')].every((image) => image.naturalWidth));
  return shown.evaluateAll((images) =>
    images.map(({ src, alt, naturalWidth, naturalHeight }) => ({ src, alt, size: [naturalWidth, naturalHeight] })),
  );
}

/** Until GraphiQL, which stores each thing in its own time, has stored all of a tab with this text. */
export function stored(page, text) {
  return page.waitForFunction((wanted) => {
    const { tabs = [], activeTabIndex } = JSON.parse(localStorage['graphiql:tabState'] ?? '{}');
    const tab = tabs[activeTabIndex];
    const { 'graphiql:query': query, 'graphiql:variables': variables } = localStorage;
    return tab?.query?.includes(wanted) && tab.query === query && tab.variables === variables;
  }, text);
}
