const SIDE = 8;

/** The 64 bits of a pHash, the first at the top left; those in which `other` differs are ringed. */
export function HashGrid({ hash, other, label = 'pHash' }) {
  const bits = bitsOf(hash);
  const others = other ? bitsOf(other) : bits;
  const differing = bits.filter((bit, place) => bit !== others[place]).length;
  const told = other ? `, ${differing} of 64 bits differ from the other` : '';
  return (
    <figure className="hash">
      <svg viewBox="0 0 80 80" role="img" aria-label={`${label} ${hash}${told}`}>
        {bits.map((bit, place) => (
          <Cell key={place} place={place} bit={bit} differs={bit !== others[place]} />
        ))}
      </svg>
      <figcaption>
        <code>{hash}</code>
      </figcaption>
    </figure>
  );
}

function Cell({ place, bit, differs }) {
  const [x, y] = [(place % SIDE) * 10, Math.floor(place / SIDE) * 10];
  return (
    <g data-differs={differs || undefined}>
      <rect x={x + 0.5} y={y + 0.5} width="9" height="9" className={bit === '1' ? 'one' : 'zero'} />
      {differs && <rect x={x + 1} y={y + 1} width="8" height="8" className="differs" />}
    </g>
  );
}

const bitsOf = (hash) => [...BigInt(`0x${hash}`).toString(2).padStart(64, '0')];
