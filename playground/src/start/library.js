import { askOnce } from '../gateway/ask.js';

/** Formats whose pictures are most likely photographs, and have EXIF. */
const PHOTO = /\.(jpe?g|heic|avif|webp)$/i;
/** Headers read to find pictures for the examples. */
const LOOKED_AT = 32;
/** Milliseconds that a page waits for a library before it opens without one. */
const PATIENCE = 4000;

const FACTS = 'id width camera { model } captured { tag } location { latitude } exposure { time }';

/**
 * What is served: `images` for the examples, those with the most EXIF first; two that look the same, where an
 * index knows such (`duplicates`); whether the gateway wants a key first (`refused`).
 */
export async function library() {
  const signal = AbortSignal.timeout(PATIENCE);
  const listed = await askOnce({ query: '{ files(first: 100) { edges { node { id name } } } }' }, { signal });
  const refused = listed?.errors?.[0]?.extensions?.code === 'UNAUTHENTICATED';
  const nodes = (listed?.data?.files?.edges ?? []).map(({ node }) => node).filter(Boolean);
  if (nodes.length === 0) return { refused, images: [], duplicates: [] };
  const [images, duplicates] = await Promise.all([lookedAt(chosen(nodes), signal), alike(signal)]);
  return { refused, images, duplicates };
}

function chosen(nodes) {
  const photos = nodes.filter(({ name }) => PHOTO.test(name ?? ''));
  const from = photos.length > 1 ? photos : nodes;
  const step = Math.max(1, from.length / LOOKED_AT);
  return Array.from({ length: Math.min(LOOKED_AT, from.length) }, (_, place) => from[Math.floor(place * step)].id);
}

async function lookedAt(ids, signal) {
  const query = `query ($of: [ImageInput!]!) { images(of: $of) { ${FACTS} } }`;
  const variables = { of: ids.map((file) => ({ file })) };
  const answer = await askOnce({ query, variables }, { signal });
  const images = (answer?.data?.images ?? []).filter((image) => image?.width);
  return images.sort((a, b) => stated(b) - stated(a) || b.width - a.width).map(({ id }) => id);
}

function stated({ camera, captured, location, exposure }) {
  return [camera, captured, location, exposure].filter(Boolean).length;
}

async function alike(signal) {
  const query = '{ duplicateGroups(first: 1) { edges { node { images(first: 2) { id } } } } }';
  const answer = await askOnce({ query }, { signal });
  const images = answer?.data?.duplicateGroups?.edges[0]?.node.images ?? [];
  return images.filter(Boolean).map(({ id }) => id);
}
