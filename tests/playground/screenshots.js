// The pictures of the README: a query with its picture in the light, two that look alike in the dark.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { open } from './browser.js';
import { openTab, pictures, ready, run } from './graphiql.js';

for (const [colorScheme, tab, name] of [
  ['light', 'Picture', 'playground.png'],
  ['dark', 'Similarity', 'playground-dark.png'],
]) {
  test(name, async (t) => {
    const page = await open(t, { colorScheme, width: 1160, height: 700 });
    await ready(page);
    await openTab(page, tab);
    await run(page);
    await pictures(page, 1);
    await page.mouse.move(640, 20);
    const bytes = await page.screenshot({ path: join(process.env.TO, name) });
    assert.ok(bytes.length > 0);
  });
}
