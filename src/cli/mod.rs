//! The command line. Builds every part, once.

mod compare;
mod duplicates;
mod index;
mod inspect;
mod key;
mod progress;
mod report;
mod serve;
mod settings;
mod target;

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand};
use clap_complete::{Shell, generate};

use crate::config::{Config, ConfigError, Given, LogFormat};
use crate::index::groups::MAX_WITHIN;
use crate::source::engine::pixels::apart;
use crate::{schema, telemetry};

/// Tells everything about an image: over GraphQL, over ImageKit's REST routes, on the command line.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the gateway
    Serve(Box<ServeArgs>),
    /// Print what is known of images
    Inspect(InspectArgs),
    /// Print how alike two images look
    Compare(CompareArgs),
    /// Print which images of folders look alike, the best copy of each first. Nothing is deleted
    Duplicates(DuplicatesArgs),
    /// Look into every image of a library, so that those which look alike are found
    Index(IndexArgs),
    /// Print the GraphQL schema
    Schema {
        /// As a subgraph that others are composed with (Apollo Federation 2)
        #[arg(long)]
        federation: bool,
    },
    /// Print a settings file that sets everything to what it is anyway
    Settings {
        /// As a page about all flags, variables and settings
        #[arg(long)]
        markdown: bool,
    },
    /// Print a new key for a caller, and its hash for the settings file
    NewKey,
    /// Print the hash of a caller's key, which is read from standard input
    HashKey,
    /// Print what completes this command line in a shell, such as `imagraph completions bash`
    Completions { shell: Shell },
    /// Decode the picture on standard input: for the other commands, which run it
    #[command(hide = true)]
    Decode { task: String },
}

#[derive(Args)]
struct ServeArgs {
    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR", env = "IMAGRAPH_LISTEN")]
    listen: Option<String>,
    /// Let other machines ask without a key. Keys come from IMAGRAPH_API_KEYS or the file
    #[arg(
        long,
        value_name = "true|false",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        env = "IMAGRAPH_PUBLIC"
    )]
    public: Option<String>,
    /// Whether the schema tells about itself, over GraphQL, at /schema.graphql and on the page at /: on or off
    /// [default: on]
    #[arg(long, value_name = "on|off", env = "IMAGRAPH_INTROSPECTION")]
    introspection: Option<String>,
    /// Folder of images that `file(id)` serves, or a bucket: s3://BUCKET/PREFIX, gs://BUCKET/PREFIX,
    /// az://CONTAINER/PREFIX, with its credentials in the environment
    #[arg(long, value_name = "PATH|URL", env = "IMAGRAPH_LIBRARY")]
    library: Option<PathBuf>,
    /// Index of the library: sqlite:///PATH, which is made on the first start, postgres://USER@HOST/DATABASE, which
    /// replicas share, or off [default: a file of SQLite's in ~/.local/state/imagraph]
    #[arg(long, value_name = "URL", env = "IMAGRAPH_INDEX", hide_env_values = true)]
    index: Option<String>,
    /// Who is asked for metadata: engine or imagekit [default: engine]
    #[arg(long, value_name = "NAME", env = "IMAGRAPH_UPSTREAM")]
    upstream: Option<String>,
    /// Where ImageKit's API is [default: https://api.imagekit.io]. Its key comes from IMAGEKIT_PRIVATE_KEY
    #[arg(long, value_name = "URL", env = "IMAGEKIT_API_URL")]
    imagekit_url: Option<String>,
    /// In front of ImageKit, whether the engine finds out what ImageKit does not state: on or off [default: on]
    #[arg(long, value_name = "on|off", env = "IMAGRAPH_HYBRID")]
    hybrid: Option<String>,
    /// Redis or Valkey that replicas share: redis://HOST:PORT, rediss:// with TLS; one of a cluster will do
    #[arg(long, value_name = "URL", env = "IMAGRAPH_REDIS", hide_env_values = true)]
    redis: Option<String>,
    /// Origin whose pages may read answers, such as https://example.com; repeatable
    #[arg(long, value_name = "ORIGIN", env = "IMAGRAPH_CORS_ORIGINS", value_delimiter = ',')]
    cors_origin: Vec<String>,
    /// How logs are written: text or json [default: text]
    #[arg(long, value_name = "text|json", env = "IMAGRAPH_LOG_FORMAT")]
    log_format: Option<String>,
    /// OpenTelemetry collector that traces are sent to, such as http://127.0.0.1:4318
    #[arg(long, value_name = "URL", env = "IMAGRAPH_OTLP_ENDPOINT", hide_env_values = true)]
    otlp_endpoint: Option<String>,
    #[command(flatten)]
    common: CommonArgs,
}

#[derive(Args)]
struct CommonArgs {
    /// Host that may be fetched from although its address is not public; repeatable
    #[arg(long, value_name = "HOST[:PORT]", env = "IMAGRAPH_ALLOW_HOSTS", value_delimiter = ',')]
    allow_host: Vec<String>,
    /// TOML file with settings
    #[arg(long, value_name = "FILE", env = "IMAGRAPH_CONFIG")]
    config: Option<PathBuf>,
}

#[derive(Args)]
struct InspectArgs {
    /// Files, http(s) URLs, or folders, which are searched for images
    #[arg(required = true, value_name = "PATH|URL|FOLDER")]
    targets: Vec<String>,
    /// One JSON object a line: ImageKit's metadata, and `file`
    #[arg(long)]
    json: bool,
    /// Leave the pixels alone: what a file's header says, from the few KiB that hold it
    #[arg(long)]
    no_pixels: bool,
    #[command(flatten)]
    common: CommonArgs,
}

#[derive(Args)]
struct CompareArgs {
    /// File or http(s) URL
    a: String,
    /// File or http(s) URL
    b: String,
    #[command(flatten)]
    common: CommonArgs,
}

#[derive(Args)]
struct DuplicatesArgs {
    /// Folders, which are searched for images
    #[arg(required = true, value_name = "FOLDER")]
    folders: Vec<PathBuf>,
    /// Bits of their hashes in which copies differ from the best one, 0 to 10
    #[arg(long, value_name = "BITS", default_value_t = 8, value_parser = clap::value_parser!(u8).range(..=i64::from(MAX_WITHIN)))]
    within: u8,
    /// How groups are told
    #[arg(long, value_enum, default_value_t = duplicates::Format::Table)]
    format: duplicates::Format,
    #[command(flatten)]
    common: CommonArgs,
}

#[derive(Args)]
struct IndexArgs {
    /// Folder of images
    #[arg(long, value_name = "PATH", env = "IMAGRAPH_LIBRARY")]
    library: Option<PathBuf>,
    /// Where the index is: sqlite:///PATH or postgres://USER@HOST/DATABASE [default: as serve's]
    #[arg(long, value_name = "URL", env = "IMAGRAPH_INDEX", hide_env_values = true)]
    index: Option<String>,
    /// Where the library was: its index is that of --library from now on, with the tags of its files. Needs --index
    #[arg(long, value_name = "PATH|URL")]
    moved_from: Option<PathBuf>,
    #[command(flatten)]
    common: CommonArgs,
}

/// Why a command ended early: one line for a person, and the status of the process.
struct Failure {
    message: String,
    status: u8,
}

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    execute(Cli::parse().command).unwrap_or_else(|failure| {
        eprintln!("imagraph: {}", failure.message);
        ExitCode::from(failure.status)
    })
}

fn execute(command: Command) -> Result<ExitCode, Failure> {
    if !matches!(command, Command::Serve(_) | Command::Decode { .. }) {
        telemetry::start(LogFormat::Text, None)?;
    }
    match command {
        Command::Serve(args) => serve::run(Config::load((*args).into())?),
        Command::Inspect(args) => inspect::run(args),
        Command::Compare(args) => compare::run(args),
        Command::Duplicates(args) => duplicates::run(args),
        Command::Index(args) => index::run(args),
        Command::Schema { federation: false } => report::print(&schema::sdl()),
        Command::Schema { federation: true } => report::print(&schema::subgraph_sdl()),
        Command::Settings { markdown: false } => settings::file(),
        Command::Settings { markdown: true } => page_of_settings(),
        Command::Completions { shell } => completions(shell),
        Command::NewKey => key::new(),
        Command::HashKey => key::hash(),
        Command::Decode { task } => Ok(apart::serve(&task)),
    }
}

fn page_of_settings() -> Result<ExitCode, Failure> {
    Cli::command().find_subcommand("serve").map_or(Ok(ExitCode::FAILURE), settings::page)
}

fn completions(shell: Shell) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "imagraph", &mut script);
    report::print(&String::from_utf8_lossy(&script))
}

impl From<ServeArgs> for Given {
    fn from(args: ServeArgs) -> Self {
        Self {
            listen: args.listen,
            public: args.public,
            introspection: args.introspection,
            library: args.library,
            index: args.index.map(Into::into),
            upstream: args.upstream,
            imagekit_url: args.imagekit_url,
            hybrid: args.hybrid,
            redis: args.redis.map(Into::into),
            cors_origins: args.cors_origin,
            log_format: args.log_format,
            otlp_endpoint: args.otlp_endpoint,
            ..Self::from(args.common)
        }
    }
}

impl From<CommonArgs> for Given {
    fn from(args: CommonArgs) -> Self {
        Self { config: args.config, allow_hosts: args.allow_host, decoder: this_program(), ..Self::default() }
    }
}

/// On Linux by a name that stays this program's where its file is replaced by a newer one.
fn this_program() -> Option<PathBuf> {
    if cfg!(target_os = "linux") { Some("/proc/self/exe".into()) } else { env::current_exe().ok() }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self { message: error.to_string(), status: 2 }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self { message: error.to_string(), status: 1 }
    }
}
