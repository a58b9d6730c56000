import { decode } from 'blurhash';
import { useEffect, useRef } from 'react';
import { thumbHashToRGBA } from 'thumbhash';

const BLUR_SIDE = 32;

/** What stands in for a picture while it loads, as a page would draw it. */
export function Placeholders({ blurHash, thumbHash, lqip }) {
  return (
    <div className="placeholders">
      {blurHash && <Drawn name="blurHash" text={blurHash} pixels={fromBlurHash} />}
      {thumbHash && <Drawn name="thumbHash" text={thumbHash} pixels={fromThumbHash} />}
      {lqip?.startsWith('data:image/') && (
        <figure>
          <img className="lqip" src={lqip} alt="The lqip placeholder" />
          <figcaption>lqip, {lqip.length} bytes</figcaption>
        </figure>
      )}
    </div>
  );
}

function Drawn({ name, text, pixels }) {
  const canvas = useRef(null);
  useEffect(() => draw(canvas.current, text, pixels), [text, pixels]);
  return (
    <figure>
      <canvas ref={canvas} role="img" aria-label={`The ${name} placeholder`} />
      <figcaption>
        {name}, {text.length} bytes
      </figcaption>
    </figure>
  );
}

function draw(canvas, text, pixels) {
  try {
    const { w, h, rgba } = pixels(text);
    Object.assign(canvas, { width: w, height: h });
    canvas.getContext('2d').putImageData(new ImageData(new Uint8ClampedArray(rgba), w, h), 0, 0);
  } catch {
    // Not a hash: the canvas stays empty.
  }
}

const fromBlurHash = (text) => ({ w: BLUR_SIDE, h: BLUR_SIDE, rgba: decode(text, BLUR_SIDE, BLUR_SIDE) });

const fromThumbHash = (text) => thumbHashToRGBA(Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)));
