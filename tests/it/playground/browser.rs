//! The page as its visitors have it: `tests/playground/*.test.js` in Debian's Chromium, over gateways of this test's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

use imagraph::config::Given;
use tempfile::TempDir;

use crate::callers;
use crate::gateway::{Gateway, pictures};
use crate::redis_server::until;
use crate::stub::broken;

/// Bytes that a picture of the README may have.
const SCREENSHOT: u64 = 250_000;

/// A folder with what is needed of npm, installed once.
fn folder() -> PathBuf {
    static INSTALLED: Once = Once::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/playground");
    INSTALLED.call_once(|| {
        let installed = Command::new("npm").args(["ci", "--silent"]).current_dir(&folder).status();
        assert!(installed.expect("npm").success());
    });
    folder
}

/// Runs a script of that folder, which is told addresses and paths by the environment.
fn passes(arguments: &[&str], environment: &[(&str, &str)]) {
    let mut node = Command::new("node");
    node.args(arguments).current_dir(folder()).envs(environment.iter().copied());
    let output = node.output().expect("node");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}\n{said}");
}

fn copy(from: &str, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for file in fs::read_dir(pictures().join(from)).expect("pictures") {
        let file = file.expect("a picture");
        fs::copy(file.path(), to.join(file.file_name())).expect("copied");
    }
}

/// A library, and an index of it that knows which pictures look the same.
struct Served {
    gateway: Gateway,
    _library: Option<TempDir>,
    _index: TempDir,
}

impl Served {
    /// Pictures that are whole, in a folder of their own.
    fn start(allow_hosts: Vec<String>) -> Self {
        let library = tempfile::tempdir().expect("a folder");
        for name in ["jpeg", "similar"] {
            copy(name, &library.path().join(name));
        }
        let served = Self::over(library.path(), allow_hosts);
        Self { _library: Some(library), ..served }
    }

    /// As `serve --library` does.
    fn over(library: &Path, allow_hosts: Vec<String>) -> Self {
        let index = tempfile::tempdir().expect("a folder");
        let place = format!("sqlite://{}", index.path().join("index.sqlite").display());
        let given = Given { library: Some(library.to_owned()), allow_hosts, ..Given::default() };
        let gateway = Gateway::start(Given { index: Some(place.into()), ..given });
        let groups = "{ duplicateGroups { edges { node { count } } } }";
        let counted = || gateway.data(groups)["duplicateGroups"]["edges"][0]["node"]["count"].as_i64();
        until("the library is indexed", || counted() >= Some(5));
        Self { gateway, _library: None, _index: index }
    }

    fn url(&self) -> String {
        self.gateway.url("")
    }
}

/// A gateway that wants a key, and withholds something from who has it.
fn locked() -> Gateway {
    let caller = "name = \"tests\"\nkey = \"a key of the tests\"\nprivacy = [\"location\"]";
    callers::gateway(&format!("[[callers]]\n{caller}\n"))
}

/// Over a hundred pictures, of which two have names and EXIF that mean harm.
fn hostile() -> (Gateway, TempDir) {
    let library = tempfile::tempdir().expect("a folder");
    let mut camera = fs::read(pictures().join("jpeg/exif-camera-le.jpg")).expect("a picture");
    let make = b"imagraph cameras";
    let at = camera.windows(make.len()).position(|bytes| bytes == make).expect("its maker");
    camera[at..at + make.len()].copy_from_slice(b"<b>HTML</b>&amp;");
    for name in ["<img src=x onerror=alert(1)>.jpg", "\u{202e}gpj.exe\u{2066}.jpg"] {
        fs::write(library.path().join(name), &camera).expect("written");
    }
    for number in 0..110 {
        let to = library.path().join(format!("{number:03}.jpg"));
        fs::copy(pictures().join("jpeg/444.jpg"), to).expect("copied");
    }
    fs::copy(pictures().join("svg/pixels.svg"), library.path().join("pixels.svg")).expect("copied");
    let gateway = Gateway::start(Given { library: Some(library.path().to_owned()), ..Given::default() });
    (gateway, library)
}

#[test]
fn queries_and_the_pictures_of_their_answers() {
    let served = Served::start(Vec::new());
    passes(&["--test", "pictures.test.js"], &[("GATEWAY", &served.url())]);
}

#[test]
fn the_start() {
    let (served, bare) = (Served::start(Vec::new()), Gateway::start(Given::default()));
    let damaged = tempfile::tempdir().expect("a folder");
    fs::write(damaged.path().join("a.jpg"), "no picture").expect("written");
    let unread = Gateway::start(Given { library: Some(damaged.path().to_owned()), ..Given::default() });
    let urls = [("GATEWAY", served.url()), ("BARE", bare.url("")), ("UNREAD", unread.url(""))];
    passes(&["--test", "start.test.js"], &urls.each_ref().map(|(name, url)| (*name, url.as_str())));
}

#[test]
fn subscriptions() {
    let silent = broken(Vec::new(), false);
    let served = Served::start(vec![silent.to_string()]);
    let picture = format!("http://{silent}/a.png");
    passes(&["--test", "live.test.js"], &[("GATEWAY", &served.url()), ("SILENT", &picture)]);
}

#[test]
fn links_and_the_key() {
    let (served, locked) = (Served::start(Vec::new()), locked());
    passes(&["--test", "links.test.js"], &[("GATEWAY", &served.url()), ("LOCKED", &locked.url(""))]);
}

#[test]
fn for_everybody() {
    let (served, locked) = (Served::start(Vec::new()), locked());
    passes(&["--test", "access.test.js"], &[("GATEWAY", &served.url()), ("LOCKED", &locked.url(""))]);
}

#[test]
fn strangers_words_and_answers_that_are_none() {
    let (served, (hostile, _library)) = (Served::start(Vec::new()), hostile());
    passes(&["--test", "hostile.test.js"], &[("GATEWAY", &served.url()), ("HOSTILE", &hostile.url(""))]);
}

#[test]
fn what_is_sent() {
    let served = Served::start(Vec::new());
    passes(&["--test", "sent.test.js"], &[("GATEWAY", &served.url())]);
}

#[test]
fn its_layout() {
    let served = Served::start(Vec::new());
    passes(&["--test", "layout.test.js"], &[("GATEWAY", &served.url())]);
}

#[test]
fn its_weight() {
    let served = Served::start(Vec::new());
    passes(&["--test", "weight.test.js"], &[("GATEWAY", &served.url())]);
}

/// With `SCREENSHOTS=1` those of the README are taken anew.
#[test]
fn its_pictures_for_the_readme() {
    let elsewhere = tempfile::tempdir().expect("a folder");
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let to = if std::env::var_os("SCREENSHOTS").is_some() { docs.as_path() } else { elsewhere.path() };
    let served = Served::over(&pictures(), Vec::new());
    passes(&["screenshots.js"], &[("GATEWAY", &served.url()), ("TO", &to.display().to_string())]);
    for folder in [to, &docs] {
        for name in ["playground.png", "playground-dark.png"] {
            let bytes = fs::metadata(folder.join(name)).expect(name).len();
            assert!((10_000..SCREENSHOT).contains(&bytes), "{name}: {bytes} bytes");
        }
    }
}
