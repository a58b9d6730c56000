// What a first visit sends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open } from './browser.js';
import { ready, run } from './graphiql.js';

/** Bytes of bodies, compressed, that the page and its assets have together: playground/README.md says it. */
const BOUND = 1_275_000;
/** What comes last: the editor's font, and the worker that knows GraphQL. */
const LAST = ['codicon', 'graphql.worker', 'json.worker'];

/** What came over the wire but for answers. `sent` is 0 where it was in the cache. */
const received = (page) =>
  page.evaluate(() => {
    const entries = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
    const files = entries.filter(({ name }) => /\/(assets\/.*)?$/.test(new URL(name).pathname));
    return files.map((entry) => ({
      path: new URL(entry.name).pathname,
      sent: entry.transferSize && entry.encodedBodySize,
      unpacked: entry.decodedBodySize,
    }));
  });

async function complete(page) {
  await ready(page);
  await run(page);
  await page.waitForFunction(
    (last) => last.every((name) => performance.getEntriesByType('resource').some((entry) => entry.name.includes(name))),
    LAST,
  );
  return (await received(page)).filter(({ sent }) => sent > 0);
}

test('the page is as light as it says, and is sent once', async (t) => {
  const page = await open(t);
  const files = await complete(page);
  const total = files.reduce((sum, { sent }) => sum + sent, 0);
  for (const { path, sent } of files) t.diagnostic(`${sent} bytes: ${path}`);
  t.diagnostic(`${total} bytes in ${files.length} files`);
  assert.equal(new Set(files.map(({ path }) => path)).size, files.length, 'each once');
  assert.ok(files.every(({ sent, unpacked }) => sent < unpacked), 'compressed');
  assert.ok(total > 1_000_000 && total < BOUND, `${total} bytes`);

  // Again the page itself alone is asked for.
  await page.reload();
  assert.deepEqual((await complete(page)).map(({ path }) => path), ['/']);
});
