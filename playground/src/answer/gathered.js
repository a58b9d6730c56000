import { pathIn } from './file-id.js';
import { valueOf } from './typed.js';

/**
 * The images of an answer: per field of the operation its sheets, of which each is
 * `{ title, images: [{ image, note }] }`. Pages of duplicates have a sheet per group, all else has one.
 */
export function gathered(root) {
  const sections = root.fields.map(({ key, name, value }) => ({ title: key, name, sheets: sheetsOf(value) }));
  return sections.filter(({ sheets }) => sheets.length > 0);
}

function sheetsOf(value) {
  if (value?.type === 'DuplicateGroupConnection') return groupsOf(value);
  const images = imagesIn(value);
  return images.length > 0 ? [{ images }] : [];
}

function groupsOf(connection) {
  const nodes = (valueOf(connection, 'edges') ?? []).map((edge) => valueOf(edge, 'node')).filter(Boolean);
  return nodes.map(group).filter(({ images }) => images.length > 0);
}

function group(value) {
  const best = valueOf(value, 'best');
  const count = valueOf(value, 'count');
  const isBest = (image) => best && idOf(best) !== undefined && idOf(image) === idOf(best);
  const others = imagesIn(valueOf(value, 'images') ?? []).filter(({ image }) => !isBest(image));
  const images = [...(best ? [{ image: best, note: 'best' }] : []), ...others];
  return { title: count === undefined ? 'Duplicates' : `${count} that look the same`, images };
}

/** Those in a value, in its order; not those that a similarity was asked with. */
function imagesIn(value, note) {
  if (Array.isArray(value)) return value.flatMap((each) => imagesIn(each, note));
  if (!value?.fields) return [];
  if (value.type === 'Image') return [{ image: value, note }];
  const inside = value.type === 'SimilarEdge' ? distance(value) : note;
  return value.fields.flatMap((field) => (field.name === 'similarity' ? [] : imagesIn(field.value, inside)));
}

function distance(edge) {
  const bits = valueOf(valueOf(edge, 'similarity'), 'distance');
  return bits === undefined ? undefined : `${bits} bits`;
}

/** `done` of `total` of a subscription's event, and what it says went wrong. */
export function progressOf(root) {
  const event = root.fields.find(({ value }) => value?.type === 'ImageProgress')?.value;
  if (!event) return null;
  const [done, total] = [valueOf(event, 'done'), valueOf(event, 'total')];
  return { done, total, index: valueOf(event, 'index'), error: valueOf(event, 'error') };
}

/** The other image of a similarity, which the document may ask for beside what the page adds. */
export function otherOf(similarity) {
  const asked = similarity.fields.filter(({ name, value }) => name === 'with' && value);
  return asked.length > 0 ? { type: 'Image', fields: asked.flatMap(({ value }) => value.fields) } : null;
}

/** None where the document was refused with it added, and does not ask for it. */
export const idOf = (image) => valueOf(image, 'id');

/** What to call an image, and shorter. */
export const nameOf = (image) => valueOf(image, 'path') ?? valueOf(image, 'name') ?? called(idOf(image));
export const shortNameOf = (image) => nameOf(image).split('/').findLast(Boolean) ?? nameOf(image);

const called = (id) => (id === undefined ? 'An image' : pathIn(id));
