// Links to share, and the API key, which no link has.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GATEWAY, open } from './browser.js';
import { panel, pictures, put, query, ready, result, run, stored, variables } from './graphiql.js';

const CAMERA = Buffer.from('jpeg/exif-camera-le.jpg').toString('base64url');
const QUERY = '# Größe & more?\nquery Shared($id: ID!) {\n  file(id: $id) { width }\n}\n';
const KEY = 'a key of the tests';

/** What the page asked of `/graphql`. */
function asked(page) {
  const all = [];
  page.on('request', (request) => new URL(request.url()).pathname === '/graphql' && all.push(request));
  return all;
}

const everythingStored = (page) =>
  page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href, document.cookie]));

test('a copied link opens the query with its variables, and runs nothing', async (t) => {
  const page = await open(t, { permissions: ['clipboard-read', 'clipboard-write'] });
  await ready(page);
  await put(page, QUERY, { id: CAMERA });
  await page.getByRole('button', { name: 'Copy link' }).click();
  await page.getByRole('status').getByText('Link copied').waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.ok(link.startsWith(`${GATEWAY}/#query=`), link);

  let requests;
  const before = (another) => (requests = asked(another));
  const another = await open(t, { path: link.slice(GATEWAY.length), before });
  await ready(another);
  assert.deepEqual([await query(another), await variables(another)], [QUERY, { id: CAMERA }]);
  assert.equal(await another.locator('[aria-current="true"]').innerText(), 'Shared');
  await another.waitForURL(`${GATEWAY}/`);
  const ran = requests.filter((request) => request.postData().includes('Shared'));
  assert.equal(ran.length, 0);
  await run(another);
  assert.equal((await result(another)).data.file.width, 320);
  await pictures(another, 1);
});

test('a link that is opened in a page that is open gets a tab there', async (t) => {
  const page = await open(t);
  await ready(page);
  const tabs = await page.locator('.graphiql-tab-button').count();
  const carried = new URLSearchParams({ query: QUERY, variables: '{"id": "x"}' });
  await page.evaluate((hash) => (location.hash = hash), String(carried));
  await page.locator('.graphiql-tab-button').nth(tabs).waitFor();
  assert.deepEqual([await query(page), await variables(page)], [QUERY, { id: 'x' }]);
});

test('headers are sent, and kept nowhere', async (t) => {
  const page = await open(t);
  await ready(page);
  const requests = asked(page);
  await page.evaluate(() => {
    const models = globalThis.__MONACO.editor.getModels();
    models.find(({ uri }) => uri.path.endsWith('request-headers.json')).setValue('{"X-Secret": "not to be kept"}');
  });
  await put(page, QUERY, { id: CAMERA });
  await run(page);
  assert.equal(await requests[0].headerValue('x-secret'), 'not to be kept');
  // Long enough for GraphiQL to have stored the tab; run again for its history.
  await stored(page, 'Shared');
  await put(page, `# again\n${QUERY}`, { id: CAMERA });
  await stored(page, 'again');
  await run(page);
  await page.waitForFunction(() => localStorage['graphiql:queries']?.includes('again'));
  assert.ok(!(await everythingStored(page)).includes('not to be kept'));
});

test('the key is asked for where it is needed, sent, and kept in session storage alone', async (t) => {
  const page = await open(t, { gateway: process.env.LOCKED, expected: /401/ });
  await page.getByRole('alert').getByText('This gateway asks for an API key.').waitFor();
  await page.getByLabel('API key').fill('a wrong key');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('The gateway does not know this key.').waitFor();
  await page.getByLabel('API key').fill('ключ');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('this one has others').waitFor();
  assert.equal(await page.evaluate(() => sessionStorage['imagraph:key']), 'a wrong key');
  await page.getByLabel('API key').fill(KEY);
  await page.keyboard.press('Enter');
  await ready(page);
  const requests = asked(page);
  await put(page, QUERY, { id: CAMERA });
  await run(page);
  await pictures(page, 1);
  assert.equal(await requests[0].headerValue('authorization'), `Bearer ${KEY}`);
  await stored(page, 'Shared');
  const [local, session, ...others] = JSON.parse(await everythingStored(page));
  assert.deepEqual(session, { 'imagraph:key': KEY });
  assert.ok(!JSON.stringify([local, ...others]).includes(KEY));
  await page.reload();
  await ready(page);
  await run(page);
  assert.equal((await result(page)).data.file.width, 320);
  await put(page, QUERY.replace('width', 'location { latitude }'), { id: CAMERA });
  await run(page);
  assert.match(await page.locator('.cost').innerText(), /withheld: LOCATION/);

  await page.getByRole('button', { name: 'API key set' }).click();
  await page.getByRole('button', { name: 'Forget key' }).click();
  await page.getByRole('alert').getByText('This gateway asks for an API key.').waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  await panel(page).waitFor();
});

test('a link survives a reload that comes at once', async (t) => {
  const carried = new URLSearchParams({ query: QUERY, variables: '{"id": "x"}' });
  const page = await open(t, { path: `/#${carried}` });
  for (const times of ['once', 'twice']) {
    await page.reload();
    await ready(page);
    assert.equal(await query(page), QUERY, times);
  }
  await page.waitForURL(`${GATEWAY}/`);
  await page.reload();
  await ready(page);
  assert.equal(await query(page), QUERY);
});
