import { FileChooser } from '../upload/FileChooser.jsx';
import { Boundary } from './Boundary.jsx';
import { Card } from './Card.jsx';
import { ContactSheet } from './ContactSheet.jsx';
import { Errors } from './Errors.jsx';
import { Nothing } from './Nothing.jsx';
import { Progress } from './Progress.jsx';
import { useRun } from './use-run.js';
import { useUnsent } from './use-unsent.js';

/** As many images of a sheet are told in full; more become a contact sheet. */
const IN_FULL = 2;

/** The pictures of the answer beside it; `served` is what the library has. */
export function Panel({ served }) {
  const run = useRun();
  useUnsent();
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
      <FileChooser />
      <Boundary run={run.number}>
        <Progress progress={run.progress} state={run.state} />
        <Errors errors={run.errors} />
        {run.sections.length === 0 && <Nothing run={run} served={served} />}
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
