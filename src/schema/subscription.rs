//! Images as they become known.

use std::collections::HashMap;
use std::slice;

use async_graphql::parser::types::{OperationType, Selection, SelectionSet};
use async_graphql::{Context, Request, SelectionField, SimpleObject, Subscription};
use futures_util::future::join_all;
use futures_util::stream::{FuturesUnordered, Stream, StreamExt};

use super::budget::{Budget, Printed};
use super::error::{ErrorCode, counted, retry_after_ms};
use super::image::Image;
use super::loader::{self, Pending};
use super::plan::{self, Wants};
use super::query::ImageInput;
use crate::error::{Error, Result};
use crate::metadata::{ImageRef, Level};

pub struct Subscriptions;

/// One image of a list, and how far the list is.
#[derive(SimpleObject)]
pub struct ImageProgress {
    /// Images of the list that are answered, this one included: 1 at the first event, `total` at the last.
    done: i32,
    /// Images of the list, the same one as often as it was asked for.
    total: i32,
    /// The place of this image in the list, from 0.
    index: i32,
    /// The image; null where it cannot be had.
    image: Option<Image>,
    /// Why there is no image; null where there is one.
    error: Option<ImageError>,
}

/// Why an image cannot be had.
#[derive(SimpleObject)]
pub struct ImageError {
    /// What is wrong, for programs.
    code: ErrorCode,
    /// What is wrong, for people.
    message: String,
    /// Milliseconds after which asking again may help, where that is known.
    retry_after_ms: Option<i32>,
}

/// Answers that come in parts.
#[Subscription(name = "Subscription")]
impl Subscriptions {
    /// Each image as soon as it is known, with all that is asked of it. Ends after the last one, within the deadline.
    async fn images<'a>(
        &self,
        ctx: &'a Context<'_>,
        #[graphql(desc = "The images; the same one may be asked for several times.")] of: Vec<ImageInput>,
    ) -> impl Stream<Item = ImageProgress> + 'a {
        let list: Vec<_> = of.into_iter().map(ImageRef::from).collect();
        let started = loader::start_all(ctx, wants_of(ctx, &list)).await;
        let printed = Printed::by(ctx.field());
        let total = list.len();
        let answers = list.into_iter().enumerate().map(|(index, image)| {
            let own = started.get(&image).cloned();
            let compared = compared_with(ctx, &image, &started);
            async move { (index, answer(ctx, printed, image, own, compared).await) }
        });
        let answers: FuturesUnordered<_> = answers.collect();
        answers.enumerate().map(move |(before, (index, answer))| {
            let (image, error) = match answer {
                Ok(image) => (Some(image), None),
                Err(error) => (None, Some(ImageError::from(&error))),
            };
            ImageProgress { done: int(before + 1), total: int(total), index: int(index), image, error }
        })
    }
}

impl From<&Error> for ImageError {
    fn from(error: &Error) -> Self {
        let retry_after_ms = retry_after_ms(error).map(|ms| i32::try_from(ms).unwrap_or(i32::MAX));
        Self { code: counted(error), message: error.to_string(), retry_after_ms }
    }
}

/// Refuses what the library would leave out of an answer without a word: it looks for a subscription's fields at the
/// root itself, and at no condition. GraphQL section 5.2.3.1 allows one field there.
pub fn check(request: &mut Request) -> Result<()> {
    let Ok(document) = request.parsed_query() else { return Ok(()) };
    let subscriptions = document.operations.iter().map(|(_, operation)| &operation.node);
    let mut roots = subscriptions
        .filter(|operation| operation.ty == OperationType::Subscription)
        .map(|operation| &operation.selection_set.node);
    if roots.all(is_one_field) {
        return Ok(());
    }
    Err(Error::BadRequest("a subscription has one field at its root, outside fragments and unconditional"))
}

fn is_one_field(root: &SelectionSet) -> bool {
    match root.items.as_slice() {
        [only] => matches!(&only.node, Selection::Field(field) if field.node.directives.is_empty()),
        _ => false,
    }
}

/// The selections of `image`, which may stand there under several names.
fn shown<'a>(ctx: &'a Context<'_>) -> Vec<SelectionField<'a>> {
    ctx.field().selection_set().filter(|field| field.name() == "image").collect()
}

/// What has to be known before these images can be shown: of themselves, and of those they are compared with.
fn wants_of(ctx: &Context<'_>, images: &[ImageRef]) -> Wants {
    let mut wants = Wants::new();
    for image in images {
        plan::want(&mut wants, image.clone(), Level::Header);
        shown(ctx).into_iter().for_each(|field| plan::gather(field, image.clone(), &mut wants));
    }
    wants
}

fn compared_with(ctx: &Context<'_>, image: &ImageRef, started: &HashMap<ImageRef, Pending>) -> Vec<Pending> {
    let mut wants = wants_of(ctx, slice::from_ref(image));
    wants.remove(image);
    wants.keys().filter_map(|other| started.get(other).cloned()).collect()
}

/// Waits for all that the image's fields will want: events are written one after the other, and one that had to wait
/// then would hold up those behind it.
async fn answer(
    ctx: &Context<'_>,
    printed: Printed,
    image: ImageRef,
    own: Option<Pending>,
    compared: Vec<Pending>,
) -> Result<Image> {
    let metadata = own.ok_or(Error::Internal)?.await?;
    printed.charge(Budget::of(ctx), &image, &metadata)?;
    join_all(compared).await;
    let image = Image::new(image, metadata);
    if shown(ctx).iter().any(|field| field.selection_set().any(|fact| fact.name() == "isOpaque")) {
        image.opacity(ctx).await;
    }
    Ok(image)
}

/// The guard allows no list that is near as long.
fn int(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
