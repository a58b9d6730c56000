//! ImageKit's API, and the accounts that are asked there.

use std::collections::HashSet;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::key::{self, is_key};
use super::{ConfigError, Upstream, file};

pub const IMAGEKIT_API: &str = "https://api.imagekit.io";
pub const PRIVATE_KEY_VARIABLE: &str = "IMAGEKIT_PRIVATE_KEY";

#[derive(Debug, Clone)]
pub struct ImageKit {
    /// Where the REST API is.
    pub url: Url,
    /// Below which the account's files are delivered.
    pub url_endpoint: Option<Url>,
    pub private_key: SecretString,
}

/// One of several accounts.
#[derive(Debug, Clone)]
pub struct Account {
    pub name: String,
    pub imagekit: ImageKit,
}

impl ImageKit {
    /// `needs_key` where it is to be asked.
    pub(super) fn new(
        given: Option<String>,
        file: file::ImageKit,
        needs_key: bool,
    ) -> Result<Self, ConfigError> {
        let url = api(given.or(file.url))?;
        let private_key = private_key(file.private_key)?;
        if private_key.is_none() && needs_key {
            return Err(unusable_key("upstream `imagekit` needs one"));
        }
        let url_endpoint = endpoint(file.url_endpoint, "imagekit.url_endpoint")?;
        Ok(Self { url, url_endpoint, private_key: private_key.unwrap_or_default() })
    }
}

/// The accounts of the file, all of them at the same API.
pub(super) fn accounts(
    accounts: &[file::Account],
    upstream: Upstream,
    api: &Url,
) -> Result<Vec<Account>, ConfigError> {
    if upstream == Upstream::Engine && !accounts.is_empty() {
        return Err(unusable_account("they need upstream `imagekit`"));
    }
    let (mut names, mut keys) = (HashSet::new(), HashSet::new());
    for account in accounts {
        if account.name.is_empty() || !names.insert(account.name.clone()) {
            return Err(unusable_account("each needs a name of its own"));
        }
        if !is_key(&account.private_key) {
            return Err(unusable_account(&format!("{:?} needs a private_key", account.name)));
        }
        // Its rate limits would be kept twice.
        if !keys.insert(account.private_key.expose_secret().to_owned()) {
            return Err(unusable_account(&format!("{:?} has the private_key of another", account.name)));
        }
    }
    let account = |account: &file::Account| {
        let url_endpoint = endpoint(account.url_endpoint.clone(), "accounts.url_endpoint")?;
        let imagekit = ImageKit { url: api.clone(), url_endpoint, private_key: account.private_key.clone() };
        Ok(Account { name: account.name.clone(), imagekit })
    };
    accounts.iter().map(account).collect()
}

fn endpoint(value: Option<String>, setting: &'static str) -> Result<Option<Url>, ConfigError> {
    let Some(value) = value else { return Ok(None) };
    match Url::parse(&value) {
        Ok(url) if is_base(&url) => Ok(Some(url)),
        _ => Err(ConfigError::Unusable {
            setting,
            reason: "it is not a URL such as https://ik.imagekit.io/your_id".to_owned(),
        }),
    }
}

fn api(value: Option<String>) -> Result<Url, ConfigError> {
    let value = value.unwrap_or_else(|| IMAGEKIT_API.to_owned());
    match Url::parse(&value) {
        Ok(url) if is_base(&url) => Ok(url),
        // Not the value: who writes a user into it writes a password as well.
        _ => Err(ConfigError::Unusable {
            setting: "imagekit_url (imagekit.url)",
            reason: "it is not an http or https URL without user, query and fragment".to_owned(),
        }),
    }
}

/// Paths are put behind it.
pub(super) fn is_base(url: &Url) -> bool {
    let credentials = !url.username().is_empty() || url.password().is_some();
    matches!(url.scheme(), "http" | "https")
        && !credentials
        && url.query().is_none()
        && url.fragment().is_none()
}

fn private_key(in_file: Option<SecretString>) -> Result<Option<SecretString>, ConfigError> {
    let in_environment = key::from_environment(PRIVATE_KEY_VARIABLE)?;
    match [in_environment, in_file].into_iter().flatten().find(|key| !key.expose_secret().is_empty()) {
        Some(key) if !is_key(&key) => Err(unusable_key("it has control characters, a line break perhaps")),
        key => Ok(key),
    }
}

fn unusable_key(reason: &str) -> ConfigError {
    let setting = "private key (IMAGEKIT_PRIVATE_KEY or imagekit.private_key)";
    ConfigError::Unusable { setting, reason: reason.to_owned() }
}

fn unusable_account(reason: &str) -> ConfigError {
    ConfigError::Unusable { setting: "accounts", reason: reason.to_owned() }
}
