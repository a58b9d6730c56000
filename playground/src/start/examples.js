import { BATCH, DUPLICATES, EXIF, LIBRARY, LIVE, PICTURE, SIMILARITY, UPLOAD } from './documents.js';

/** Pictures of ImageKit's demo, for a gateway without a library. */
const PUBLIC = ['default-image.jpg', 'medium_cafe_B1iTdD0C.jpg', 'img/image4.jpeg'].map(
  (name) => `https://ik.imagekit.io/demo/${name}`,
);
/** Images of the examples that ask for many. */
const MANY = 12;

/** Tabs with queries that work for what `library()` found, each `{ query, variables }`. */
export function examples({ images, duplicates, under, unread }) {
  const named = images.length > 0 ? images.map((file) => ({ file })) : PUBLIC.map((url) => ({ url }));
  const pair = duplicates.length > 1 ? duplicates.map((file) => ({ file })) : named;
  const many = json({ of: named.slice(0, MANY) });
  return [
    { query: query(PICTURE, named[0]), variables: json(variable(named[0])) },
    { query: query(EXIF, named[0]), variables: json(variable(named[0])) },
    { query: BATCH, variables: many },
    { query: query(SIMILARITY, pair[0]), variables: json({ ...variable(pair[0]), other: pair[1] ?? pair[0] }) },
    duplicates.length > 1 && { query: DUPLICATES, variables: '' },
    { query: LIVE, variables: many },
    (images.length > 0 || unread > 0) && { query: LIBRARY, variables: json({ first: 24, after: null, under }) },
  ].filter(Boolean);
}

/** Adds to the library: opened by who wants to. */
export const uploading = () => ({ query: UPLOAD, variables: json({ file: null, folder: null }) });

/** What an example is called. */
export const titleOf = ({ query }) => /^(?:query|subscription|mutation) (\w+)/m.exec(query)[1];

const json = (value) => JSON.stringify(value, null, 2);
const variable = ({ file, url }) => (file ? { id: file } : { url });

function query(text, { file }) {
  const [declared, field] = file ? ['$id: ID!', 'file(id: $id)'] : ['$url: Url!', 'remote(url: $url)'];
  return text.replace('DECLARED', declared).replace('FIELD', field);
}
