import { authorization } from './key.js';

/** Previews fetched at once; the others wait for their turn. */
const AT_ONCE = 4;
let running = 0;
const waiting = [];

/** A small version of the image with this id, as a blob: an `<img>` could send no key. */
export async function preview(id, signal) {
  await turn();
  try {
    signal.throwIfAborted();
    const response = await fetch(`/preview/${encodeURIComponent(id)}`, { headers: authorization(), signal });
    if (!response.ok) throw new Error(await reason(response));
    return await response.blob();
  } finally {
    next();
  }
}

async function turn() {
  if (running < AT_ONCE) running += 1;
  else await new Promise((go) => waiting.push(go));
}

function next() {
  const go = waiting.shift();
  if (go) go();
  else running -= 1;
}

async function reason(response) {
  const answer = await response.json().catch(() => null);
  return answer?.errors?.[0]?.message ?? `${response.status} ${response.statusText}`;
}
