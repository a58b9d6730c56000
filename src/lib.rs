//! A GraphQL gateway that tells everything about an image.
//!
//! The modules, top to bottom: each imports only those below it (`tests/it/layers.rs` holds that).

/// The command line: serve, inspect, compare, index, duplicates, schema, keys. Builds every part, once.
pub mod cli;
/// Logs.
pub mod telemetry;
/// The routes, on one screen; serving them until told to stop.
pub mod http;
/// The GraphQL schema, its loader and its errors.
pub mod schema;
/// The one door to metadata: cache, else source.
pub mod catalog;
/// What was learnt, kept for a while.
pub mod cache;
/// What was seen of the library, kept: which of its images look alike.
pub mod index;
/// Where metadata comes from: ImageKit, or the engine.
pub mod source;
/// A Redis that replicas share, and that may be away.
pub mod redis;
/// TLS, and what every HTTP client has in common.
pub mod tls;
/// Leaves alone for a while what has failed too often.
pub mod breaker;
/// What is known of an image: plain data in ImageKit's spelling.
pub mod metadata;
/// Permits for what only so many may do at once.
pub mod permits;
/// What work costs, counted where it is done: for a request, and for the process.
pub mod cost;
/// Counting for `/metrics`, without a lock.
pub mod metrics;
/// Why an image has no answer.
pub mod error;
/// All settings.
pub mod config;
