//! What may be added to the library.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{Context, InputValueError, InputValueResult, Object, Result, Scalar, ScalarType, Value};

use super::error::field_error;
use super::image::Image;
use super::loader;
use super::query::ask;
use crate::error::{self, Error};
use crate::metadata::ImageRef;
use crate::source::engine::library::{Draft, Named};

const NO_FILE: Error = Error::BadRequest("there is no such file in the body, or another field has taken it");

/// The files of one body, each until a field takes it.
#[derive(Default)]
pub struct Files(Mutex<HashMap<usize, (Draft, Option<String>)>>);

impl Files {
    /// What a variable is that stands for a file: no JSON and no document can say it.
    pub fn place(file: usize) -> Value {
        Value::Binary(file.to_be_bytes().to_vec().into())
    }

    /// With the name that its sender gives it.
    pub fn add(&mut self, file: usize, draft: Draft, name: Option<String>) {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner).insert(file, (draft, name));
    }

    fn take(&self, file: Upload) -> error::Result<(Draft, Option<String>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&file.0).ok_or(NO_FILE)
    }
}

#[derive(Clone, Copy)]
pub struct Upload(usize);

/// A file, sent as a part of a body of `multipart/form-data`. In the variables it is null.
#[Scalar(specified_by_url = "https://github.com/jaydenseric/graphql-multipart-request-spec")]
impl ScalarType for Upload {
    fn parse(value: Value) -> InputValueResult<Self> {
        let wrong = || InputValueError::custom("a file is sent as a part of a body of multipart/form-data");
        let Value::Binary(place) = value else { return Err(wrong()) };
        place.as_ref().try_into().map(|place| Self(usize::from_be_bytes(place))).map_err(|_| wrong())
    }

    fn to_value(&self) -> Value {
        Value::Null
    }
}

pub struct Mutation;

/// Adds to the library.
#[Object]
impl Mutation {
    /// Adds an image to the media library (GraphQL multipart request). It is looked into before it can be seen: what is no
    /// image, or not all of one, is refused and leaves nothing behind; then this is null, and other uploads are told all the
    /// same. Nothing is overwritten. Needs the right to write.
    async fn upload(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The file.")] file: Upload,
        #[graphql(
            desc = "The folder of the library, which is made where it is not there: without . and .., characters other \
                    than a-z, A-Z, 0-9, . and - become _. The library itself where none is named."
        )]
        folder: Option<String>,
        #[graphql(
            desc = "What it is to be called, by the same rules; without it as its sender's file is called. Where no \
                    image is called so, the extension of its format is added."
        )]
        file_name: Option<String>,
        #[graphql(
            desc = "Whether _ and 9 random characters are added to the name, so that it is no other's.",
            default_with = "Some(true)"
        )]
        unique: Option<bool>,
    ) -> Option<Result<Image>> {
        match store(ctx, file, folder, file_name, unique).await {
            Ok(id) => ask(ctx, vec![ImageRef::File(id)]).await.pop()?,
            Err(error) => Some(Err(field_error(&error))),
        }
    }
}

/// The id of the file.
async fn store(
    ctx: &Context<'_>,
    file: Upload,
    folder: Option<String>,
    file_name: Option<String>,
    unique: Option<bool>,
) -> error::Result<String> {
    let (draft, senders) = ctx.data_opt::<Arc<Files>>().ok_or(NO_FILE)?.take(file)?;
    let name = file_name.or(senders).ok_or(Error::BadName("there is none"))?;
    let unique = unique.unwrap_or(true);
    let named = Named { name, folder: folder.unwrap_or_default(), unique, overwrite: false };
    loader::store(ctx, draft, named).await.map(|file| file.id)
}
