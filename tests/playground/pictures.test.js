// Queries, and the pictures of their answers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open } from './browser.js';
import { openTab, panel, pictures, put, query, ready, result, run, type, variables } from './graphiql.js';

const CAMERA = Buffer.from('jpeg/exif-camera-le.jpg').toString('base64url');
const SIDEWAYS = Buffer.from('jpeg/700x500-orientation-6.jpg').toString('base64url');

test('what is typed is run, and its picture is shown upright and small', async (t) => {
  const page = await open(t);
  await ready(page);
  await type(page, `{ file(id: "${SIDEWAYS}") { width height palette { color share } thumbHash blurHash lqip } }`);
  await run(page);
  const { data, extensions } = await result(page);
  assert.deepEqual(Object.keys(data.file), ['width', 'height', 'palette', 'thumbHash', 'blurHash', 'lqip']);
  const [picture] = await pictures(page, 1);
  assert.ok(picture.src.startsWith('blob:'), picture.src);
  assert.equal(picture.alt, 'jpeg/700x500-orientation-6.jpg');
  assert.deepEqual([[data.file.width, data.file.height], picture.size], [[700, 500], [343, 480]]);
  const shown = panel(page);
  assert.equal(await shown.locator('.palette li').count(), data.file.palette.length);
  assert.ok((await shown.locator('.palette').innerText()).includes(data.file.palette[0].color));
  assert.equal(await shown.locator('.placeholders figure').count(), 3);
  assert.deepEqual(await shown.locator('canvas').evaluateAll(colourful), [true, true]);
  assert.equal(extensions.cost.images, 1);
  assert.match(await page.locator('.cost').innerText(), /^1 image · .*\d+ ms$/);
});

const colourful = (canvases) =>
  canvases.map((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return new Set(data).size > 16;
  });

test('every example works for what is served', async (t) => {
  const page = await open(t);
  await ready(page);
  const tabs = await page.locator('.graphiql-tab-button').allInnerTexts();
  assert.deepEqual(tabs, ['Picture', 'Exif', 'Batch', 'Similarity', 'Duplicates', 'Live', 'Library']);
  for (const tab of tabs) {
    await openTab(page, tab);
    await run(page);
    assert.equal((await result(page)).errors, undefined, tab);
    assert.ok((await pictures(page, 1)).length > 0, tab);
  }
  // What was run in a tab is there when one comes back.
  await openTab(page, 'Batch');
  assert.equal(await panel(page).locator('.tile').count(), 12);
  await openTab(page, 'Exif');
  assert.match(await panel(page).innerText(), /EXIF: gps/);
});

test('facts, the place and EXIF by group, under whatever names they were asked for', async (t) => {
  const page = await open(t);
  await ready(page);
  await put(
    page,
    `query($id: ID!) { mine: node(id: $id) { ...on Image { ...F imagraph_id: width place: location { lat: latitude longitude } } } }
     fragment F on Image { bytes: size camera { model } e: exif { image { brand: make } exif { raw } gps { raw } } }`,
    { id: CAMERA },
  );
  await run(page);
  const { mine } = (await result(page)).data;
  assert.deepEqual(Object.keys(mine).sort(), ['bytes', 'camera', 'e', 'imagraph_id', 'place']);
  await pictures(page, 1);
  const facts = await panel(page).locator('.facts').innerText();
  const bytes = mine.bytes.toLocaleString('en');
  assert.match(facts, new RegExp(`bytes\\s+${bytes} bytes\\s+camera.model\\s+Procedural One`));
  assert.match(facts, /imagraph_id\s+320/);
  assert.match(await panel(page).locator('.place').innerText(), /^\d+\.\d{5}° [NS], \d+\.\d{5}° [EW]/);
  const groups = await panel(page).locator('table caption').allInnerTexts();
  assert.deepEqual(groups, ['EXIF: image', 'EXIF: exif', 'EXIF: gps']);
  const rows = await panel(page).locator('table').first().locator('tr').allInnerTexts();
  assert.deepEqual(rows, ['brand\timagraph cameras']);
});

test('two pictures beside each other, and the bits in which they differ', async (t) => {
  const page = await open(t);
  await ready(page);
  await openTab(page, 'Similarity');
  await run(page);
  const { data } = await result(page);
  assert.deepEqual(Object.keys(data.file.similarity), ['distance', 'score', 'isDuplicate']);
  assert.equal((await pictures(page, 2)).length, 2);
  const grids = panel(page).locator('.hash svg');
  assert.equal(await grids.count(), 2);
  for (const place of [0, 1]) {
    assert.equal(await grids.nth(place).locator('[data-differs]').count(), data.file.similarity.distance);
  }
  // Whatever is asked of the other picture.
  const asked = await query(page);
  await put(page, asked.replace('distance', 'with { path } distance'), await variables(page));
  await run(page);
  const [, other] = await pictures(page, 2);
  assert.equal(other.alt, (await result(page)).data.file.similarity.with.path);
  assert.equal(await grids.nth(1).locator('[data-differs]').count(), data.file.similarity.distance);
  // With a hash alone there is one picture.
  await put(page, `{ file(id: "${CAMERA}") { pHash similarity(to: { pHash: "00ff00ff00ff00ff" }) { distance } } }`);
  await run(page);
  assert.equal((await pictures(page, 1)).length, 1);
  assert.match(await grids.nth(1).getAttribute('aria-label'), /^pHash 00ff00ff00ff00ff, \d+ of 64 bits differ/);
});

test('many pictures are a contact sheet, of which one opens', async (t) => {
  const page = await open(t);
  await ready(page);
  await openTab(page, 'Duplicates');
  await run(page);
  const { edges } = (await result(page)).data.duplicateGroups;
  assert.match(await panel(page).locator('.group').first().innerText(), new RegExp(`^${edges[0].node.count} that`));
  const tile = panel(page).locator('.tile').first();
  assert.match(await tile.innerText(), /original.jpg\s+best/);
  await tile.click();
  assert.equal(await tile.getAttribute('aria-expanded'), 'true');
  await panel(page).getByRole('article', { name: 'similar/original.jpg' }).locator('img').waitFor();
  const to = { file: Buffer.from(edges[0].node.best.path).toString('base64url') };
  const similar = 'similar(to: $to, within: 64, first: 3) { edges { similarity { distance } node { name } } }';
  await put(page, `query($to: SimilarityTarget!) { ${similar} }`, { to });
  await run(page);
  const notes = await panel(page).locator('.tile .note').allInnerTexts();
  const distances = (await result(page)).data.similar.edges.map(({ similarity }) => `${similarity.distance} bits`);
  assert.deepEqual(notes, distances);
});

test('a preview waits where the rate is used up', async (t) => {
  const page = await open(t, { expected: /429/ });
  await ready(page);
  const refusal = { status: 429, headers: { 'retry-after': '1' }, json: { errors: [{ message: 'too many' }] } };
  await page.route('**/preview/*', (route) => route.fulfill(refusal), { times: 3 });
  await put(page, '{ files(first: 4) { edges { node { name } } } }');
  await run(page);
  assert.equal((await pictures(page, 4)).length, 4);
});

test('errors of what the page adds are not told', async (t) => {
  const page = await open(t);
  await ready(page);
  const error = (...path) => ({ message: 'pHash is not supported for this format', path, locations: [] });
  const errors = [error('file', 'imagraph_hash'), error('file', 'similarity')];
  const answers = [
    [{ data: { file: { width: 85, similarity: null, imagraph_hash: null } }, errors }, [errors[1]]],
    [{ data: { file: { width: 85, similarity: null, imagraph_hash: null } }, errors: [errors[0]] }, undefined],
  ];
  for (const [json, told] of answers) {
    await page.route('**/graphql', (route) => route.fulfill({ json }), { times: 1 });
    await put(page, `{ file(id: "x") { width similarity(to: { file: "${CAMERA}" }) { distance } } }`);
    await run(page);
    assert.deepEqual((await result(page)).errors, told);
    assert.equal(await panel(page).locator('.errors li').count(), told?.length ?? 0);
  }
});

test('images without an id are told without a picture', async (t) => {
  const page = await open(t, { expected: /400/ });
  await ready(page);
  // As many aliases as a document may have: with an id for each it is refused.
  const similarity = 'similarity(to: { pHash: "0000000000000000" }) { distance }';
  const aliases = Array.from({ length: 120 }, (_, place) => `a${place}: file(id: "${CAMERA}") { ${similarity} }`);
  await put(page, `{ ${aliases.join(' ')} }`);
  await run(page);
  const { data } = await result(page);
  assert.equal(Object.keys(data).length, 120);
  assert.equal(await panel(page).locator('.verdict').count(), 120);
  assert.match(await panel(page).innerText(), new RegExp(`${data.a0.similarity.distance} of 64 bits differ`));
  await put(page, `{ ${aliases.join(' ')} files(first: 3) { edges { node { width } } } }`);
  await run(page);
  assert.match(await panel(page).locator('.tile').first().innerText(), /No preview: the answer has no id/);
});

test('an error is where the document as it was written has it', async (t) => {
  const page = await open(t, { expected: /400/ });
  await ready(page);
  await put(page, `{ a: file(id: "${CAMERA}") { width } b: file(id: "${CAMERA}") { wrong } }`);
  await run(page);
  const { errors } = await result(page);
  assert.deepEqual(errors[0].locations, [{ line: 1, column: (await query(page)).indexOf('wrong') + 1 }]);
});

test('an example opens in a tab of its own', async (t) => {
  const page = await open(t);
  await ready(page);
  await page.getByRole('button', { name: 'Examples' }).click();
  await page.locator('#examples').getByRole('button', { name: 'Batch' }).click();
  assert.equal(await page.locator('.graphiql-tab-button').count(), 8);
  assert.match(await query(page), /query Batch/);
  assert.equal((await variables(page)).of.length, 12);
  await run(page);
  assert.equal((await result(page)).data.images.length, 12);
});
