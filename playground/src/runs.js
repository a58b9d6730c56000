import { getOperationAST, parse } from 'graphql';
import { withAdditions } from './answer/additions.js';
import { gathered, progressOf } from './answer/gathered.js';
import { typed, valueOf } from './answer/typed.js';
import { ask, askOnce } from './gateway/ask.js';
import { fileOf } from './upload/multipart.js';

/** A document is refused for what was added to it where only known ones are run, or where it was near a bound. */
const REFUSALS = ['DOCUMENT_NOT_TRUSTED', 'QUERY_TOO_COSTLY'];
/** The schema is refused for being asked: where it tells nothing of itself, or only known documents are run. */
const SECRETS = ['BAD_REQUEST', 'DOCUMENT_NOT_TRUSTED'];
/** Milliseconds that a query waits for the schema, which tells where its images are. */
const PATIENCE = 2000;
const NO_FILE = 'Nothing was sent: choose a file first, above the pictures.';
const NOTHING = { number: 0, state: 'none', sections: [], errors: [], progress: null, told: null };

/** What was run in each of GraphiQL's tabs, and what came of it, for the panel beside it. */
class Runs {
  schema = null;
  secret = false;
  tab = '';
  /** How many runs GraphiQL has handed on. */
  begun = 0;
  #file = null;
  #introspected = null;
  #runs = new Map();
  #listeners = new Set();

  subscribe = (listener) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  of = (tab) => this.#runs.get(tab) ?? NOTHING;

  /** GraphiQL's: an answer for what it asks itself, else all answers, which it may stop. */
  fetcher = (params, { headers } = {}) => {
    if (params.operationName === 'IntrospectionQuery') return this.#introspect(params, headers);
    this.begun += 1;
    const stop = new AbortController();
    const answers = this.#run(params, headers, stop.signal);
    const iterator = {
      next: () => answers.next(),
      return: () => {
        stop.abort();
        return answers.return();
      },
    };
    return { [Symbol.asyncIterator]: () => iterator };
  };

  /** The file that a variable of the type `Upload` is; null for none. */
  choose(file) {
    this.#file = file;
  }

  /** A run that GraphiQL began and did not hand on. */
  unsent(message) {
    const number = this.of(this.tab).number + 1;
    this.#set(this.tab, { ...NOTHING, number, state: 'unsent', errors: [{ message }] });
  }

  #introspect(params, headers) {
    this.#introspected = askOnce(params, { headers });
    this.#introspected.then((answer) => (this.secret = SECRETS.includes(answer?.errors?.[0]?.extensions?.code)));
    return this.#introspected;
  }

  async *#run(params, headers, signal) {
    const { tab } = this;
    // The pictures that were there are shown until there are others; what is told of them would be taken for this run's.
    this.#set(tab, { ...this.of(tab), state: 'running', errors: [], progress: null, told: null });
    let run = { ...NOTHING, number: this.of(tab).number + 1, state: 'running' };
    try {
      const asked = prepared(params, await this.#schemaInTime(), this.#file);
      const begun = performance.now();
      run = { ...run, changes: asked.changes };
      for await (const { answer, additions } of answersTo(asked, headers, signal)) {
        run = added(run, asked, answer, performance.now() - begun);
        this.#set(tab, run);
        yield shown(answer, additions);
      }
    } finally {
      this.#set(tab, { ...run, state: signal.aborted ? 'stopped' : 'done' });
    }
  }

  async #schemaInTime() {
    await Promise.race([this.#introspected, after(PATIENCE)]);
    await after(0); // GraphiQL builds it from the answer.
    return this.schema;
  }

  #set(tab, run) {
    this.#runs.set(tab, run);
    this.#listeners.forEach((listener) => listener());
  }
}

export const runs = new Runs();

const after = (millis) => new Promise((done) => setTimeout(done, millis));

/** A document that cannot be parsed is sent as it stands, for the gateway to say so. */
function prepared(given, schema, file) {
  try {
    const additions = withAdditions(given.query, schema);
    const document = parse(additions.text);
    const operation = operationOf(document, given.operationName);
    const params = { ...given, operationName: operation?.name?.value };
    const name = fileOf(operation);
    const upload = name && { name, file };
    const [live, changes] = ['subscription', 'mutation'].map((kind) => operation?.operation === kind);
    return { params, schema, document, live, changes, upload, additions };
  } catch {
    return { params: given, schema, live: false };
  }
}

/** GraphiQL knows an operation's name some time after it changed; the only one needs none. */
const operationOf = (document, name) => getOperationAST(document, name) ?? getOperationAST(document);

/** Each with the additions of the document that was answered, if it had any. */
async function* answersTo({ params, additions, live, upload }, headers, signal) {
  if (upload?.file === null) return yield { answer: { errors: [{ message: NO_FILE }] } };
  const options = { headers, signal, live, upload };
  let refused = !additions?.any;
  if (!refused) {
    for await (const answer of ask({ ...params, query: additions.text }, options)) {
      refused = !answer.data && REFUSALS.includes(answer.errors?.[0]?.extensions?.code);
      if (!refused) yield { answer: withoutHidden(answer, additions), additions };
    }
  }
  if (refused) for await (const answer of ask(params, options)) yield { answer };
}

function withoutHidden({ errors, ...answer }, { hides }) {
  const asked = errors?.filter((error) => !hides(error));
  return asked?.length > 0 ? { ...answer, errors: asked } : answer;
}

function added(run, { params, schema, document, live }, answer, millis) {
  const { operationName, variables } = params;
  const root = schema && document ? typed({ schema, document, operationName, variables }, answer.data) : null;
  const sections = root ? gathered(root) : [];
  const progress = root && progressOf(root);
  const errors = [...(answer.errors ?? []).map((error) => failure(error, progress?.index)), ...missing(progress)];
  return {
    ...run,
    sections: live ? joined(run.sections, sections, progress?.index) : sections,
    errors: live ? [...run.errors, ...errors] : errors,
    progress: progress ?? run.progress,
    told: { ...answer.extensions, millis: Math.round(millis) },
    blind: schema ? null : runs.secret ? 'secret' : 'unknown',
  };
}

/** Of an event of a subscription the place of its image comes first, as of an image that failed as a whole. */
function failure({ message, path, extensions }, index) {
  const place = [index, ...(path ?? [])].filter((part) => part !== undefined).join('.');
  return { message: String(message), path: place, code: extensions?.code };
}

function missing(progress) {
  if (!progress?.error) return [];
  const [code, message] = [valueOf(progress.error, 'code'), valueOf(progress.error, 'message')];
  return [{ message: message ?? '', path: String(progress.index ?? ''), code }];
}

/** The images of an event behind those before it, or in the places that it names. */
function joined(before, now, index) {
  if (before.length === 0 || now.length === 0) return placed(before.length ? before : now, index);
  const images = [...before[0].sheets[0].images, ...placed(now, index)[0].sheets[0].images];
  images.sort((a, b) => (a.index ?? 0) - (b.index ?? 0));
  return [{ ...now[0], sheets: [{ images }] }];
}

function placed(sections, index) {
  return sections.map((section) => ({
    ...section,
    sheets: section.sheets.map((sheet) => ({ ...sheet, images: sheet.images.map((each) => ({ index, ...each })) })),
  }));
}

/** An answer without what was added, its errors where the document as it was written has them. */
function shown(answer, additions) {
  if (!additions) return answer;
  const errors = answer.errors?.map((error) => ({ ...error, locations: error.locations?.map(additions.original) }));
  return { ...answer, ...('data' in answer && { data: additions.strip(answer.data) }), ...(errors && { errors }) };
}
