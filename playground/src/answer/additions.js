import { parse, TypeInfo, visit, visitWithTypeInfo } from 'graphql';

/**
 * What the panel needs and the document may not select: the `id` of each image, and both hashes of a similarity.
 * They are added in front of closing braces under aliases of their own, so lines stay lines.
 */
export function withAdditions(text, schema) {
  const prefix = freePrefix(text);
  const places = schema ? placesIn(parse(text), schema, prefix) : [];
  places.sort((a, b) => a.offset - b.offset);
  return {
    text: inserted(text, places),
    any: places.length > 0,
    strip: (data) => strip(data, prefix),
    /** Of a field that nobody asked for nobody needs to know why it failed. */
    hides: ({ path }) => Boolean(path?.some((name) => String(name).startsWith(prefix))),
    /** Where an error is in the document as it was written. */
    original: (location) => original(location, places),
    prefix,
  };
}

function freePrefix(text) {
  let prefix = 'imagraph_';
  while (text.includes(prefix)) prefix += '_';
  return prefix;
}

function placesIn(document, schema, prefix) {
  const places = [];
  const add = (set, added) => places.push({ offset: set.loc.end - 1, at: set.loc.endToken, added: ` ${added} ` });
  const [id, hash] = [`${prefix}id: id`, `${prefix}hash: pHash`];
  const info = new TypeInfo(schema);
  const visitor = {
    SelectionSet(set) {
      if (info.getParentType()?.name !== 'Image') return;
      add(set, set.selections.some(isSimilarity) ? `${id} ${hash}` : id);
    },
    Field(field) {
      if (info.getParentType()?.name !== 'Image' || !isSimilarity(field) || !field.selectionSet) return;
      add(field.selectionSet, `${prefix}with: with { ${id} ${hash} }`);
    },
  };
  visit(document, visitWithTypeInfo(info, visitor));
  return places;
}

const isSimilarity = (node) => node.kind === 'Field' && node.name.value === 'similarity';

function inserted(text, places) {
  let [result, from] = ['', 0];
  for (const { offset, added } of places) {
    result += text.slice(from, offset) + added;
    from = offset;
  }
  return result + text.slice(from);
}

function original({ line, column }, places) {
  let moved = 0;
  for (const { at, added } of places.filter((place) => place.at.line === line)) {
    const into = column - moved - at.column;
    if (into < 0) break;
    moved += Math.min(added.length, into);
  }
  return { line, column: column - moved };
}

function strip(data, prefix) {
  if (Array.isArray(data)) return data.map((value) => strip(value, prefix));
  if (data === null || typeof data !== 'object') return data;
  const kept = Object.entries(data).filter(([key]) => !key.startsWith(prefix));
  return Object.fromEntries(kept.map(([key, value]) => [key, strip(value, prefix)]));
}
