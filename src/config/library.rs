//! Where the media library is.

use std::fmt;
use std::path::PathBuf;

use super::ConfigError;

/// What `file(id)` serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Library {
    /// A folder of this machine.
    Folder(PathBuf),
    /// A bucket, or what lies below a prefix of one, that replicas share.
    Bucket(Bucket),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    pub provider: Provider,
    /// Of Azure the container; the account is in the environment, as the credentials are.
    pub name: String,
    /// Of the keys, without a slash at its ends; empty for the whole bucket.
    pub prefix: String,
}

/// Whose API it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    S3,
    GoogleCloud,
    Azure,
}

const PROVIDERS: [(&str, Provider); 3] =
    [("s3://", Provider::S3), ("gs://", Provider::GoogleCloud), ("az://", Provider::Azure)];

impl Library {
    /// A folder that can be read now; whether a bucket is there is seen when it is asked.
    pub fn parse(path: PathBuf) -> Result<Self, ConfigError> {
        let parsed = match path.to_str().and_then(bucket_url) {
            Some((provider, rest)) => Bucket::parse(provider, rest).map(Self::Bucket),
            None => std::fs::read_dir(&path).is_ok().then(|| Self::Folder(path.clone())),
        };
        parsed.ok_or_else(|| ConfigError::Wrong {
            setting: "library",
            value: path.display().to_string(),
            wanted: "a folder that can be read (a new one has to be made first), nor s3://BUCKET/PREFIX, \
                gs://BUCKET/PREFIX or az://CONTAINER/PREFIX",
        })
    }
}

/// Of a folder its real path: another spelling is no other library.
impl fmt::Display for Library {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.canonicalize().as_ref().unwrap_or(path).display().fmt(formatter),
            Self::Bucket(bucket) => bucket.fmt(formatter),
        }
    }
}

fn bucket_url(text: &str) -> Option<(Provider, &str)> {
    PROVIDERS.into_iter().find_map(|(scheme, provider)| Some((provider, text.strip_prefix(scheme)?)))
}

impl Bucket {
    fn parse(provider: Provider, rest: &str) -> Option<Self> {
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_end_matches('/');
        let plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(char::is_control);
        let usable = is_bucket_name(name) && (prefix.is_empty() || prefix.split('/').all(plain));
        usable.then(|| Self { provider, name: name.to_owned(), prefix: prefix.to_owned() })
    }
}

/// What all three allow of a name. It becomes part of a host or of a path.
fn is_bucket_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=255).contains(&name.len())
        && name.bytes().all(plain)
        && !name.starts_with('.')
        && !name.contains("..")
}

/// As it is written in the settings.
impl fmt::Display for Bucket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.provider {
            Provider::S3 => "s3",
            Provider::GoogleCloud => "gs",
            Provider::Azure => "az",
        };
        write!(formatter, "{scheme}://{}", self.name)?;
        if self.prefix.is_empty() { Ok(()) } else { write!(formatter, "/{}", self.prefix) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_told_from_a_folder_by_its_scheme() {
        for (text, provider, name, prefix) in [
            ("s3://photos", Provider::S3, "photos", ""),
            ("s3://my.photos-1/", Provider::S3, "my.photos-1", ""),
            ("gs://photos/a b/ü%20+/", Provider::GoogleCloud, "photos", "a b/ü%20+"),
            ("az://photos/a", Provider::Azure, "photos", "a"),
        ] {
            let bucket = Bucket { provider, name: name.to_owned(), prefix: prefix.to_owned() };
            assert_eq!(Library::parse(text.into()).unwrap(), Library::Bucket(bucket.clone()), "{text}");
            assert_eq!(bucket.to_string(), text.trim_end_matches('/'));
        }
        assert_eq!(Library::parse("/".into()).unwrap(), Library::Folder("/".into()));
    }

    #[test]
    fn what_names_neither_is_refused() {
        for text in [
            "s3://",
            "s3:///a",
            "s3://a b",
            "s3://key:secret@host/a",
            "s3://../a",
            "s3://a/../b",
            "gs://a//b",
            "az://a/\n",
            "http://a/b",
            "s3:/photos",
            "/nowhere",
        ] {
            assert!(matches!(Library::parse(text.into()), Err(ConfigError::Wrong { .. })), "{text}");
        }
    }
}
