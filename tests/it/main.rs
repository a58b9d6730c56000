//! All tests of the gateway, in one binary. What is held by which file:

/// The command line, run as a user runs it.
mod cli;
/// Several accounts behind one gateway.
mod accounts;
/// Decoders in a process of their own.
mod apart;
/// One request is one batch.
mod batch;
/// What a URL may reach, asked of a real process.
mod addresses;
/// A bucket as the library.
mod bucket;
/// Small files that claim or hold much.
mod bombs;
/// Keys, rights and rates of those who ask.
mod callers;
/// Which pages may ask.
mod cors;
/// Under which names a gateway without keys is asked.
mod hosts;
/// Pictures cut and altered at many places.
mod damaged;
/// How many frames, which bytes; what is kept when something else is asked.
mod extras;
/// Guarded HTTP against servers that lie, hang and redirect.
mod fetch;
/// As a subgraph, and for generators of code.
mod federation;
/// The library as a connection, images by the ids of answers.
mod files;
/// The fuzz targets, for some seconds.
mod fuzz;
/// How long answers are kept, and what then.
mod freshness;
/// GraphQL documents: limits, codes.
mod graphql;
/// Facts that the engine adds to ImageKit's.
mod hybrid;
/// Callers' keys are nowhere.
mod keys;
/// What looks alike in a library.
mod index;
/// A schema that tells nothing about itself.
mod introspection;
/// ImageKit as the source, played by a stub account.
mod imagekit;
/// Every request ends by its deadline.
mod deadline;
/// What the documents point to.
mod links;
/// What is logged, and under which id.
mod logs;
/// What `/metrics` counts.
mod metrics;
/// The file of all settings.
mod settings;
/// From the order to stop to the end.
mod shutdown;
/// What a collector is sent.
mod traces;
/// Modules import downwards only.
mod layers;
/// What strangers send to kill a gateway, in every way it can be sent.
mod hostile;
/// ImageKit when it is broken, hangs or lies.
mod outage;
/// GraphQL over HTTP: media types, methods, statuses, lists of requests, caching.
mod over_http;
/// Shells, Docker, systemd.
mod packaging;
/// The engine beside sharp, sharp-phash, npm exif and exiftool.
mod peers;
/// Documents that clients name instead of sending them.
mod persisted;
/// Colours, BlurHash, ThumbHash and previews.
mod placeholders;
/// Progressive JPEG, read as far as its DC coefficients.
mod progressive;
/// The page at `/`.
mod playground;
/// Documents that were run before.
mod prepared;
mod preview;
/// `tests/queries/*.graphql` with their answers.
mod queries;
/// What is withheld from a caller.
mod privacy;
/// Every command and query of the README.
mod readme;
/// Several gateways on one Redis.
mod replicas;
/// What is read of a remote file, in which requests.
mod ranges;
/// ImageKit's REST routes.
mod rest;
/// The schema: checked in, described.
mod schema;
/// ImageKit's own Node SDK, pointed at the gateway.
mod sdk;
/// Requests that run, and what they take together.
mod running;
/// Keys and signatures are nowhere.
mod secrets;
/// Images as they become known, over WebSocket and server-sent events.
mod subscriptions;
/// Words that pictures carry, and facts for pages and people.
mod text;
/// Answers that nobody reads.
mod unread;
/// Files that are put into the library.
mod upload;
/// ImageKit within its rate limits.
mod upstream;

/// An ImageKit account that plays what it is told to.
mod account;
/// A listener that nobody may connect to.
mod canary;
/// The gateway as a process of its own, and what it takes of the machine.
mod footprint;
/// The gateway as a test sees it.
mod gateway;
/// A real PostgreSQL.
mod postgres_server;
/// The gateway as a process of its own.
mod process;
/// Python with packages of its own.
mod python;
/// A real redis-server.
mod redis_server;
/// A server behind a line that takes its time.
mod slow_line;
/// A server that plays ImageKit or any host, and counts what it is asked.
mod stub;
