import { useState } from 'react';
import { idOf, shortNameOf } from '../answer/gathered.js';
import { Card } from './Card.jsx';
import { Picture } from './Picture.jsx';
import { visible } from './visible.js';

/** Tiles drawn; no answer has more images by itself, but a document may name one often. */
const TILES = 200;

/** Many pictures, of which one opens to tell what is known of it. */
export function ContactSheet({ images }) {
  const [open, setOpen] = useState(null);
  const more = images.length - TILES;
  return (
    <>
      <ul className="sheet">
        {images.slice(0, TILES).map(({ image, note }, place) => (
          <li key={place}>
            <Tile image={image} note={note} open={open === place} toggle={() => setOpen(open === place ? null : place)} />
            {open === place && <Card image={image} />}
          </li>
        ))}
      </ul>
      {more > 0 && <p className="quiet">{more} more in the result</p>}
    </>
  );
}

function Tile({ image, note, open, toggle }) {
  const name = visible(shortNameOf(image), 80);
  return (
    <button type="button" className="tile" aria-expanded={open} onClick={toggle}>
      <Picture id={idOf(image)} alt="" />
      <span className="name">
        <bdi>{name}</bdi>
      </span>
      {note && <span className="note">{note}</span>}
    </button>
  );
}
