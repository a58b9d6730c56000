import { events } from './events.js';
import { multipart } from '../upload/multipart.js';
import { authorization, refuse } from './key.js';

const JSON_TYPES = 'application/graphql-response+json, application/json';
/** Characters of a body that is no JSON which are shown. */
const SHOWN = 500;

/**
 * What the gateway answers: one answer, or those of a subscription as they come. What goes wrong on the way is an
 * answer as well, with `errors`; an aborted `signal` ends it without one. `upload` is `{ name, file }` of a variable.
 */
export async function* ask(params, { headers, signal, live = false, upload } = {}) {
  try {
    if (upload) await readable(upload);
    const response = await fetch('/graphql', { method: 'POST', signal, ...request(params, headers, live, upload) });
    if (response.status === 401) refuse();
    const streams = response.headers.get('content-type')?.startsWith('text/event-stream');
    if (streams) yield* events(response.body);
    else yield answerIn(response, await response.text());
  } catch (error) {
    const what = error instanceof Unsent ? 'Nothing was sent' : 'The gateway did not answer';
    if (!signal?.aborted) yield failure(`${what}: ${error.message}`);
  }
}

/** The only answer. */
export async function askOnce(params, options) {
  const { value } = await ask(params, options).next();
  return value;
}

function request(params, given, live, upload) {
  const headers = new Headers({
    accept: live ? 'text/event-stream' : JSON_TYPES,
    // Of parts it is the browser's; they need a header that no form of another site can have.
    ...(upload ? { 'graphql-require-preflight': '1' } : { 'content-type': 'application/json' }),
    ...authorization(),
  });
  for (const [name, value] of Object.entries(given ?? {})) put(headers, name, value);
  return { headers, body: upload ? multipart(params, upload) : JSON.stringify(params) };
}

function put(headers, name, value) {
  try {
    headers.set(name, value);
  } catch {
    throw new Unsent(`the header ${JSON.stringify(name)} is none that can be sent.`);
  }
}

/** A browser that cannot read a file says only that the network failed. */
async function readable({ name, file }) {
  const reader = file.stream().getReader();
  await reader.read().catch(() => {
    throw new Unsent(`the file for $${name} cannot be read any more.`);
  });
  await reader.cancel();
}

class Unsent extends Error {}

function answerIn(response, text) {
  try {
    const answer = JSON.parse(text);
    if (answer && typeof answer === 'object') return answer;
  } catch {
    // Something between here and the gateway spoke.
  }
  return failure(`${response.status} ${response.statusText}: ${text.slice(0, SHOWN)}`);
}

const failure = (message) => ({ errors: [{ message }] });
