import { useGraphiQLActions } from '@graphiql/react';

/** What is said where there are no pictures; `empty` where no files are served. */
export function Nothing({ run, empty }) {
  if (run.state === 'none') return <Start empty={empty} />;
  if (run.state === 'unsent') return null; // An error says why.
  if (run.state === 'running') return <p className="quiet">Asking …</p>;
  if (run.state === 'stopped') return <p className="quiet">Stopped before there was an image.</p>;
  if (run.blind) return <p className="quiet">{BLIND[run.blind]}</p>;
  // A tab that was kept may name files that are gone.
  const gone = run.errors.some(({ code }) => code === 'NOT_FOUND');
  return (
    <>
      <p className="quiet">This answer has no images.{gone && MADE_ANEW}</p>
      {empty && <NoLibrary />}
    </>
  );
}

function Start({ empty }) {
  const { run } = useGraphiQLActions();
  return (
    <div className="empty">
      <p>The images of an answer are shown here: picture, facts, colours, EXIF, hashes.</p>
      {empty && <NoLibrary />}
      <button type="button" className="button" onClick={run}>
        Run the query
      </button>
      <p className="quiet">or press Ctrl-Enter in the editor. Escape, then Tab, leads out of it.</p>
    </div>
  );
}

/** The gateway lists an empty library and none alike. */
function NoLibrary() {
  return (
    <p>
      This gateway serves no files: it was started without a library, or there is nothing in it yet. To serve the
      pictures of a folder, start it with <code>imagraph serve --library FOLDER</code>. Until then the examples ask for
      pictures of the web by <code>remote(url)</code>, which works where the gateway can reach them.
    </p>
  );
}

const MADE_ANEW = ' Those under “Examples” name what is served now.';

const BLIND = {
  unknown:
    'Which parts of an answer are images is told by the schema, which is not known yet: fetch it by the button on the ' +
    'left, and run the query again.',
  secret: 'Which parts of an answer are images is told by the schema, which this gateway keeps to itself.',
};
