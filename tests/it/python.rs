//! Python with packages of its own, each set of them in a place below `target`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

/// One installs at a time.
static INSTALLING: Mutex<()> = Mutex::new(());

/// The Python of a place that has what a file of requirements wants. It is made anew where that has changed.
pub fn with(requirements: &str, place: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (wanted, venv) = (root.join(requirements), root.join("target").join(place));
    let run = |command: &mut Command| assert!(command.status().expect("python3").success(), "{command:?}");
    let _alone = INSTALLING.lock().expect("the one before has installed");
    let (installed, text) = (venv.join("installed.txt"), fs::read(&wanted).expect("requirements"));
    if fs::read(&installed).is_ok_and(|known| known == text) {
        return venv.join("bin/python");
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv));
    run(Command::new(venv.join("bin/pip")).args(["install", "-q", "--no-deps", "-r"]).arg(&wanted));
    fs::write(installed, text).expect("written");
    venv.join("bin/python")
}
