// Subscriptions.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open } from './browser.js';
import { openTab, panel, pictures, put, ready, result, run } from './graphiql.js';

const LIVE = `subscription($of: [ImageInput!]!) {
  images(of: $of) { done total index image { name } error { code } }
}`;
const one = { file: Buffer.from('jpeg/700x500.jpg').toString('base64url') };
const none = { file: Buffer.from('none.jpg').toString('base64url') };

test('a subscription shows each image as it comes, and how far it is', async (t) => {
  const page = await open(t);
  await ready(page);
  await openTab(page, 'Live');
  await run(page);
  assert.match(await panel(page).locator('.progress').innerText(), /12 of 12, complete/);
  assert.equal((await result(page)).data.images.done, 12);
  assert.ok((await pictures(page, 9)).length > 0);
  assert.equal(await panel(page).locator('.tile').count(), 12);
});

test('an image that cannot be had is told with its place, and the others are shown', async (t) => {
  const page = await open(t);
  await ready(page);
  await put(page, LIVE, { of: [one, none] });
  await run(page);
  assert.match(await panel(page).locator('.errors').innerText(), /NOT_FOUND\s*1/);
  await pictures(page, 1);
});

test('it can be stopped while it waits', async (t) => {
  const page = await open(t);
  await ready(page);
  await put(page, LIVE, { of: [one, { url: process.env.SILENT }] });
  await page.getByRole('button', { name: 'Execute query' }).click();
  await panel(page).getByText('1 of 2').waitFor();
  await pictures(page, 1);
  await page.getByRole('button', { name: 'Stop query' }).click();
  await panel(page).getByText('1 of 2, stopped').waitFor();
  await page.getByRole('button', { name: 'Execute query' }).waitFor();
  assert.equal((await result(page)).data.images.done, 1);

  // Nothing of this is told of the next one.
  await put(page, LIVE, { of: [{ url: process.env.SILENT }] });
  await page.getByRole('button', { name: 'Execute query' }).click();
  await page.locator('.cost').getByText('Asking …').waitFor();
  assert.equal(await panel(page).locator('.progress').count(), 0);
  await page.getByRole('button', { name: 'Stop query' }).click();
  await panel(page).getByText('Stopped before there was an image.').waitFor();
});

test('a field that cannot be had is told with the place of its image', async (t) => {
  const page = await open(t);
  await ready(page);
  const query = 'subscription Live($of: [ImageInput!]!) { images(of: $of) { index image { blurHash(x: 99) } } }';
  await put(page, query, { of: [one, one] });
  await run(page);
  assert.match(await panel(page).locator('.errors').innerText(), /1\.images\.image\.blurHash/);
});

test('whether a mutation that was stopped has stored anything is not known', async (t) => {
  const page = await open(t);
  await ready(page);
  await page.route('**/graphql', () => {});
  await put(page, 'mutation { __typename }');
  await page.getByRole('button', { name: 'Execute query' }).click();
  await page.locator('.cost').getByText('Asking …').waitFor();
  await page.getByRole('button', { name: 'Stop query' }).click();
  await panel(page).getByText('whether it was stored is not known').waitFor();
});
