import { ask, askOnce } from '../gateway/ask.js';

/** Formats whose pictures are most likely photographs, and have EXIF. */
const PHOTO = /\.(jpe?g|heic|avif|webp)$/i;
/** Headers read to find pictures for the examples. */
const LOOKED_AT = 32;
/** Of those as many are decoded, for the examples to be of images that are whole. */
const DECODED = 12;
/** Milliseconds that this may take: large photographs are then decoded no further. */
const DECODING = 1000;
/** Milliseconds that a page waits for a library before it opens without one. */
const PATIENCE = 4000;

const FACTS = 'id width camera { model } captured { tag } location { latitude } exposure { time }';

/**
 * What is served: `images` for the examples, those with the most EXIF first; two that look the same, where an
 * index knows such (`duplicates`); the folder to look into where some files are damaged (`under`); whether the
 * gateway wants a key first (`refused`); whether it said that there are no files (`empty`), or how
 * many it named of which none that was looked at is an image (`unread`).
 */
export async function library() {
  const signal = AbortSignal.timeout(PATIENCE);
  const listed = await askOnce({ query: '{ files(first: 100) { edges { node { id name path } } } }' }, { signal });
  const refused = listed?.errors?.[0]?.extensions?.code === 'UNAUTHENTICATED';
  const edges = listed?.data?.files?.edges;
  const nodes = (edges ?? []).map(({ node }) => node).filter(Boolean);
  if (nodes.length === 0) return { refused, empty: edges?.length === 0, images: [], duplicates: [], under: null };
  const [looked, duplicates] = await Promise.all([lookedAt(chosen(nodes), signal), alike(signal)]);
  const found = looked ?? [];
  if (found.length === 0) return { refused, unread: looked && nodes.length, images: [], duplicates: [], under: null };
  const images = await whole(found.slice(0, DECODED), signal);
  const first = nodes.find(({ id }) => id === images[0]);
  const under = images.length < Math.min(DECODED, found.length) ? folderOf(first) : null;
  return { refused, images, duplicates, under };
}

function chosen(nodes) {
  const photos = nodes.filter(({ name }) => PHOTO.test(name ?? ''));
  const from = photos.length > 1 ? photos : nodes;
  const step = Math.max(1, from.length / LOOKED_AT);
  return Array.from({ length: Math.min(LOOKED_AT, from.length) }, (_, place) => from[Math.floor(place * step)].id);
}

/** Those of which there is a header; null where that was not told in time. */
async function lookedAt(ids, signal) {
  const query = `query ($of: [ImageInput!]!) { images(of: $of) { ${FACTS} } }`;
  const variables = { of: ids.map((file) => ({ file })) };
  const answer = await askOnce({ query, variables }, { signal });
  if (!answer?.data?.images) return null;
  const images = answer.data.images.filter((image) => image?.width);
  return images.sort((a, b) => stated(b) - stated(a) || b.width - a.width).map(({ id }) => id);
}

function stated({ camera, captured, location, exposure }) {
  return [camera, captured, location, exposure].filter(Boolean).length;
}

/**
 * Without those of which there is no picture: a header is read of a damaged file as well. Those that were seen come
 * first, and behind them those that nobody knows of yet.
 */
async function whole(ids, signal) {
  const query = 'subscription ($of: [ImageInput!]!) { images(of: $of) { index image { pHash } } }';
  const variables = { of: ids.map((file) => ({ file })) };
  const soon = AbortSignal.any([signal, AbortSignal.timeout(DECODING)]);
  const seen = new Map();
  for await (const { data } of ask({ query, variables }, { signal: soon, live: true })) {
    if (data?.images) seen.set(ids[data.images.index], Boolean(data.images.image?.pHash));
  }
  const images = [true, undefined].flatMap((is) => ids.filter((id) => seen.get(id) === is));
  return images.length > 0 ? images : ids;
}

const folderOf = (image) => image?.path?.split('/').slice(0, -1).join('/') || null;

async function alike(signal) {
  const query = '{ duplicateGroups(first: 1) { edges { node { images(first: 2) { id } } } } }';
  const answer = await askOnce({ query }, { signal });
  const images = answer?.data?.duplicateGroups?.edges[0]?.node.images ?? [];
  return images.filter(Boolean).map(({ id }) => id);
}
