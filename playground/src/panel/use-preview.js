import { useEffect, useRef, useState } from 'react';
import { preview } from '../gateway/preview.js';
import { useRun } from './use-run.js';

/** A ref, and whether its element has come near what is seen. */
export function useSeen() {
  const ref = useRef(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && setSeen(true),
      { rootMargin: '200px' },
    );
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, []);
  return [ref, seen];
}

/** The `blob:` URL of an image's preview, or the `problem` with it; none of both for null. */
export function usePreview(id) {
  const [found, setFound] = useState({});
  const { number } = useRun(); // By the next run there may be another picture.

  useEffect(() => {
    if (id == null) return undefined;
    const stop = new AbortController();
    let url;
    preview(id, stop.signal).then(
      (blob) => {
        if (stop.signal.aborted) return;
        url = URL.createObjectURL(blob);
        setFound({ id, url });
      },
      (error) => stop.signal.aborted || setFound({ id, problem: error.message }),
    );
    return () => {
      stop.abort();
      URL.revokeObjectURL(url);
    };
  }, [id, number]);
  return found.id === id ? found : {};
}
