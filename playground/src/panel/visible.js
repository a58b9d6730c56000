/** Control characters, and those that turn the direction of text around. */
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** A stranger's words as they are: what would not be seen, or would disorder what is, becomes its code point. */
export function visible(value, longest = 200) {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const short = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return short.replace(HIDDEN, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
