// The pictures of the README: what a newcomer sees who runs its command, in the light and in the dark.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { open } from './browser.js';
import { pictures, ready, run, variables } from './graphiql.js';

const FIRST = 'jpeg/exif-camera-be.jpg';

for (const [colorScheme, name] of [
  ['light', 'playground.png'],
  ['dark', 'playground-dark.png'],
]) {
  test(name, async (t) => {
    const page = await open(t, { colorScheme, width: 1280, height: 800 });
    await ready(page);
    assert.deepEqual(await variables(page), { id: Buffer.from(FIRST).toString('base64url') });
    await run(page);
    await pictures(page, 1);
    await page.mouse.move(640, 20);
    const bytes = await page.screenshot({ path: join(process.env.TO, name) });
    assert.ok(bytes.length > 0);
  });
}
