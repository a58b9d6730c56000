//! The fields of an upload, in any order.

use std::sync::Arc;

use super::base64_text::{Base64Text, NO_BASE64, is_base64, without_prefix};
use super::tags;
use crate::catalog::View;
use crate::error::{Error, Result};
use crate::http::multipart::Multipart;
use crate::permits::Permit;
use crate::source::engine::library::{Draft, Named};

/// Bytes of a text after which it is known what it is: no URL is longer.
const START: usize = 8 << 10;

const NO_FILE: Error = Error::BadRequest("Missing file parameter for upload");
const NO_NAME: Error = Error::BadRequest("Missing fileName parameter for upload");

pub struct Form {
    pub file: File,
    pub named: Named,
    pub tags: Vec<String>,
    pub response_fields: Vec<String>,
}

pub enum File {
    Sent(Draft),
    /// To be fetched from there.
    At(String),
}

#[derive(Default)]
struct Fields {
    file: Option<File>,
    name: Option<String>,
    folder: Option<String>,
    unique: Option<bool>,
    overwrite: Option<bool>,
    tags: Vec<String>,
    response_fields: Vec<String>,
}

/// All fields; texts have no more bytes together than `max_text`.
pub async fn read(
    parts: &mut Multipart,
    catalog: &View,
    intake: &Arc<Permit>,
    mut max_text: usize,
) -> Result<Form> {
    let mut fields = Fields::default();
    while let Some(head) = parts.next().await? {
        if head.name == "file" {
            let file = file(parts, head.file_name.is_some(), catalog, intake).await?;
            once(&mut fields.file, file)?;
        } else {
            let text = parts.text(max_text).await?;
            max_text -= text.len();
            fields.set(&head.name, text)?;
        }
    }
    fields.form()
}

impl Fields {
    /// What would mean something else where it is passed over is refused; what only adds to what is told of a file is
    /// passed over, so that clients that always send it can be used.
    fn set(&mut self, name: &str, text: String) -> Result<()> {
        match name {
            "fileName" => once(&mut self.name, text),
            "folder" => once(&mut self.folder, text),
            "useUniqueFileName" => once(&mut self.unique, boolean(&text)?),
            "overwriteFile" => once(&mut self.overwrite, boolean(&text)?),
            "tags" | "tags[]" => tags::parse(&text, &mut self.tags),
            "responseFields" | "responseFields[]" => {
                self.response_fields.extend(text.split(',').map(|field| field.trim().to_owned()));
                Ok(())
            }
            "isPrivateFile" if boolean(&text)? => {
                Err(Error::BadRequest("isPrivateFile: whoever may ask is told of every file"))
            }
            "isPublished" if !boolean(&text)? => {
                Err(Error::BadRequest("isPublished: there are no drafts, a file is there or not"))
            }
            "transformation" | "checks" if !text.is_empty() => Err(Error::BadRequest(
                "transformation and checks are not supported: the file is kept as it is",
            )),
            _ => Ok(()),
        }
    }

    fn form(self) -> Result<Form> {
        let name = self.name.ok_or(NO_NAME)?;
        let unique = self.unique.unwrap_or(true);
        // ImageKit overwrites unless it is told not to: here nothing is lost that nobody has asked to lose.
        let overwrite = !unique && self.overwrite == Some(true);
        let named = Named { name, folder: self.folder.unwrap_or_default(), unique, overwrite };
        let file = self.file.ok_or(NO_FILE)?;
        Ok(Form { file, named, tags: self.tags, response_fields: self.response_fields })
    }
}

fn once<T>(field: &mut Option<T>, value: T) -> Result<()> {
    match field.replace(value) {
        None => Ok(()),
        Some(_) => Err(Error::BadRequest("a field stands twice")),
    }
}

fn boolean(text: &str) -> Result<bool> {
    match text {
        "true" | "True" | "1" => Ok(true),
        "false" | "False" | "0" => Ok(false),
        _ => Err(Error::BadRequest("a field that is true or false is neither")),
    }
}

/// Bytes, a URL, or base64, however the part is headed: ImageKit's Python SDK sends each of them as a file. No image begins
/// as either of the texts does.
async fn file(parts: &mut Multipart, is_named: bool, catalog: &View, intake: &Arc<Permit>) -> Result<File> {
    let start = start(parts).await?;
    if is_url(&start) {
        return match String::from_utf8(start) {
            Ok(url) if url.len() <= START => Ok(File::At(url.trim().to_owned())),
            _ => Err(Error::BadUrl("it is too long, or no text")),
        };
    }
    let mut draft = catalog.draft(intake).await?;
    match is_base64(&start) {
        true => match write_base64(parts, &start, &mut draft).await {
            // A file of its own right, which is a text.
            Err(NO_BASE64) if is_named && !start.starts_with(b"data:") => return Err(Error::NotAnImage),
            written => written?,
        },
        false => write(parts, &start, &mut draft).await?,
    }
    Ok(File::Sent(draft))
}

/// So much that it is known what it is.
async fn start(parts: &mut Multipart) -> Result<Vec<u8>> {
    let mut start = Vec::new();
    while start.len() <= START
        && let Some(chunk) = parts.chunk().await?
    {
        start.extend_from_slice(&chunk);
    }
    Ok(start)
}

async fn write(parts: &mut Multipart, start: &[u8], draft: &mut Draft) -> Result<()> {
    draft.write(start).await?;
    while let Some(chunk) = parts.chunk().await? {
        draft.write(&chunk).await?;
    }
    Ok(())
}

async fn write_base64(parts: &mut Multipart, start: &[u8], draft: &mut Draft) -> Result<()> {
    let mut base64 = Base64Text::default();
    draft.write(&base64.decode(without_prefix(start)?)?).await?;
    while let Some(chunk) = parts.chunk().await? {
        draft.write(&base64.decode(&chunk)?).await?;
    }
    draft.write(&base64.end()?).await
}

/// RFC 3986, 3.1: schemes know no case.
fn is_url(text: &[u8]) -> bool {
    let starts =
        |scheme: &[u8]| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    starts(b"http://") || starts(b"https://")
}
