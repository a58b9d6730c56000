//! Files that are put into the library, by GraphQL and as ImageKit takes them.

mod bad;
mod bucket;
mod graphql;
mod killed;
mod overwritten;
mod rest;
mod rights;
mod sdk;

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use image::{ImageFormat, RgbImage};
use reqwest::blocking::{RequestBuilder, Response};
use serde_json::{Value, json};

use crate::gateway::client;
use crate::process::Process;

pub const UPLOAD: &str = "mutation($file: Upload!, $folder: String, $name: String, $unique: Boolean) {
    upload(file: $file, folder: $folder, fileName: $name, unique: $unique) { id path width format pHash size } }";

/// A library in a folder, with its index beside it.
pub struct Place {
    folder: tempfile::TempDir,
    pub gateway: Process,
}

impl Place {
    pub fn with(arguments: &[&str], settings: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("images")).expect("made");
        let gateway = Self::serve(folder.path(), arguments, settings);
        Self { folder, gateway }
    }

    pub fn new() -> Self {
        Self::with(&[], "")
    }

    fn serve(folder: &Path, arguments: &[&str], settings: &str) -> Process {
        let library = folder.join("images");
        let index = format!("sqlite://{}", folder.join("index.sqlite").display());
        let environment = [("IMAGRAPH_INDEX", index.as_str())];
        let ours = ["--library", library.to_str().expect("a path")];
        Process::serve(&[&ours[..], arguments].concat(), &environment, settings)
    }

    pub fn root(&self) -> PathBuf {
        self.folder.path().join("images")
    }

    /// Another gateway over the same library, once this one is gone.
    pub fn again(self) -> Self {
        let Self { folder, gateway } = self;
        drop(gateway);
        let gateway = Self::serve(folder.path(), &[], "");
        Self { folder, gateway }
    }

    /// Everything that is in the library, hidden or not.
    pub fn files(&self) -> Vec<String> {
        files(&self.root())
    }
}

/// Files and folders below a folder.
pub fn files(root: &Path) -> Vec<String> {
    let (mut found, mut folders) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry")) {
            let path = entry.path();
            found.push(path.strip_prefix(root).expect("below").to_str().expect("text").to_owned());
            if entry.file_type().expect("a type").is_dir() {
                folders.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Noise from a seed, which no compression makes small.
pub fn picture(seed: u64, side: u32, format: ImageFormat) -> Vec<u8> {
    let mut noise = fastrand::Rng::with_seed(seed);
    let noise = RgbImage::from_fn(side, side, |_, _| image::Rgb([noise.u8(..), noise.u8(..), noise.u8(..)]));
    let mut bytes = Cursor::new(Vec::new());
    noise.write_to(&mut bytes, format).expect("written");
    bytes.into_inner()
}

/// A body in parts, each with its name, what its file is called, and its bytes.
#[derive(Default, Clone)]
pub struct Form(Vec<u8>);

pub const BOUNDARY: &str = "----of-the-tests";

impl Form {
    pub fn text(self, name: &str, text: &str) -> Self {
        self.part(&format!("name=\"{name}\""), text.as_bytes())
    }

    pub fn file(self, name: &str, file_name: &str, bytes: &[u8]) -> Self {
        self.part(&format!("name=\"{name}\"; filename=\"{file_name}\""), bytes)
    }

    fn part(mut self, parameters: &str, bytes: &[u8]) -> Self {
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {parameters}\r\n\r\n");
        self.0.extend([head.as_bytes(), bytes, b"\r\n"].concat());
        self
    }

    /// Without its end.
    pub fn open(self) -> Vec<u8> {
        self.0
    }

    pub fn body(mut self) -> Vec<u8> {
        self.0.extend(format!("--{BOUNDARY}--\r\n").as_bytes());
        self.0
    }

    /// Of one file that is a variable.
    pub fn graphql(variables: &Value, file_name: &str, bytes: &[u8]) -> Self {
        let mut variables = variables.clone();
        variables["file"] = Value::Null;
        let operations = json!({"query": UPLOAD, "variables": variables});
        let form = Self::default().text("operations", &operations.to_string());
        form.text("map", r#"{"0": ["variables.file"]}"#).file("0", file_name, bytes)
    }

    /// As ImageKit's clients send it.
    pub fn rest(fields: &[(&str, &str)], bytes: &[u8]) -> Self {
        let form = Self::default().file("file", "sent", bytes);
        fields.iter().fold(form, |form, (name, text)| form.text(name, text))
    }
}

pub fn post(gateway: &Process, path: &str) -> RequestBuilder {
    let media_type = format!("multipart/form-data; boundary={BOUNDARY}");
    client().post(format!("{}{path}", gateway.url)).header("content-type", media_type)
}

pub fn graphql(gateway: &Process, form: Form) -> Response {
    let request = post(gateway, "/graphql").header("graphql-require-preflight", "1");
    request.body(form.body()).send().expect("an answer")
}

/// Uploads one file, without a name of its own.
pub fn upload(gateway: &Process, folder: &str, name: &str, bytes: &[u8]) -> Value {
    let variables = json!({"folder": folder, "name": name, "unique": false});
    graphql(gateway, Form::graphql(&variables, "sent", bytes)).json().expect("JSON")
}

pub fn rest(gateway: &Process, form: Form) -> Response {
    post(gateway, "/api/v1/files/upload").body(form.body()).send().expect("an answer")
}

/// The code of the one error.
pub fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("{answer}"))
}
