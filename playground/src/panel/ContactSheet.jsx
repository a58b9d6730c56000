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
        {images.slice(0, TILES).map(({ image, note, index }, place) => {
          // Of a subscription an image keeps its index, while others come in before it.
          const key = index ?? place;
          const toggle = () => setOpen(open === key ? null : key);
          return (
            <li key={key}>
              <Tile image={image} note={note} open={open === key} toggle={toggle} />
              {open === key && <Card image={image} />}
            </li>
          );
        })}
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
