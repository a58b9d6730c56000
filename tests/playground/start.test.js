// What a visitor finds at the start.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open } from './browser.js';
import { openTab, panel, pictures, put, query, ready, result, run, stored, variables } from './graphiql.js';

const tabs = (page) => page.locator('.graphiql-tab-button').allInnerTexts();

test('without a library the examples are about pictures of the web', async (t) => {
  const page = await open(t, { gateway: process.env.BARE });
  await ready(page);
  assert.deepEqual(await tabs(page), ['Picture', 'Exif', 'Batch', 'Similarity', 'Live']);
  assert.match(await query(page), /remote\(url: \$url\)/);
  assert.match((await variables(page)).url, /^https:/);
  const told = panel(page).getByText('imagraph serve --library FOLDER');
  await told.waitFor();
  // Nor can the web be reached from here.
  await run(page);
  await panel(page).locator('.errors').waitFor();
  await told.waitFor();
});

test('the first query is run by one press', async (t) => {
  const page = await open(t);
  await ready(page);
  await panel(page).getByRole('button', { name: 'Run the query' }).click();
  assert.match((await pictures(page, 1))[0].alt, /\.jpg$/);
});

test('who comes back finds the tabs that were left, and what was typed', async (t) => {
  const page = await open(t);
  await ready(page);
  await openTab(page, 'Batch');
  await put(page, 'query Mine {\n  files(first: 1) { edges { node { name } } }\n}\n');
  await stored(page, 'Mine');
  await page.reload();
  await ready(page);
  assert.deepEqual(await tabs(page), ['Picture', 'Exif', 'Mine', 'Similarity', 'Duplicates', 'Live', 'Library']);
  await run(page);
  assert.equal((await result(page)).data.files.edges.length, 1);
});

test('a reload keeps the variables of an example and of a link that nobody edited', async (t) => {
  const link = new URLSearchParams({ query: 'query Linked($n: Int!) { files(first: $n) { edges { node { name } } } }' });
  link.set('variables', '{"n": 1}');
  for (const path of ['/', `/#${link}`]) {
    const page = await open(t, { path });
    await ready(page);
    const before = [await query(page), await variables(page)];
    await page.waitForFunction(() => localStorage['graphiql:tabState']);
    await page.reload();
    await ready(page);
    assert.deepEqual([await query(page), await variables(page)], before);
    await run(page);
    assert.equal((await result(page)).errors, undefined, path);
    await pictures(page, 1);
  }
});

test('the examples are about files that are whole', async (t) => {
  let damaged;
  const before = (page) =>
    page.route('**/graphql', async (route) => {
      const request = route.request().postDataJSON();
      if (!request.query.includes('index image { pHash }')) return route.continue();
      damaged = request.variables.of[0].file;
      const response = await route.fetch();
      const body = (await response.text()).replace(/"index":0,"image":{"pHash":"\w+"}/, '"index":0,"image":{"pHash":null}');
      return route.fulfill({ response, body });
    });
  const page = await open(t, { before });
  await ready(page);
  assert.notEqual((await variables(page)).id, damaged);
  await openTab(page, 'Batch');
  const { of } = await variables(page);
  assert.deepEqual([of.length, of.some(({ file }) => file === damaged)], [11, false]);
  await openTab(page, 'Library');
  assert.equal((await variables(page)).under, 'jpeg');
});

test('of files that are not all decoded in time those come first that are known to be whole', async (t) => {
  const before = (page) =>
    page.route('**/graphql', (route) => {
      if (!route.request().postData().includes('index image { pHash }')) return route.continue();
      const body = 'event: next\ndata: {"data":{"images":{"index":1,"image":{"pHash":"00"}}}}\n\n';
      return route.fulfill({ headers: { 'content-type': 'text/event-stream' }, body });
    });
  const page = await open(t, { before });
  await ready(page);
  const first = (await variables(page)).id;
  await openTab(page, 'Batch');
  const { of } = await variables(page);
  assert.deepEqual([of.length, of[0].file], [12, first], 'what is known to be whole, and then the others');
  await openTab(page, 'Library');
  assert.equal((await variables(page)).under, null, 'none is known to be damaged');
});

test('a slow gateway has a page all the same', async (t) => {
  let answer;
  const answered = new Promise((done) => (answer = done));
  const before = (page) =>
    page.route('**/graphql', async (route) => {
      if (route.request().postData().includes('files(first: 100)')) await answered;
      await route.continue().catch(() => {});
    });
  const page = await open(t, { before });
  await ready(page);
  answer();
  assert.equal((await tabs(page))[0], 'Picture');
});

test('who asks for a file that is gone is told where others are named', async (t) => {
  const page = await open(t);
  await ready(page);
  await put(page, '{ file(id: "bm9uZS5qcGc") { width } }');
  await run(page);
  await panel(page).getByText('Those under “Examples” name what is served now.').waitFor();
});

test('the schema is spoken of only where it is missing', async (t) => {
  const page = await open(t, { expected: /400/ });
  await ready(page);
  await put(page, '{ files(first: 1) {');
  await run(page);
  await panel(page).getByText('This answer has no images.').waitFor();
  const before = (secret) =>
    secret.route('**/graphql', (route) => {
      if (!route.request().postData().includes('IntrospectionQuery')) return route.continue();
      const errors = [{ message: 'not of the manifest', extensions: { code: 'DOCUMENT_NOT_TRUSTED' } }];
      return route.fulfill({ json: { errors } });
    });
  const secret = await open(t, { before });
  await ready(secret);
  await run(secret);
  await panel(secret).getByText('which this gateway keeps to itself').waitFor();
});

test('where known documents alone are run they are sent as they stand', async (t) => {
  const page = await open(t, { expected: /403/ });
  await ready(page);
  const refusal = { errors: [{ message: 'not of the manifest', extensions: { code: 'DOCUMENT_NOT_TRUSTED' } }] };
  await page.route('**/graphql', (route) =>
    route.request().postData().includes('imagraph_') ? route.fulfill({ status: 403, json: refusal }) : route.continue(),
  );
  await put(page, '{ files(first: 1) { edges { node { id name } } } }');
  await run(page);
  assert.equal((await result(page)).data.files.edges.length, 1);
  await pictures(page, 1);
  const failing = '{ files(first: 1) { edges { node { id } } } file(id: "?") { width } }';
  await put(page, failing);
  await run(page);
  assert.deepEqual((await result(page)).errors[0].locations, [{ line: 1, column: failing.indexOf('file(') + 1 }]);
});

test('of a library without a picture that can be read that is said, and its files are listed', async (t) => {
  const page = await open(t, { gateway: process.env.UNREAD, expected: /4\d\d|5\d\d/ });
  await ready(page);
  await panel(page).getByText('The library has files, 1 in its first 100, but none').waitFor();
  assert.ok((await tabs(page)).includes('Library'));
});
