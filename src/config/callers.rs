//! Who may ask, for what, and how often.

use std::collections::HashSet;
use std::num::NonZeroU32;
use std::ops::RangeInclusive;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::key::{self, KeyHash, is_key};
use super::limits::within;
use super::privacy::{self, Private};
use super::{ConfigError, Http, file};

/// Callers' keys, separated by commas.
pub(super) const API_KEYS_VARIABLE: &str = "IMAGRAPH_API_KEYS";

/// Whoever sends this key.
#[derive(Debug, Clone)]
pub struct Caller {
    /// For logs. Keys of one account share its name.
    pub name: String,
    /// No other caller's.
    pub key: KeyHash,
    /// One of the accounts, where they are listed.
    pub account: Option<String>,
    pub rights: Vec<Right>,
    /// No limit where there is none.
    pub rate: Option<Rate>,
    /// What it is not shown of images.
    pub withheld: Vec<Private>,
    /// Whether only documents that are known beforehand are run for it.
    pub only_trusted: bool,
}

/// Whoever asks without a key.
#[derive(Debug, Clone)]
pub struct Anonymous {
    pub rights: Vec<Right>,
    /// No limit where there is none.
    pub rate: Option<Rate>,
    /// What they are not shown of images.
    pub withheld: Vec<Private>,
}

/// What a caller may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Ask for metadata, and for the schema.
    Read,
    /// Put images into the library. Nobody has it by default but who alone may reach the gateway.
    Write,
    /// See how the gateway fares.
    Operate,
}

/// A bucket that holds `burst` requests and is filled by so many a second.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    pub requests_per_second: NonZeroU32,
    pub burst: NonZeroU32,
}

/// More is no limit, and would divide a second into nothing.
const RATE: RangeInclusive<u64> = 1..=1_000_000;

/// The callers of all sources. Each has an account where any is listed, and each account has callers.
pub(super) fn all(listed: Vec<file::Caller>, accounts: &[file::Account]) -> Result<Vec<Caller>, ConfigError> {
    let mut callers = of_accounts(accounts)?;
    callers.extend(in_file(listed, accounts)?);
    callers.extend(in_environment(accounts)?);
    let mut keys = HashSet::new();
    if let Some(twin) = callers.iter().find(|caller| !keys.insert(caller.key)) {
        return Err(unusable("callers", format!("the key of {:?} is another's too", twin.name)));
    }
    let asked: HashSet<_> = callers.iter().filter_map(|caller| caller.account.as_deref()).collect();
    if let Some(lonely) = accounts.iter().find(|account| !asked.contains(account.name.as_str())) {
        let reason = format!("{:?} needs caller_keys or a caller, or nobody can ask it", lonely.name);
        return Err(unusable("accounts", reason));
    }
    Ok(callers)
}

/// Whoever may reach it from this machine alone is who runs it: how it fares is for them, and where pictures were taken, and its
/// library is theirs to add to, unless pages of other origins may ask; for others where that is said.
pub(super) fn anonymous(
    file: file::Anonymous,
    public: bool,
    http: &Http,
    callers: &[Caller],
) -> Result<Anonymous, ConfigError> {
    let rate = rate("anonymous.requests_per_second", file.requests_per_second, file.burst)?;
    let withheld = privacy::withheld("anonymous.privacy", file.privacy)?;
    if (rate.is_some() || file.rights.is_some() || withheld.is_some()) && !callers.is_empty() {
        return Err(unusable("anonymous", "nobody asks without a key where there are keys".to_owned()));
    }
    let rights = file.rights.unwrap_or_else(|| match (public, http.cors_origins.is_empty()) {
        (true, _) => vec![Right::Read],
        (false, false) => vec![Right::Read, Right::Operate],
        (false, true) => vec![Right::Read, Right::Write, Right::Operate],
    });
    if rights.is_empty() {
        return Err(unusable("anonymous.rights", "nobody could ask anything".to_owned()));
    }
    let strangers = || if public { Private::ALL.to_vec() } else { Vec::new() };
    Ok(Anonymous { rights, rate, withheld: withheld.unwrap_or_else(strangers) })
}

fn of_accounts(accounts: &[file::Account]) -> Result<Vec<Caller>, ConfigError> {
    let keys = accounts.iter().flat_map(|account| account.caller_keys.iter().map(move |key| (account, key)));
    let caller = |(account, key): (&file::Account, &SecretString)| {
        let reason = || format!("{:?} has a caller key that is empty or not text", account.name);
        let key = hash(key).ok_or_else(|| unusable("accounts", reason()))?;
        Ok(Caller::reader(account.name.clone(), key, Some(account.name.clone())))
    };
    keys.map(caller).collect()
}

fn in_file(listed: Vec<file::Caller>, accounts: &[file::Account]) -> Result<Vec<Caller>, ConfigError> {
    let mut names = HashSet::new();
    let caller = |caller: file::Caller| {
        let name = caller.name.clone();
        if name.is_empty() || !names.insert(name.clone()) {
            return Err(unusable("callers", format!("each needs a name of its own, {name:?} is none")));
        }
        let rate = rate("callers.requests_per_second", caller.requests_per_second, caller.burst)?;
        let withheld = privacy::withheld("callers.privacy", caller.privacy.clone())?.unwrap_or_default();
        let checked = listed_caller(caller, rate, accounts).map(|caller| Caller { withheld, ..caller });
        checked.map_err(|reason| unusable("callers", format!("{name:?} {reason}")))
    };
    listed.into_iter().map(caller).collect()
}

fn listed_caller(
    caller: file::Caller,
    rate: Option<Rate>,
    accounts: &[file::Account],
) -> Result<Caller, String> {
    let key = match (caller.key, caller.key_sha256) {
        (Some(key), None) => hash(&key).ok_or("has a key that is empty or not text"),
        (None, Some(hex)) => {
            KeyHash::parse(hex.expose_secret()).ok_or("has a key_sha256 that is not 64 hexadecimal digits")
        }
        _ => Err("needs either key_sha256 or key"),
    }?;
    let reader = Caller::reader(caller.name, key, account(caller.account, accounts)?);
    let rights = caller.rights.unwrap_or_else(|| reader.rights.clone());
    if rights.is_empty() {
        return Err("has no rights".to_owned());
    }
    Ok(Caller { rights, rate, only_trusted: caller.only_trusted, ..reader })
}

fn in_environment(accounts: &[file::Account]) -> Result<Vec<Caller>, ConfigError> {
    let wrong = |reason: &str| unusable(API_KEYS_VARIABLE, reason.to_owned());
    let Some(keys) = key::from_environment(API_KEYS_VARIABLE)? else { return Ok(Vec::new()) };
    let account = account(None, accounts).map_err(|reason| wrong(&format!("its caller {reason}")))?;
    let caller = |(place, key): (usize, &str)| {
        let key = hash(&key.trim().into()).ok_or_else(|| wrong("a key is empty or not text"))?;
        Ok(Caller::reader(format!("key {}", place + 1), key, account.clone()))
    };
    keys.expose_secret().split(',').enumerate().map(caller).collect()
}

impl Caller {
    /// One who asks as often as it likes.
    fn reader(name: String, key: KeyHash, account: Option<String>) -> Self {
        Self {
            name,
            key,
            account,
            rights: vec![Right::Read],
            rate: None,
            withheld: Vec::new(),
            only_trusted: false,
        }
    }
}

fn hash(key: &SecretString) -> Option<KeyHash> {
    is_key(key).then(|| KeyHash::of(key))
}

/// The account that is named, or the only one; none where none is listed.
fn account(named: Option<String>, accounts: &[file::Account]) -> Result<Option<String>, String> {
    match (named, accounts) {
        (Some(name), _) if accounts.iter().any(|account| account.name == name) => Ok(Some(name)),
        (Some(name), _) => Err(format!("has the account {name:?}, which is not listed")),
        (None, []) => Ok(None),
        (None, [only]) => Ok(Some(only.name.clone())),
        (None, _) => Err("needs an account, as there are several".to_owned()),
    }
}

fn rate(
    setting: &'static str,
    per_second: Option<NonZeroU32>,
    burst: Option<NonZeroU32>,
) -> Result<Option<Rate>, ConfigError> {
    let Some(requests_per_second) = per_second else {
        let needless = || Err(unusable(setting, "a burst needs requests_per_second".to_owned()));
        return burst.map_or(Ok(None), |_| needless());
    };
    within(setting, Some(requests_per_second.get().into()), RATE, 0)?;
    Ok(Some(Rate { requests_per_second, burst: burst.unwrap_or(requests_per_second) }))
}

fn unusable(setting: &'static str, reason: String) -> ConfigError {
    ConfigError::Unusable { setting, reason }
}
