import { valueOf } from '../answer/typed.js';
import { visible } from './visible.js';

/** Fields that have a drawing of their own, or are the heading. */
const DRAWN = new Set(
  ['id', 'name', 'path', 'palette', 'pHash', 'blurHash', 'thumbHash', 'lqip', 'location', 'exif', 'raw', 'similarity'],
);

/** What else was asked of an image, under the names that were asked for. */
export function Facts({ image }) {
  const rows = image.fields.filter(({ name }) => !DRAWN.has(name)).flatMap((field) => rowsOf(field));
  if (rows.length === 0) return null;
  return (
    <dl className="facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <bdi>{value}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function rowsOf({ name, key, value }, before = '') {
  if (value == null) return [];
  if (value.type === 'Dimensions') return [[before + key, dimensions(value)]];
  if (value.fields) return value.fields.flatMap((field) => rowsOf(field, `${before}${key}.`));
  return [[before + key, said(name, value)]];
}

function said(name, value) {
  if (name === 'dominantColor') return <Colour value={visible(value)} />;
  if (name === 'size') return `${value.toLocaleString('en')} bytes`;
  if (Array.isArray(value)) return value.map((each) => visible(each)).join(', ');
  return visible(value);
}

const dimensions = (value) => ['width', 'height'].map((side) => valueOf(value, side) ?? '?').join(' × ');

function Colour({ value }) {
  return (
    <>
      <span className="swatch" style={{ background: value }} /> {value}
    </>
  );
}
