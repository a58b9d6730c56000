import { useEffect, useState } from 'react';

const STORED = 'imagraph:panel';
/** Pixels: the narrowest and widest that the panel may be, and how far an arrow key moves. */
const [NARROWEST, WIDEST, STEP] = [280, 900, 24];

/** The bar between GraphiQL and the pictures, moved by pointer or arrow keys. */
export function Split() {
  const [width, setWidth] = useState(() => bounded(Number(localStorage.getItem(STORED)) || 380));
  useEffect(() => {
    document.documentElement.style.setProperty('--panel', `${width}px`);
    localStorage.setItem(STORED, width);
  }, [width]);
  const move = ({ buttons, clientX }) => buttons === 1 && setWidth(bounded(innerWidth - clientX));
  const press = ({ key }) => {
    const step = { ArrowLeft: STEP, ArrowRight: -STEP }[key];
    if (step) setWidth(bounded(width + step));
  };
  return (
    <div
      className="split"
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label="Width of the pictures"
      aria-controls="pictures"
      aria-valuenow={width}
      aria-valuemin={NARROWEST}
      aria-valuemax={WIDEST}
      onKeyDown={press}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={move}
    />
  );
}

const bounded = (width) => Math.round(Math.min(WIDEST, Math.max(NARROWEST, width)));
