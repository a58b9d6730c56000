//! One Redis or Valkey, alone or a cluster, that may be slow, full or away at any time: nobody waits long for it, and
//! whatever goes wrong is an answer that is missing.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::{
    AsyncConnectionConfig, Client, Cmd, FromRedisValue, RedisError, RedisResult, TlsCertificates, cmd,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use secrecy::ExposeSecret;
use tokio::time::{Instant, timeout};

use crate::config::{self, ConfigError};
use crate::metrics::{Counter, Gauge, Table, label};

/// For one answer. Before a call is sent Redis is asked twice, which is not to take 50 ms longer; once more only of who
/// had to wait for a turn.
const PATIENCE: Duration = Duration::from_millis(25);
/// For connecting, which nobody waits for but the start of the gateway.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// After a failure nothing is asked for so long.
const PAUSE: Duration = Duration::from_millis(500);

label!(
    /// What became of a command.
    Command, "outcome" {
        Answered = "answered",
        Refused = "refused",
        /// No answer in time, or no connection any more.
        Lost = "lost",
        /// Not sent, as Redis is away.
        Away = "away",
    }
);

/// 1 while there is a connection.
pub static UP: LazyLock<Gauge> = LazyLock::new(Gauge::default);
pub static COMMANDS: LazyLock<Table<Command, Counter>> = LazyLock::new(Table::default);

pub struct Redis {
    client: Client,
    config: config::Redis,
    state: Mutex<State>,
    /// What the log says of it.
    answers: AtomicBool,
}

enum State {
    Here(Connection),
    Connecting,
    Away { until: Instant },
}

#[derive(Clone)]
enum Connection {
    Alone(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl Redis {
    pub fn new(config: config::Redis) -> Result<Arc<Self>, ConfigError> {
        crate::tls::install();
        let client = client(&config)?;
        let state = Mutex::new(State::Away { until: Instant::now() });
        Ok(Arc::new(Self { client, config, state, answers: AtomicBool::new(true) }))
    }

    /// Connects for the first time, or leaves it to those who ask.
    pub async fn start(self: &Arc<Self>) {
        *self.state() = State::Connecting;
        self.connect().await;
        match *self.state() {
            State::Here(_) => tracing::info!("Redis is there"),
            State::Connecting | State::Away { .. } => self.note(false),
        }
    }

    /// Logs once that it does not answer, and once that it does again: it may take connections and answer nobody in time.
    fn note(&self, answers: bool) {
        if self.answers.load(Ordering::Relaxed) == answers
            || self.answers.swap(answers, Ordering::Relaxed) == answers
        {
            return;
        }
        if answers {
            tracing::info!("Redis answers again");
        } else {
            tracing::warn!("Redis does not answer: going on without it");
        }
    }

    /// `None` where there is no answer in time, or one that says that something is wrong.
    pub async fn ask<T: FromRedisValue>(self: &Arc<Self>, command: &Cmd) -> Option<T> {
        let (outcome, answer) = self.outcome(command).await;
        COMMANDS.of(outcome).inc();
        answer
    }

    async fn outcome<T: FromRedisValue>(self: &Arc<Self>, command: &Cmd) -> (Command, Option<T>) {
        let Some(connection) = self.connection() else { return (Command::Away, None) };
        match timeout(PATIENCE, connection.ask(command)).await {
            Ok(Ok(answer)) => {
                self.note(true);
                (Command::Answered, Some(answer))
            }
            Ok(Err(refused)) if !is_lost(&refused) => {
                tracing::debug!(code = refused.code(), "Redis refuses a command");
                (Command::Refused, None)
            }
            Ok(Err(_)) | Err(_) => {
                self.lose();
                (Command::Lost, None)
            }
        }
    }

    fn connection(self: &Arc<Self>) -> Option<Connection> {
        let mut state = self.state();
        match &*state {
            State::Here(connection) => return Some(connection.clone()),
            State::Away { until } if *until <= Instant::now() => {
                *state = State::Connecting;
                let redis = Arc::clone(self);
                tokio::spawn(async move { redis.connect().await });
            }
            State::Away { .. } | State::Connecting => {}
        }
        None
    }

    async fn connect(&self) {
        match timeout(CONNECT_TIMEOUT, Connection::to(&self.client, &self.config)).await {
            Ok(Ok(connection)) => {
                UP.set(1);
                *self.state() = State::Here(connection);
            }
            _ => *self.state() = away(),
        }
    }

    fn lose(&self) {
        let mut state = self.state();
        if matches!(*state, State::Here(_)) {
            UP.set(0);
            *state = away();
            self.note(false);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    /// Asks the server whether it is one of a cluster.
    async fn to(client: &Client, config: &config::Redis) -> RedisResult<Self> {
        let timeouts = AsyncConnectionConfig::new().set_connection_timeout(Some(CONNECT_TIMEOUT));
        let mut alone = client.get_multiplexed_async_connection_with_config(&timeouts).await?;
        match cmd("INFO").arg("cluster").query_async::<String>(&mut alone).await {
            Ok(info) if info.contains("cluster_enabled:1") => {}
            Err(error) if is_lost(&error) => return Err(error),
            // A user that may not ask this is one of a server alone.
            Ok(_) | Err(_) => return Ok(Self::Alone(alone)),
        }
        let mut cluster = ClusterClient::builder([config.url.expose_secret()]);
        if let Some(certificates) = certificates(config) {
            cluster = cluster.certs(certificates);
        }
        let cluster = cluster.connection_timeout(CONNECT_TIMEOUT).retries(1).build()?;
        cluster.get_async_connection().await.map(Self::Cluster)
    }

    async fn ask<T: FromRedisValue>(self, command: &Cmd) -> RedisResult<T> {
        match self {
            Self::Alone(mut connection) => query(command, &mut connection).await,
            Self::Cluster(mut connection) => query(command, &mut connection).await,
        }
    }
}

fn client(config: &config::Redis) -> Result<Client, ConfigError> {
    let unusable = |setting, reason: &str| ConfigError::Unusable { setting, reason: reason.to_owned() };
    let stated = config.authorities.as_deref().map(CertificateDer::from_pem_slice);
    if let Some(Err(_)) = stated {
        return Err(unusable("redis.ca_file", "it does not hold certificates in PEM"));
    }
    let url = config.url.expose_secret();
    let client = match certificates(config) {
        Some(certificates) => Client::build_with_tls(url, certificates),
        None => Client::open(url),
    };
    // Not the error's text, which may quote the password.
    let wanted = "it is not a URL such as redis://host:6379 or rediss://user:password@host:6380/0";
    client.map_err(|_| unusable("redis (redis.url)", wanted))
}

fn certificates(config: &config::Redis) -> Option<TlsCertificates> {
    let authorities = config.authorities.clone()?;
    Some(TlsCertificates { client_tls: None, root_cert: Some(authorities) })
}

async fn query<T: FromRedisValue>(command: &Cmd, connection: &mut impl ConnectionLike) -> RedisResult<T> {
    command.query_async(connection).await
}

/// A refusal (no memory left) is an answer all the same. A server that others have taken over from is to be left: its
/// address may lead to them.
fn is_lost(error: &RedisError) -> bool {
    let taken_over = matches!(error.code(), Some("READONLY" | "MASTERDOWN"));
    let gone = error.is_io_error() || error.is_timeout() || error.is_connection_dropped();
    gone || taken_over || error.is_cluster_error()
}

fn away() -> State {
    State::Away { until: Instant::now() + PAUSE }
}
