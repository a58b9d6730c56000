//! The doors of the schema: `file`, `remote`, `images`, `files`, `similar`, `duplicateGroups`, `node`.

use async_graphql::{Any, Context, ID, Object, OneofObject, Result};

use super::budget::{Budget, Printed};
use super::duplicates::{self, DuplicateGroupConnection};
use super::error::field_error;
use super::federation::{self, Entity, Service};
use super::files::{self, ImageConnection, Node};
use super::image::Image;
use super::loader::{self, Pending};
use super::plan::{self, Wants};
use super::scalar::Url;
use super::similar::{self, SimilarConnection};
use super::similarity::{DUPLICATE_WITHIN, SimilarityTarget};
use crate::error::Error;
use crate::metadata::ImageRef;

pub struct Query;

/// Which image is meant: exactly one of the two.
#[derive(OneofObject)]
pub enum ImageInput {
    /// The file id of an image of the media library.
    File(ID),
    /// The URL of an image anywhere.
    Url(Url),
}

/// Asks about images. All that one request wants is looked up in one batch.
#[Object]
impl Query {
    /// An image of the media library, by its file id.
    async fn file(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The file id: for the engine's library the URL-safe base64 of the path below it.")]
        id: ID,
    ) -> Option<Result<Image>> {
        ask(ctx, vec![ImageRef::File(id.0)]).await.pop()?
    }

    /// An image at a URL.
    async fn remote(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where the image is.")] url: Url,
    ) -> Option<Result<Image>> {
        ask(ctx, vec![ImageRef::Url(url.0)]).await.pop()?
    }

    /// Several images in the order asked. One that fails is null, with an error of its own.
    async fn images(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The images; the same one may be asked for several times.")] of: Vec<ImageInput>,
    ) -> Vec<Option<Result<Image>>> {
        ask(ctx, of.into_iter().map(ImageRef::from).collect()).await
    }

    /// The media library in path order: files that are images by their names, in the order of the bytes of their paths below
    /// the library. Paging through it shows every file once that is there all the time, whatever is added or deleted
    /// meanwhile. In front of ImageKit, whose lists have no cursors, an error.
    async fn files(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 0 to 100.", default_with = "Some(files::USUAL_FIRST as i32)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor that the page comes after, whether or not its file is still there.")]
        after: Option<String>,
        #[graphql(
            desc = "Only what is in this folder and those below it. A folder that is not there has nothing."
        )]
        under: Option<String>,
    ) -> Result<ImageConnection> {
        files::page(ctx, first, after, under).await.map_err(|error| field_error(&error))
    }

    /// The library's images nearest to one image, nearest first: exact, not approximate, as far as the library is indexed. An
    /// image of the library is not among those that look like it.
    async fn similar(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to look like.")] to: SimilarityTarget,
        #[graphql(
            desc = "The largest distance, in bits, 0 to 64: up to 8 are copies, from about 16 on there are others.",
            default_with = "Some(DUPLICATE_WITHIN)"
        )]
        within: Option<i32>,
        #[graphql(desc = "How many, 0 to 100.", default_with = "Some(files::USUAL_FIRST as i32)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor that the page comes after, whether or not its file is still there.")]
        after: Option<String>,
    ) -> Result<SimilarConnection> {
        similar::page(ctx, to, within, first, after).await.map_err(|error| field_error(&error))
    }

    /// Groups of images that are one another's duplicates, as far as the library is indexed: largest first, the best copy of
    /// each first.
    async fn duplicate_groups(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "How far from the best of its group an image may be, in bits, 0 to 10.",
            default_with = "Some(DUPLICATE_WITHIN)"
        )]
        within: Option<i32>,
        #[graphql(desc = "How many groups, 0 to 100.", default_with = "Some(files::USUAL_FIRST as i32)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor that the page comes after, whether or not its group is still there.")]
        after: Option<String>,
    ) -> Result<DuplicateGroupConnection> {
        duplicates::page(ctx, within, first, after).await.map_err(|error| field_error(&error))
    }

    /// An image by the id that an answer gave for it: a URL is one at that URL, all else one of the media library.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id` of an image.")] id: ID,
    ) -> Option<Result<Node>> {
        ask(ctx, vec![ImageRef::of_id(id.0)]).await.pop()?.map(|image| image.map(Node::Image))
    }

    /// Images by their keys, for a gateway that composes this schema with others. One that fails is null, with an error of
    /// its own.
    #[graphql(name = "_entities", visible = false)]
    async fn entities(&self, ctx: &Context<'_>, representations: Vec<Any>) -> Vec<Option<Result<Entity>>> {
        federation::entities(ctx, representations).await
    }

    /// This schema as a subgraph, for a gateway that composes it with others.
    #[graphql(name = "_service", visible = false)]
    async fn service(&self, ctx: &Context<'_>) -> Result<Service> {
        federation::service(ctx)
    }
}

impl From<ImageInput> for ImageRef {
    fn from(input: ImageInput) -> Self {
        match input {
            ImageInput::File(id) => Self::File(id.0),
            ImageInput::Url(url) => Self::Url(url.0),
        }
    }
}

/// Starts everything that the current field wants to know, then waits for the images it shows itself.
pub async fn ask(ctx: &Context<'_>, images: Vec<ImageRef>) -> Vec<Option<Result<Image>>> {
    let mut wants = Wants::new();
    images.iter().for_each(|image| plan::gather(ctx.field(), image.clone(), &mut wants));
    let started = loader::start_all(ctx, wants).await;
    let printed = Printed::by(ctx.field());
    let mut answers = Vec::with_capacity(images.len());
    for image in images {
        let pending = started.get(&image).cloned();
        answers.push(Some(answer(ctx, printed, image, pending).await));
    }
    answers
}

async fn answer(
    ctx: &Context<'_>,
    printed: Printed,
    image: ImageRef,
    pending: Option<Pending>,
) -> Result<Image> {
    let metadata = match pending {
        Some(pending) => pending.await,
        None => Err(Error::Internal),
    };
    let metadata = metadata.and_then(|known| printed.charge(Budget::of(ctx), &image, &known).map(|()| known));
    metadata.map(|metadata| Image::new(image, metadata)).map_err(|error| field_error(&error))
}
