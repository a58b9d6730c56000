//! A document that was run before, as what it shows: the images that it asks for, and how each fact is read.
//!
//! The library walks a document anew for each request, and makes a future, a context and a value of each field. Documents
//! that ask for images and their facts, which are nearly all, need none of it: what they show is written as it is read.

mod fact;
mod leaf;
mod root;
mod selection;
mod shown;

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::parser::types::{ExecutableDocument, OperationType, VariableDefinition};
use async_graphql::{PathSegment, Pos, ServerError, Variables};

use super::budget::Budget;
use super::error::field_error;
use super::image::Image;
use super::loader::{Loader, Pending};
use super::plan::{self, Wants};
use crate::error::{Error, Result};
use crate::metadata::ImageRef;
pub use leaf::Leaf;
use root::{Defaults, Root};
use selection::{Entries, Entry, Selected, Selection, entries};
pub use shown::Shown;

pub struct Prepared {
    roots: Entries<Root>,
    defaults: Defaults,
}

impl Prepared {
    /// Of a document that fits the schema; `None` of one that asks for anything else, or leaves it to variables what it asks for.
    pub fn of(document: &ExecutableDocument) -> Option<Self> {
        let mut operations = document.operations.iter().map(|(_, operation)| &operation.node);
        let operation = operations.next().filter(|operation| operation.ty == OperationType::Query)?;
        if operations.next().is_some() || !operation.directives.is_empty() {
            return None;
        }
        let set = &operation.selection_set.node;
        let roots = entries(document, set, |field| Root::of(document, &field.node))?;
        let default = |variable: &VariableDefinition| {
            Some((variable.name.node.clone(), variable.default_value.as_ref()?.node.clone()))
        };
        let variables = operation.variable_definitions.iter().map(|variable| &variable.node);
        Some(Self { roots, defaults: variables.filter_map(default).collect() })
    }

    /// How many fields it shows, those of fragments as often as they stand there.
    pub fn fields(&self) -> usize {
        let below = self.roots.iter().filter_map(|root| root.what.selection()).map(Selection::len);
        self.roots.len() + below.sum::<usize>()
    }

    /// What is shown, and what of it could not be had. `None` where the variables do not say which images are meant.
    pub async fn show(
        self: &Arc<Self>,
        variables: &Variables,
        loader: &Loader,
        budget: &Budget,
    ) -> Option<(Shown, Vec<ServerError>)> {
        let asked = self.asked(variables)?;
        let started = loader.start_only(self.wants(&asked));
        let mut show = Show { started, budget, errors: Vec::new() };
        let mut images = Vec::with_capacity(asked.len());
        for (root, asked) in self.roots.iter().zip(asked) {
            images.push(show.root(root, asked).await);
        }
        Some((Shown::new(Arc::clone(self), images), show.errors))
    }

    fn asked(&self, variables: &Variables) -> Option<Vec<Vec<ImageRef>>> {
        self.roots.iter().map(|root| root.what.asked(variables, &self.defaults)).collect()
    }

    fn wants(&self, asked: &[Vec<ImageRef>]) -> Wants {
        let mut wants = Wants::new();
        for (root, images) in self.roots.iter().zip(asked) {
            let Some(selection) = root.what.selection() else { continue };
            images.iter().for_each(|image| plan::want(&mut wants, image.clone(), selection.question));
        }
        wants
    }
}

/// The images of a request while they become known.
struct Show<'a> {
    started: HashMap<ImageRef, Pending>,
    budget: &'a Budget,
    errors: Vec<ServerError>,
}

impl Show<'_> {
    async fn root(&mut self, root: &Entry<Root>, asked: Vec<ImageRef>) -> Vec<Option<Image>> {
        let Some(selection) = root.what.selection() else { return Vec::new() };
        let mut images = Vec::with_capacity(asked.len());
        for (index, image) in asked.into_iter().enumerate() {
            let path = || root.what.path(&root.key, index);
            let image = self.image(selection, image).await;
            match &image {
                Ok(image) => self.errors.extend(failures(selection, image, &path)),
                Err(error) => self.errors.push(error_at(error, root.pos, path())),
            }
            images.push(image.ok());
        }
        images
    }

    async fn image(&self, selection: &Selection, image: ImageRef) -> Result<Image> {
        let pending = self.started.get(&image).cloned().ok_or(Error::Internal)?;
        let known = pending.await?;
        selection.printed.charge(self.budget, &image, &known)?;
        Ok(Image::new(image, known))
    }
}

/// The errors of an image's facts, below its own path.
fn failures(
    selection: &Selection,
    image: &Image,
    path: &impl Fn() -> Vec<PathSegment>,
) -> impl Iterator<Item = ServerError> {
    selection.fields.iter().filter_map(move |entry| {
        let Selected::Fact(read) = entry.what else { return None };
        let error = read(image).err()?;
        let mut path = path();
        path.push(PathSegment::Field(entry.key.to_string()));
        Some(error_at(&error, entry.pos, path))
    })
}

fn error_at(error: &Error, pos: Pos, path: Vec<PathSegment>) -> ServerError {
    ServerError { path, ..field_error(error).into_server_error(pos) }
}

#[cfg(test)]
mod tests;
