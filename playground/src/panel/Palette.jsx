/** Colours, each as wide as its share of the picture where that is known. */
export function Palette({ swatches }) {
  return (
    <figure className="palette">
      <div className="colours" aria-hidden="true">
        {swatches.map(({ color, share }, place) => (
          <span key={place} style={{ background: color, flexGrow: share ?? 1 }} />
        ))}
      </div>
      <ul>
        {swatches.map(({ color, share }, place) => (
          <li key={place}>
            <span className="swatch" style={{ background: color }} />
            <code>{color ?? '?'}</code>
            {share !== undefined && <span>{(share * 100).toFixed(1)} %</span>}
          </li>
        ))}
      </ul>
    </figure>
  );
}
