/** The path that a file id of the engine's library encodes (URL-safe base64), else the id as it is: others' are opaque. */
export function pathIn(id) {
  try {
    const bytes = Uint8Array.from(atob(id.replaceAll('-', '+').replaceAll('_', '/')), (sign) => sign.charCodeAt(0));
    const path = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return /[^/]\.\w+$/.test(path) ? path : id;
  } catch {
    return id;
  }
}
