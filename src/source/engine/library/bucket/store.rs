//! The clients of the three providers, set up by the environment.

use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::list::PaginatedListStore;
use object_store::{BackoffConfig, ClientConfigKey, ObjectStore, RetryConfig};

use super::connection::Connector;
use crate::config::{self, ConfigError, Provider};

/// How often a request is sent again that failed in passing.
const RETRIES: usize = 2;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

pub struct Store {
    pub objects: Arc<dyn ObjectStore>,
    pub lists: Arc<dyn PaginatedListStore>,
    /// Which bucket it is, and whose.
    pub scope: String,
}

/// With `AWS_*`, `GOOGLE_*` or `AZURE_*`, as `object_store` reads them. Whoever waits does so no longer than `patience`.
pub fn build(bucket: &config::Bucket, patience: Duration) -> Result<Store, ConfigError> {
    let built = match bucket.provider {
        Provider::S3 => s3(bucket, patience),
        Provider::GoogleCloud => google_cloud(bucket, patience),
        Provider::Azure => azure(bucket, patience),
    };
    built
        .map_err(|reason| ConfigError::Unusable { setting: "library", reason: format!("{bucket}: {reason}") })
}

/// The crate's text may quote a setting, and that may be a secret.
fn unusable(_: object_store::Error) -> &'static str {
    "the settings of its provider in the environment cannot be used"
}

fn s3(bucket: &config::Bucket, patience: Duration) -> Result<Store, &'static str> {
    let builder = AmazonS3Builder::from_env().with_bucket_name(&bucket.name);
    let setting = |key| builder.get_config_value(&key).unwrap_or_default();
    let endpoint = setting(AmazonS3ConfigKey::Endpoint);
    let plain = setting(AmazonS3ConfigKey::Client(ClientConfigKey::AllowHttp));
    if endpoint.starts_with("http://") && plain != "true" {
        return Err("AWS_ENDPOINT is http, which AWS_ALLOW_HTTP=true has to allow");
    }
    let store = builder.with_retry(retries(patience)).with_http_connector(Connector).build();
    let store = store.map_err(unusable)?;
    Ok(Store::of(store, format!("{bucket} {endpoint}")))
}

fn google_cloud(bucket: &config::Bucket, patience: Duration) -> Result<Store, &'static str> {
    let builder = GoogleCloudStorageBuilder::from_env().with_bucket_name(&bucket.name);
    let store = builder.with_retry(retries(patience)).with_http_connector(Connector).build();
    let store = store.map_err(unusable)?;
    Ok(Store::of(store, bucket.to_string()))
}

fn azure(bucket: &config::Bucket, patience: Duration) -> Result<Store, &'static str> {
    let builder = MicrosoftAzureBuilder::from_env().with_container_name(&bucket.name);
    let whose = [AzureConfigKey::AccountName, AzureConfigKey::Endpoint];
    let whose = whose.map(|key| builder.get_config_value(&key).unwrap_or_default()).join(" ");
    let store = builder.with_retry(retries(patience)).with_http_connector(Connector).build();
    let store = store.map_err(unusable)?;
    Ok(Store::of(store, format!("{bucket} {whose}")))
}

impl Store {
    fn of<S: ObjectStore + PaginatedListStore>(store: S, scope: String) -> Self {
        let store = Arc::new(store);
        Self { objects: store.clone(), lists: store, scope }
    }
}

fn retries(patience: Duration) -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig { init_backoff: FIRST_PAUSE, max_backoff: LONGEST_PAUSE, base: 2.0 },
        max_retries: RETRIES,
        retry_timeout: patience,
    }
}
