// Narrow windows, short names, and colours that are the system's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open } from './browser.js';
import { openTab, panel, pictures, put, ready, run } from './graphiql.js';

const toPictures = (page) => page.getByRole('link', { name: /of the answer$/ });

for (const width of [320, 360, 700]) {
  test(`nothing sticks out of a window of ${width} pixels`, async (t) => {
    const page = await open(t, { width, height: 740 });
    await ready(page);
    const across = () => page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(await across(), width);
    for (const tab of ['Picture', 'Exif', 'Similarity', 'Live']) {
      await openTab(page, tab);
      await run(page);
      assert.equal(await across(), width, tab);
    }
    await page.getByRole('button', { name: 'Examples' }).click();
    assert.equal(await across(), width);
  });
}

test('in a narrow window a link is seen that leads to the pictures, how many there are', async (t) => {
  const page = await open(t, { width: 700, height: 740 });
  await ready(page);
  assert.equal(await toPictures(page).count(), 0);
  await openTab(page, 'Batch');
  await run(page);
  assert.equal(await toPictures(page).innerText(), '12 pictures of the answer ↓');
  const { y, height } = await toPictures(page).boundingBox();
  assert.deepEqual([y + height, await page.evaluate(() => scrollY)], [740, 0], 'without scrolling');
  assert.match((await page.getByRole('status').allInnerTexts()).join(), /12 pictures shown/);

  // By keyboard it is the next thing behind the answer, of which it hides nothing that has the focus.
  await page.getByLabel('Result Window').focus();
  const answer = await page.getByLabel('Result Window').boundingBox();
  assert.ok(answer.y + answer.height <= (await toPictures(page).boundingBox()).y);
  await page.keyboard.press('Tab');
  assert.ok(await toPictures(page).evaluate((link) => link.matches(':focus-visible')));
  await page.keyboard.press('Enter');
  await pictures(page, 1);
  assert.ok(await panel(page).evaluate((shown) => shown.matches(':focus')));
  await page.waitForFunction(() => document.querySelector('.tile').getBoundingClientRect().bottom < innerHeight);
  await page.setViewportSize({ width: 1280, height: 800 });
  assert.equal(await toPictures(page).isVisible(), false, 'beside the answer nothing leads there');
});

test('a tab with a short name is opened by its middle', async (t) => {
  const page = await open(t);
  await ready(page);
  await put(page, 'query A { files(first: 1) { edges { node { name } } } }');
  const tabs = page.locator('.graphiql-tab-button');
  await tabs.getByText('A', { exact: true }).waitFor();
  const before = await tabs.count();
  await openTab(page, 'Batch');
  await page.locator('.graphiql-tab').first().hover();
  const { x, y, width, height } = await page.locator('.graphiql-tab').first().boundingBox();
  await page.mouse.click(x + width / 2, y + height / 2);
  await page.locator('[aria-current="true"]').getByText('A', { exact: true }).waitFor();
  assert.equal(await tabs.count(), before);
});

for (const colorScheme of ['light', 'dark']) {
  test(`with the system's colours all that is told by colour is seen: ${colorScheme}`, async (t) => {
    const page = await open(t, { forcedColors: 'active', colorScheme });
    await ready(page);
    await run(page);
    const colours = (selector, ...names) =>
      page.locator(selector).first().evaluate((element, wanted) => wanted.map((name) => getComputedStyle(element)[name]), names);
    const [paper] = await colours('.graphiql-execute-button', 'backgroundColor');
    const [ink] = await colours('.graphiql-execute-button svg', 'color');
    assert.notEqual(ink, paper);
    const swatches = page.locator('.palette li');
    for (const at of [0, 1]) {
      const [red, green, blue] = (await swatches.nth(at).innerText()).match(/[0-9a-f]{2}/g).map((hex) => parseInt(hex, 16));
      const drawn = await swatches.nth(at).locator('.swatch').evaluate((swatch) => getComputedStyle(swatch).backgroundColor);
      assert.equal(drawn, `rgb(${red}, ${green}, ${blue})`);
    }
    const [active, other] = [
      await colours('.graphiql-tab-active .graphiql-tab-button', 'textDecorationLine'),
      await colours('.graphiql-tab:not(.graphiql-tab-active) .graphiql-tab-button', 'textDecorationLine'),
    ];
    assert.notDeepEqual(active, other);
  });
}

test('in a narrow window the open tab is in sight, and a link leads to where a file is chosen', async (t) => {
  const page = await open(t, { width: 360, height: 740 });
  await ready(page);
  await page.getByRole('button', { name: 'Examples' }).click();
  await page.locator('#examples').getByRole('button', { name: 'Upload' }).click();
  await page.getByRole('link', { name: 'The file for $file' }).waitFor();
  await page.waitForFunction(() => {
    const { left, right } = document.querySelector('.graphiql-tab-active').getBoundingClientRect();
    return left >= 0 && right <= innerWidth;
  });
});
