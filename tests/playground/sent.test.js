// What is sent to the gateway, and what is not.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { open } from './browser.js';
import { panel, pictures, put, query, ready, result, run } from './graphiql.js';

const CAMERA = Buffer.from('jpeg/exif-camera-le.jpg').toString('base64url');
const QUERY = 'query ($id: ID!) { file(id: $id) { width } }';

test('of variables that are no JSON the panel says so, and shows nothing of the run before', async (t) => {
  const page = await open(t);
  await ready(page);
  await put(page, QUERY, { id: CAMERA });
  await run(page);
  await pictures(page, 1);
  for (const times of ['once', 'again']) {
    await put(page, QUERY, '{ "id": ');
    await run(page);
    assert.match(await panel(page).locator('.errors').innerText(), /^Request not sent. Variables are invalid JSON/, times);
    assert.equal(await panel(page).locator('.picture').count(), 0, times);
    assert.equal(await page.locator('.cost').innerText(), 'Nothing was sent.');
  }
  await put(page, QUERY, { id: CAMERA });
  await run(page);
  await pictures(page, 1);
  assert.equal(await panel(page).locator('.errors').count(), 0);
});

const upload = async (page) => {
  await page.getByRole('button', { name: 'Examples' }).click();
  await page.locator('#examples').getByRole('button', { name: 'Upload' }).click();
  return page.getByLabel('File for $file');
};

test('a file is added to the library, and shown', async (t) => {
  const page = await open(t);
  await ready(page);
  assert.equal(await page.getByLabel('File for $file').count(), 0);
  const chooser = await upload(page);
  await run(page);
  assert.deepEqual((await result(page)).errors.map(({ message }) => message), [
    'Nothing was sent: choose a file first, above the pictures.',
  ]);
  await chooser.setInputFiles('../images/png/rgb.png');
  await put(page, await query(page), { folder: 'added' });
  await run(page);
  const { path, width } = (await result(page)).data.upload;
  assert.match(path, /^added\/rgb_.*\.png$/);
  assert.equal(width, 72);
  assert.deepEqual((await pictures(page, 1))[0].size, [72, 54]);

  await chooser.setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
  await run(page);
  assert.match(await panel(page).locator('.errors').innerText(), /NOT_AN_IMAGE/);
});

test('a file that was chosen is forgotten with what asked for it', async (t) => {
  const page = await open(t, { expected: /400/ });
  await ready(page);
  await (await upload(page)).setInputFiles('../images/png/rgb.png');
  const mutation = await query(page);
  await put(page, '{ files(first: 1) { edges { node { name } } } }');
  await page.getByLabel('File for $file').waitFor({ state: 'detached' });
  await put(page, mutation);
  await page.getByLabel('File for $file').waitFor();
  await run(page);
  assert.match(await panel(page).locator('.errors').innerText(), /choose a file first/);
});

test('a file that was chosen stays while the document is edited, and is asked for where it is gone', async (t) => {
  const page = await open(t, { expected: /400/ });
  await ready(page);
  await (await upload(page)).setInputFiles('../images/png/rgb.png');
  const mutation = await query(page);
  const bare = mutation.trimEnd().slice(0, -1);
  await put(page, bare, { folder: null });
  await run(page);
  await put(page, mutation, { folder: null });
  await run(page);
  assert.equal((await result(page)).data.upload.width, 72);

  const folder = await mkdtemp(join(tmpdir(), 'imagraph-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'gone.png'), 'x');
  await page.getByLabel('File for $file').setInputFiles(join(folder, 'gone.png'));
  await rm(join(folder, 'gone.png'));
  await run(page);
  assert.match(await panel(page).locator('.errors').innerText(), /Nothing was sent: the file for \$file cannot be read/);
});

test('of a header that cannot be sent that is said', async (t) => {
  const page = await open(t);
  await ready(page);
  await page.evaluate(() => {
    const models = globalThis.__MONACO.editor.getModels();
    models.find(({ uri }) => uri.path.endsWith('request-headers.json')).setValue('{"x y": "z"}');
  });
  await run(page);
  assert.match(await panel(page).locator('.errors').innerText(), /Nothing was sent: the header "x y" is none/);
});

test('each run asks for its pictures anew: a file may have changed', async (t) => {
  const page = await open(t);
  await ready(page);
  let asked = 0;
  page.on('request', (request) => (asked += request.url().includes('/preview/') ? 1 : 0));
  await put(page, QUERY, { id: CAMERA });
  for (const times of [1, 2]) {
    await run(page);
    await page.waitForFunction(() => document.querySelector('.picture img')?.naturalWidth > 0);
    assert.equal(asked, times);
  }
});
