import { useGraphiQLActions } from '@graphiql/react';
import { Boundary } from './Boundary.jsx';
import { Card } from './Card.jsx';
import { ContactSheet } from './ContactSheet.jsx';
import { Errors } from './Errors.jsx';
import { Progress } from './Progress.jsx';
import { useRun } from './use-run.js';

/** As many images of a sheet are told in full; more become a contact sheet. */
const IN_FULL = 2;

/** The pictures of the answer beside it. */
export function Panel() {
  const run = useRun();
  return (
    <section
      className="panel"
      id="pictures"
      aria-label="Pictures of the answer"
      tabIndex={0}
      data-run={run.number}
      data-state={run.state}
    >
      <h2>Pictures</h2>
      <Boundary run={run.number}>
        <Progress progress={run.progress} state={run.state} />
        <Errors errors={run.errors} />
        {run.sections.length === 0 && <Nothing run={run} />}
        {run.sections.map((section) => (
          <Section key={section.title} {...section} />
        ))}
      </Boundary>
    </section>
  );
}

function Section({ title, sheets }) {
  return (
    <section aria-label={title}>
      <h3>
        <code>{title}</code>
      </h3>
      {sheets.map((sheet, place) => (
        <Sheet key={place} {...sheet} />
      ))}
    </section>
  );
}

function Sheet({ title, images }) {
  const few = images.length <= IN_FULL && !title;
  return (
    <>
      {title && <p className="group">{title}</p>}
      {few ? images.map(({ image }, place) => <Card key={place} image={image} />) : <ContactSheet images={images} />}
    </>
  );
}

function Nothing({ run }) {
  const { run: start } = useGraphiQLActions();
  if (run.state === 'running') return <p className="quiet">Asking …</p>;
  if (run.state === 'stopped') return <p className="quiet">Stopped before there was an image.</p>;
  if (run.blind) return <p className="quiet">{BLIND[run.blind]}</p>;
  if (run.state !== 'none') {
    // A tab that was kept may name files that are gone.
    const gone = run.errors.some(({ code }) => code === 'NOT_FOUND');
    return <p className="quiet">This answer has no images.{gone && MADE_ANEW}</p>;
  }
  return (
    <div className="empty">
      <p>The images of an answer are shown here: picture, facts, colours, EXIF, hashes.</p>
      <button type="button" className="button" onClick={start}>
        Run the query
      </button>
      <p className="quiet">or press Ctrl-Enter in the editor. Escape, then Tab, leads out of it.</p>
    </div>
  );
}

const MADE_ANEW = ' Those under “Examples” name what is served now.';

const BLIND = {
  unknown:
    'Which parts of an answer are images is told by the schema, which is not known yet: fetch it by the button on the ' +
    'left, and run the query again.',
  secret: 'Which parts of an answer are images is told by the schema, which this gateway keeps to itself.',
};
