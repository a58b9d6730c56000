import { authorization } from './key.js';

/** Previews fetched at once; the others wait for their turn. They count against the rate that a caller has. */
const AT_ONCE = 2;
/** How often one is asked for where the rate is used up, and the seconds that are waited for it at most. */
const TRIES = 4;
const LONGEST = 60;
let running = 0;
const waiting = [];

/** A small version of the image with this id, as a blob: an `<img>` could send no key. */
export async function preview(id, signal) {
  await turn();
  try {
    signal.throwIfAborted();
    const response = await patiently(`/preview/${encodeURIComponent(id)}`, signal);
    if (!response.ok) throw new Error(await reason(response));
    return await response.blob();
  } finally {
    next();
  }
}

/** Keeps its turn while it waits, so that the others wait as well. */
async function patiently(address, signal) {
  for (let tries = 1; ; tries += 1) {
    const response = await fetch(address, { headers: authorization(), signal });
    const seconds = Number(response.headers.get('retry-after') ?? 1);
    if (response.status !== 429 || tries === TRIES || !(seconds <= LONGEST)) return response;
    await new Promise((done) => {
      setTimeout(done, seconds * 1000);
      signal.addEventListener('abort', done, { once: true });
    });
    signal.throwIfAborted();
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
