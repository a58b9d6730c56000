// Whoever cannot use a pointer, see well, or see at all.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { open } from './browser.js';
import { ended, openTab, panel, pictures, ready, result, run } from './graphiql.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WINDOWS = [
  { width: 1280, height: 800 },
  { width: 320, height: 640 },
];

/** All rules of axe, none left out, over all of the page. */
async function assertAccessible(page, what) {
  await page.evaluate(AXE);
  const violations = await page.evaluate(async () => {
    const { violations: found } = await globalThis.axe.run(document);
    return found.map(({ id, nodes: [{ target, failureSummary }] }) => `${id}: ${target} ${failureSummary}`);
  });
  assert.deepEqual({ what, violations }, { what, violations: [] });
}

for (const colorScheme of ['light', 'dark']) {
  for (const size of WINDOWS) {
    test(`axe finds nothing: ${colorScheme}, ${size.width} pixels wide`, async (t) => {
      const page = await open(t, { ...size, colorScheme });
      await ready(page);
      await assertAccessible(page, 'at the start');
      for (const tab of ['Picture', 'Exif', 'Similarity', 'Live']) {
        await openTab(page, tab);
        await run(page);
        await panel(page).scrollIntoViewIfNeeded();
        await pictures(page, 1);
        await assertAccessible(page, tab);
      }
      await panel(page).locator('.tile').first().click();
      await panel(page).locator('.sheet .card img').waitFor();
      await assertAccessible(page, 'an open picture');
      for (const name of ['Examples', 'API key']) {
        await page.getByRole('button', { name, exact: true }).click();
        await assertAccessible(page, name);
        await page.keyboard.press('Escape');
      }
      await page.getByRole('button', { name: 'Examples' }).click();
      await page.locator('#examples').getByRole('button', { name: 'Upload' }).click();
      await page.getByLabel('File for $file').waitFor();
      await assertAccessible(page, 'Upload');
      const wider = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      assert.equal(wider, false, 'nothing sticks out');
    });
  }

  test(`axe finds nothing in what GraphiQL opens: ${colorScheme}`, async (t) => {
    const page = await open(t, { colorScheme });
    await ready(page);
    await run(page);
    for (const name of ['Show Documentation Explorer', 'Show History']) {
      await page.getByRole('button', { name }).click();
      await page.locator('.graphiql-plugin').locator('> *').first().waitFor();
      await assertAccessible(page, name);
    }
    for (const name of ['Open short keys dialog', 'Open settings dialog']) {
      await page.getByRole('button', { name }).click();
      await page.getByRole('dialog').waitFor();
      await assertAccessible(page, name);
      await page.keyboard.press('Escape');
    }
  });
}

for (const [colorScheme, chosen, paper] of [
  ['dark', 'Light', 'rgb(255, 255, 255)'],
  ['light', 'Dark', 'rgb(33, 42, 59)'],
]) {
  test(`all of the page has the theme that is chosen: ${chosen}`, async (t) => {
    const page = await open(t, { colorScheme });
    await ready(page);
    await run(page);
    await page.getByRole('button', { name: 'Open settings dialog' }).click();
    await page.getByRole('dialog').getByRole('button', { name: chosen, exact: true }).click();
    await page.keyboard.press('Escape');
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), paper);
    await pictures(page, 1);
    await assertAccessible(page, chosen);
  });
}

test('axe finds nothing where a key is asked for', async (t) => {
  const page = await open(t, { gateway: process.env.LOCKED, expected: /401/ });
  await page.getByLabel('API key').waitFor();
  await assertAccessible(page, 'asked');
  await page.getByLabel('API key').fill('ключ');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('this one has others').waitFor();
  await assertAccessible(page, 'refused');
});

/** What the focus is on, and whether that can be seen. */
const focus = (page) =>
  page.evaluate(() => {
    const on = document.activeElement;
    const seen = (element) => element.matches(':focus-visible') && getComputedStyle(element).outlineStyle !== 'none';
    const name = on.getAttribute('aria-label') ?? on.innerText.trim();
    return { name, seen: seen(on), editor: on.matches('.graphiql-editor') };
  });

async function tabTo(page, wanted) {
  const passed = [];
  while (passed.length < 60) {
    await page.keyboard.press('Tab');
    const at = await focus(page);
    assert.ok(at.seen, `no focus is seen: ${JSON.stringify(at)}`);
    passed.push(at.name);
    if (wanted(at)) return passed;
  }
  throw new Error(`never reached: ${passed}`);
}

test('a query is run and its pictures are opened by keyboard alone', async (t) => {
  const page = await open(t);
  await ready(page);
  const passed = await tabTo(page, ({ editor }) => editor);
  assert.deepEqual(passed.slice(0, 4), ['Examples', 'Copy link', 'API key', 'Show Documentation Explorer']);
  assert.ok(passed.indexOf('Picture') < passed.indexOf('Batch'), passed);
  // Into the editor, and out of it again.
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  const inside = () => page.evaluate(() => document.activeElement.matches('.graphiql-editor *'));
  assert.ok(await inside());
  await page.keyboard.press('Escape');
  assert.ok(!(await inside()));
  await page.keyboard.press('Shift+Tab');
  await tabTo(page, ({ editor }) => editor);

  await page.keyboard.press('Shift+Tab');
  await openTab(page, 'Batch');
  await page.locator('.graphiql-query-editor .graphiql-editor').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Control+Enter');
  await ended(page, 0);
  assert.equal((await result(page)).data.images.length, 12);
  await page.keyboard.press('Escape');
  await tabTo(page, ({ name }) => name === 'Width of the pictures');
  const width = async () => Number(await page.getByRole('separator').getAttribute('aria-valuenow'));
  const before = await width();
  await page.keyboard.press('ArrowLeft');
  assert.equal(await width(), before + 24);
  await tabTo(page, ({ name }) => name.endsWith('.jpg'));
  await page.keyboard.press('Enter');
  assert.equal(await panel(page).locator('[aria-expanded="true"]').count(), 1);
});

test('what happens is said', async (t) => {
  const page = await open(t, { permissions: ['clipboard-write'] });
  await ready(page);
  const said = () => page.getByRole('status').allInnerTexts();
  await page.getByRole('button', { name: 'Copy link' }).click();
  await page.getByRole('status').getByText('Link copied').waitFor();
  await run(page);
  assert.ok((await said()).some((text) => /1 image/.test(text)));
});
