// The API key: kept until this tab of the browser is closed, and nowhere else.
const NAME = 'imagraph:key';
const listeners = new Set();
let state = { key: sessionStorage.getItem(NAME) ?? '', refused: false };

function set(next) {
  state = next;
  listeners.forEach((listener) => listener());
}

export const keyState = () => state;

export function onKey(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function putKey(key) {
  if (key) sessionStorage.setItem(NAME, key);
  else sessionStorage.removeItem(NAME);
  set({ key, refused: false });
}

/** The gateway answered 401. */
export function refuse() {
  if (!state.refused) set({ ...state, refused: true });
}

export const authorization = () => (state.key ? { authorization: `Bearer ${state.key}` } : {});
