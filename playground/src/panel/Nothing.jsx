import { useGraphiQLActions } from '@graphiql/react';

/** What is said where there are no pictures; `served` is what the library has. */
export function Nothing({ run, served }) {
  if (run.state === 'none') return <Start served={served} />;
  if (run.state === 'unsent') return null; // An error says why.
  if (run.state === 'running') return <p className="quiet">Asking …</p>;
  if (run.state === 'stopped') return <p className="quiet">{run.changes ? MAY_BE_STORED : STOPPED}</p>;
  if (run.blind) return <p className="quiet">{BLIND[run.blind]}</p>;
  // A tab that was kept may name files that are gone.
  const gone = run.errors.some(({ code }) => code === 'NOT_FOUND');
  return (
    <>
      <p className="quiet">This answer has no images.{gone && MADE_ANEW}</p>
      <Lacking {...served} />
    </>
  );
}

function Start({ served }) {
  const { run } = useGraphiQLActions();
  return (
    <div className="empty">
      <p>The images of an answer are shown here: picture, facts, colours, EXIF, hashes.</p>
      <Lacking {...served} />
      <button type="button" className="button" onClick={run}>
        Run the query
      </button>
      <p className="quiet">or press Ctrl-Enter in the editor. Escape, then Tab, leads out of it.</p>
    </div>
  );
}

/** Why the examples do not ask for files that are served. The gateway lists an empty library and none alike. */
function Lacking({ empty, unread }) {
  if (unread > 0) {
    return (
      <p>
        The library has files, {unread} in its first 100, but none that was looked at is an image that can be read. The
        example “Library” lists them; the others ask for pictures of the web.
      </p>
    );
  }
  if (!empty) return null;
  return (
    <p>
      This gateway serves no files: it was started without a library, or there is nothing in it yet. To serve the
      pictures of a folder, start it with <code>imagraph serve --library FOLDER</code>. Until then the examples ask for
      pictures of the web by <code>remote(url)</code>, which works where the gateway can reach them.
    </p>
  );
}

const STOPPED = 'Stopped before there was an image.';
const MAY_BE_STORED = 'Stopped before there was an answer: whether it was stored is not known.';
const MADE_ANEW = ' Those under “Examples” name what is served now.';

const BLIND = {
  unknown:
    'Which parts of an answer are images is told by the schema, which is not known yet: fetch it by the button on the ' +
    'left, and run the query again.',
  secret: 'Which parts of an answer are images is told by the schema, which this gateway keeps to itself.',
};
