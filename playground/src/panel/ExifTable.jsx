import { visible } from './visible.js';

/** Rows of a group that are shown; the result has them all. */
const ROWS = 40;

/** EXIF as a table for each group: `groups` are `[name, [[tag, value]]]`. */
export function ExifTable({ groups }) {
  return groups.map(([name, rows]) => <Group key={name} name={name} rows={rows} />);
}

function Group({ name, rows }) {
  const more = rows.length - ROWS;
  return (
    <table className="exif">
      <caption>EXIF: {visible(name, 40)}</caption>
      <tbody>
        {rows.slice(0, ROWS).map(([tag, value]) => (
          <tr key={tag}>
            <th scope="row">{visible(tag, 60)}</th>
            <td>
              <bdi>{visible(value)}</bdi>
            </td>
          </tr>
        ))}
        {more > 0 && (
          <tr>
            <td colSpan="2">{more} more in the result</td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

/** The groups that an image's `exif` or `raw` has, with the tags that are stated. */
export function exifGroups(exif, raw) {
  const typed = (exif?.fields ?? []).flatMap(({ name, key, value }) => {
    if (value?.fields) return [[key, value.fields.flatMap(rowsOf)]];
    return name === 'raw' ? rawGroups(value) : [[key, entries(value)]];
  });
  return (exif ? typed : rawGroups(raw?.exif)).filter(([, rows]) => rows.length > 0);
}

const rowsOf = ({ name, key, value }) => (name === 'raw' ? entries(value) : value == null ? [] : [[key, value]]);
const rawGroups = (raw) => entries(raw).map(([name, tags]) => [name, entries(tags)]);
const entries = (value) => (value && typeof value === 'object' ? Object.entries(value) : []);
