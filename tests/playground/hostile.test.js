// Names, texts and answers that nobody should trust.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open } from './browser.js';
import { panel, pictures, put, ready, result, run } from './graphiql.js';

const HOSTILE = process.env.HOSTILE;
const idOf = (path) => Buffer.from(path).toString('base64url');
const [HTML, TURNED] = ['<img src=x onerror=alert(1)>.jpg', '\u202egpj.exe\u2066.jpg'];

async function opened(t, options) {
  const page = await open(t, options);
  page.on('dialog', () => assert.fail('a script of a stranger ran'));
  await ready(page);
  return page;
}

test('names and EXIF are text, and what would disorder it is seen', async (t) => {
  const page = await opened(t, { gateway: HOSTILE, height: 3000 });
  const of = [{ file: idOf(HTML) }, { file: idOf(TURNED) }];
  await put(page, 'query($of: [ImageInput!]!) { images(of: $of) { path text { caption } exif { raw } } }', { of });
  await run(page);
  assert.equal((await result(page)).data.images[0].path, HTML);
  await pictures(page, 2);
  const names = await panel(page).locator('h4').allInnerTexts();
  assert.deepEqual(names, [HTML, '\\u202egpj.exe\\u2066.jpg']);
  assert.match(await panel(page).innerText(), /<b>HTML<\/b>&amp;/);
  assert.equal(await panel(page).locator('b, img[src="x"]').count(), 0);
});

test('of much EXIF a part is shown, and how much more there is', async (t) => {
  const page = await opened(t);
  const tags = Array.from({ length: 100 }, (_, place) => `tag${place}: make`).join(' ');
  await put(page, `{ file(id: "${idOf('jpeg/exif-camera-le.jpg')}") { exif { image { ${tags} } } } }`);
  await run(page);
  const rows = panel(page).locator('table tr');
  assert.equal(await rows.count(), 41);
  assert.equal(await rows.last().innerText(), '60 more in the result');
});

test('of a hundred pictures those are fetched that come into sight, few at once', async (t) => {
  let [now, most, all] = [0, 0, 0];
  const before = (page) => {
    const preview = (request) => request.url().includes('/preview/');
    page.on('request', (request) => preview(request) && (all++, (most = Math.max(most, ++now))));
    page.on('requestfinished', (request) => preview(request) && now--);
  };
  const page = await opened(t, { gateway: HOSTILE, before });
  await put(page, '{ files(first: 100) { edges { node { name } } } }');
  await run(page);
  const tiles = panel(page).locator('.tile');
  assert.equal(await tiles.count(), 100);
  await pictures(page, 12);
  assert.ok(all < 60, `${all} were fetched at once`);
  await tiles.last().scrollIntoViewIfNeeded();
  await tiles.last().locator('img').waitFor();
  assert.ok(most <= 4, `${most} at the same time`);
  assert.ok(all <= 100);
});

test('images that cannot be had are told beside those that can', async (t) => {
  const page = await opened(t);
  const of = [{ file: idOf('jpeg/700x500.jpg') }, { file: idOf('none.jpg') }, { file: '?' }];
  await put(page, 'query($of: [ImageInput!]!) { images(of: $of) { width } }', { of });
  await run(page);
  assert.equal((await pictures(page, 1)).length, 1);
  const errors = await panel(page).locator('.errors li').allInnerTexts();
  assert.match(errors.join('\n'), /NOT_FOUND\s*images\.1[^]*BAD_ID\s*images\.2/);
});

test('a picture without a preview says why', async (t) => {
  const page = await opened(t, { expected: /422/ });
  const json = { errors: [{ message: 'it is damaged' }] };
  await page.route('**/preview/*', (route) => route.fulfill({ status: 422, json }));
  await run(page);
  await panel(page).getByText('No preview: it is damaged').waitFor();
});

test('of a format that cannot be drawn a tile says that, and all of it is seen', async (t) => {
  const page = await opened(t, { gateway: HOSTILE, expected: /422/ });
  const of = ['000.jpg', 'pixels.svg', '001.jpg'].map((path) => ({ file: idOf(path) }));
  await put(page, 'query($of: [ImageInput!]!) { images(of: $of) { width } }', { of });
  await run(page);
  await pictures(page, 2);
  const told = panel(page).locator('.tile .no-picture');
  assert.equal(await told.innerText(), 'No preview: drawing it is not supported for this format');
  assert.ok(await told.evaluate(({ scrollHeight, clientHeight }) => scrollHeight <= clientHeight));
});

test('answers that are none end in an error that is shown', async (t) => {
  const page = await opened(t, { expected: /502|ERR_FAILED/ });
  for (const [answer, message] of [
    [{ status: 502, body: '<h1>Bad Gateway</h1>' }, '502 Bad Gateway: <h1>Bad Gateway</h1>'],
    [{ status: 200, body: '7' }, '200 OK: 7'],
    [null, 'The gateway did not answer: Failed to fetch'],
  ]) {
    await page.route('**/graphql', (route) => (answer ? route.fulfill(answer) : route.abort()));
    await run(page);
    assert.equal((await result(page)).errors[0].message, message);
    assert.ok((await panel(page).locator('.errors').innerText()).includes(message));
    await page.unroute('**/graphql');
  }
  await run(page);
  await pictures(page, 1);
});

test('over the URL of a picture in the result nothing is loaded', async (t) => {
  const page = await opened(t);
  await page.evaluate(() => {
    const models = globalThis.__MONACO.editor.getModels();
    const response = models.find(({ uri }) => uri.path.endsWith('response.json'));
    response.setValue('{ "url": "https://elsewhere.example/a-picture-of-somebody.jpg" }');
  });
  const url = page.locator('.graphiql-response .view-line span').getByText('elsewhere').last();
  await url.waitFor();
  // The hover waits for its time, which this one passes.
  await page.clock.install();
  await url.hover();
  await page.clock.runFor(5_000);
  assert.equal(await page.locator('img[src*="elsewhere"]').count(), 0);
});
