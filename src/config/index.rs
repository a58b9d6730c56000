//! Where the index of the library is.

use std::env;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use url::Url;

use super::limits::seconds;
use super::{ConfigError, Library, file};

/// Of a service of systemd, then of a person.
const STATE_FOLDERS: [(&str, &str); 3] =
    [("STATE_DIRECTORY", ""), ("XDG_STATE_HOME", "imagraph"), ("HOME", ".local/state/imagraph")];

#[derive(Debug, Clone)]
pub struct Index {
    pub place: IndexPlace,
    /// How long after a scan the next one begins.
    pub rescan: Duration,
}

#[derive(Debug, Clone)]
pub enum IndexPlace {
    /// For a folder a file of SQLite's where programs keep what they remember, named after the folder. For a bucket there is
    /// none: to read all of it may cost money.
    Default,
    /// `sqlite:` or `postgres:`. May hold a password.
    Url(SecretString),
    /// There is none.
    Off,
}

impl Index {
    pub(super) fn new(given: Option<SecretString>, file: file::Index) -> Result<Self, ConfigError> {
        let place = match given.or(file.url) {
            None => IndexPlace::Default,
            Some(off) if off.expose_secret() == "off" => IndexPlace::Off,
            Some(url) if is_usable(url.expose_secret()) => IndexPlace::Url(url),
            Some(url) => {
                let in_memory =
                    url.expose_secret().starts_with("sqlite:") && url.expose_secret().ends_with(":memory:");
                let reason = if in_memory { IN_MEMORY } else { FORMS }.to_owned();
                return Err(ConfigError::Unusable { setting: "index", reason });
            }
        };
        let rescan =
            seconds("index.rescan_seconds", file.rescan_seconds, 1..=86_400, Duration::from_secs(300))?;
        Ok(Self { place, rescan })
    }

    /// Where the index of a library is, if anywhere.
    pub fn url(&self, library: &Library) -> Option<Url> {
        match (&self.place, library) {
            (IndexPlace::Url(url), _) => Url::parse(url.expose_secret()).ok(),
            (IndexPlace::Default, Library::Folder(_)) => sqlite_url(&default_file(&library.to_string())?),
            (IndexPlace::Default, Library::Bucket(_)) | (IndexPlace::Off, _) => None,
        }
    }
}

const FORMS: &str = "it is off, sqlite:///PATH or postgres://USER@HOST/DATABASE";
const IN_MEMORY: &str = "it needs a file, sqlite:///PATH: what is in memory alone is lost with the process";

/// Other options of SQLite's are not for people to set.
fn is_usable(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| match url.scheme() {
        "sqlite" => url.query().is_none() && !url.has_host() && !matches!(url.path(), "" | "/" | ":memory:"),
        scheme => matches!(scheme, "postgres" | "postgresql"),
    })
}

fn default_file(library: &str) -> Option<PathBuf> {
    let folder = |(variable, below): (&str, &str)| {
        let folder = PathBuf::from(env::var_os(variable)?);
        folder.is_absolute().then(|| folder.join(below))
    };
    let digest = Sha256::digest(library);
    let name: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    STATE_FOLDERS.into_iter().find_map(folder).map(|folder| folder.join(name + ".sqlite"))
}

fn sqlite_url(file: &std::path::Path) -> Option<Url> {
    let path = Url::from_file_path(file).ok()?;
    Url::parse(&format!("sqlite://{}", path.path())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(url: &str) -> Result<Index, ConfigError> {
        Index::new(Some(url.into()), file::Index::default())
    }

    #[test]
    fn databases_of_two_kinds_are_known() {
        for url in ["sqlite:///a/b.sqlite", "sqlite:a.sqlite", "postgres://a:b@c/d", "postgresql://c/d"] {
            let bucket = Library::parse("s3://photos".into()).unwrap();
            assert_eq!(index(url).unwrap().url(&bucket).unwrap().as_str(), url);
        }
        for url in [
            "",
            "on",
            "sqlite:",
            "sqlite://",
            "sqlite::memory:",
            "sqlite://:memory:",
            "sqlite://a/b",
            "sqlite:///a?mode=ro",
            "mysql://a/b",
            "/a/b.sqlite",
        ] {
            assert!(index(url).is_err(), "{url}");
        }
        let folder = Library::parse("/".into()).unwrap();
        assert!(index("off").unwrap().url(&folder).is_none());
    }

    #[test]
    fn a_bucket_is_not_read_unasked() {
        let index = Index::new(None, file::Index::default()).unwrap();
        assert!(index.url(&Library::parse("s3://photos".into()).unwrap()).is_none());
    }

    #[test]
    fn each_library_has_a_file_of_its_own() {
        let name = |library| default_file(library).map(|file| file.file_name().unwrap().to_owned());
        assert_ne!(name("/a"), name("/b"));
        let url = sqlite_url(std::path::Path::new("/a b/ä?.sqlite")).unwrap();
        assert_eq!(url.as_str(), "sqlite:///a%20b/%C3%A4%3F.sqlite");
    }
}
