import { idOf, nameOf } from '../answer/gathered.js';
import { valueOf } from '../answer/typed.js';
import { ExifTable, exifGroups } from './ExifTable.jsx';
import { Facts } from './Facts.jsx';
import { HashGrid } from './HashGrid.jsx';
import { Palette } from './Palette.jsx';
import { Picture } from './Picture.jsx';
import { Place } from './Place.jsx';
import { Placeholders } from './Placeholders.jsx';
import { Similarity } from './Similarity.jsx';
import { visible } from './visible.js';

/** All that was asked of one image. */
export function Card({ image }) {
  const name = visible(nameOf(image));
  const compared = image.fields.filter((field) => field.name === 'similarity' && field.value);
  return (
    <article className="card" aria-label={name}>
      <h4>
        <bdi>{name}</bdi>
      </h4>
      {compared.length === 0 && <Picture id={idOf(image)} alt={altOf(image, name)} />}
      {compared.map((field) => (
        <Similarity key={field.key} image={image} field={field} />
      ))}
      <Facts image={image} />
      <Drawings image={image} hash={compared.length === 0} />
      <ExifTable groups={exifGroups(valueOf(image, 'exif'), valueOf(image, 'raw'))} />
    </article>
  );
}

function Drawings({ image, hash }) {
  const [palette, location, pHash] = ['palette', 'location', 'pHash'].map((name) => valueOf(image, name));
  const placeholders = Object.fromEntries(
    ['blurHash', 'thumbHash', 'lqip'].map((name) => [name, valueOf(image, name)]),
  );
  return (
    <>
      {palette?.length > 0 && <Palette swatches={palette.map(swatch)} />}
      {Object.values(placeholders).some(Boolean) && <Placeholders {...placeholders} />}
      {hash && pHash && <HashGrid hash={pHash} />}
      {location && <Place location={location} />}
    </>
  );
}

const swatch = (object) => ({ color: valueOf(object, 'color'), share: valueOf(object, 'share') });

/** What the picture says of itself, for those who do not see it. */
function altOf(image, name) {
  const text = valueOf(image, 'text');
  const said = valueOf(text, 'alt') ?? valueOf(text, 'caption');
  return said ? visible(said) : name;
}
