import { events } from './events.js';
import { authorization, refuse } from './key.js';

const JSON_TYPES = 'application/graphql-response+json, application/json';
/** Characters of a body that is no JSON which are shown. */
const SHOWN = 500;

/**
 * What the gateway answers: one answer, or those of a subscription as they come. What goes wrong on the way is an
 * answer as well, with `errors`; an aborted `signal` ends it without one.
 */
export async function* ask(params, { headers, signal, live = false } = {}) {
  try {
    const response = await post(params, headers, signal, live);
    if (response.status === 401) refuse();
    const streams = response.headers.get('content-type')?.startsWith('text/event-stream');
    if (streams) yield* events(response.body);
    else yield answerIn(response, await response.text());
  } catch (error) {
    if (!signal?.aborted) yield failure(`The gateway did not answer: ${error.message}`);
  }
}

/** The only answer. */
export async function askOnce(params, options) {
  const { value } = await ask(params, options).next();
  return value;
}

function post(params, given, signal, live) {
  const headers = new Headers({
    accept: live ? 'text/event-stream' : JSON_TYPES,
    'content-type': 'application/json',
    ...authorization(),
  });
  for (const [name, value] of Object.entries(given ?? {})) headers.set(name, value);
  return fetch('/graphql', { method: 'POST', headers, body: JSON.stringify(params), signal });
}

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
