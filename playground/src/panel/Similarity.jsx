import { idOf, nameOf, otherOf } from '../answer/gathered.js';
import { valueOf } from '../answer/typed.js';
import { HashGrid } from './HashGrid.jsx';
import { Picture } from './Picture.jsx';
import { visible } from './visible.js';

/** Two pictures beside each other, and the bits in which their hashes differ. */
export function Similarity({ image, field }) {
  const other = otherOf(field.value);
  const hash = valueOf(image, 'pHash');
  const otherHash = valueOf(other, 'pHash') ?? field.args().to?.pHash;
  return (
    <section className="similarity" aria-label="Similarity">
      <p className="verdict">{verdict(field.value)}</p>
      <div className="pair">
        <Side image={image} hash={hash} other={otherHash} />
        <Side image={other} hash={otherHash} other={hash} />
      </div>
    </section>
  );
}

function Side({ image, hash, other }) {
  return (
    <div>
      {image && <Picture id={idOf(image)} alt={visible(nameOf(image))} />}
      {hash && <HashGrid hash={hash} other={other} />}
    </div>
  );
}

function verdict(similarity) {
  const of = (name) => valueOf(similarity, name);
  const said = [];
  if (of('distance') !== undefined) said.push(`${of('distance')} of 64 bits differ`);
  if (of('score') !== undefined) said.push(`score ${of('score').toFixed(3)}`);
  if (of('isDuplicate') !== undefined) said.push(of('isDuplicate') ? 'a duplicate' : 'not a duplicate');
  if (of('lowEntropy')) said.push('too flat for the hash to say much');
  return said.join(' · ');
}
