//! The two ways of getting metadata, and which one is in use.

pub mod engine;
mod hybrid;
pub mod imagekit;

use std::sync::Arc;

use serde_json::Value;
use tokio::time::Instant;

use crate::config::{Config, ConfigError, Upstream};
use crate::error::{Error, Result};
use crate::metadata::{ExtraSet, ImageRef, Level, Metadata, Question, Version};
use crate::redis::Redis;
use engine::Engine;
use engine::library::LibraryFile;
use engine::preview::Preview;
use imagekit::ImageKit;

pub enum Source {
    ImageKit {
        imagekit: Box<ImageKit>,
        /// For facts that ImageKit does not state, unless that is switched off.
        engine: Option<Arc<Engine>>,
    },
    Engine(Arc<Engine>),
}

const UNSTABLE: Error = Error::BadRequest(
    "ImageKit's library has no cursors: in front of an account it is listed by GET /v1/files, with skip and limit",
);

const ELSEWHERE: Error = Error::BadRequest(
    "the library is ImageKit's: files are sent to ImageKit itself, https://upload.imagekit.io",
);

const BLIND: Error = Error::BadRequest("without `hybrid` no picture in front of ImageKit is looked at");

/// Files as ImageKit prints them, or as the engine's library has them.
pub enum Listed<T> {
    Verbatim(Value),
    Library(T),
}

impl Source {
    /// The source that the settings name. The engine is the same for all: what it may use is for all of them.
    pub fn new(
        config: &Config,
        redis: Option<&Arc<Redis>>,
        engine: &Arc<Engine>,
    ) -> Result<Self, ConfigError> {
        Ok(match config.upstream {
            Upstream::Engine => Self::Engine(Arc::clone(engine)),
            Upstream::ImageKit => {
                let imagekit = ImageKit::new(&config.imagekit, redis, config.limits.patience())?;
                let engine = config.hybrid.then(|| Arc::clone(engine));
                Self::ImageKit { imagekit: Box::new(imagekit), engine }
            }
        })
    }

    /// What the source states of an image; `None` where the file still is the version `known`. What the engine does not
    /// know of it by `until` is missing.
    pub async fn metadata(
        &self,
        image: &ImageRef,
        question: Question,
        known: Option<&Version>,
        until: Instant,
    ) -> Result<Option<Metadata>> {
        match self {
            // ImageKit's API knows no conditions.
            Self::ImageKit { imagekit, .. } => imagekit.metadata(image).await.map(Some),
            Self::Engine(engine) => engine.metadata_unless(image, question, known, until).await,
        }
    }

    /// The files that a query in ImageKit's parameters selects.
    pub async fn files(&self, query: &str) -> Result<Listed<Vec<LibraryFile>>> {
        match self {
            Self::ImageKit { imagekit, .. } => imagekit.files(query).await.map(Listed::Verbatim),
            Self::Engine(engine) => engine.files(query).await.map(Listed::Library),
        }
    }

    /// The engine, where the library is its own.
    pub fn library(&self) -> Result<&Arc<Engine>> {
        match self {
            Self::ImageKit { .. } => Err(ELSEWHERE),
            Self::Engine(engine) => Ok(engine),
        }
    }

    /// A page of the engine's library, as `Engine::page` gives it. ImageKit's lists have no place to go on from but a number
    /// of files, which are others once one is added or deleted.
    pub async fn page(
        &self,
        under: Option<&str>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<LibraryFile>> {
        match self {
            Self::ImageKit { .. } => Err(UNSTABLE),
            Self::Engine(engine) => engine.page(under, after, limit).await,
        }
    }

    /// One file, without what its bytes say.
    pub async fn file(&self, id: &str) -> Result<Listed<LibraryFile>> {
        match self {
            Self::ImageKit { imagekit, .. } => imagekit.details(id).await.map(Listed::Verbatim),
            Self::Engine(engine) => engine.file(id).await.map(Listed::Library),
        }
    }

    /// Under what its answers are shared: those of another account, or of an engine that may fetch from elsewhere, may
    /// differ.
    pub fn scope(&self) -> String {
        match self {
            Self::ImageKit { imagekit, engine } => {
                let reach = engine.as_ref().map_or("none", |engine| engine.reach());
                format!("imagekit:{}:{reach}", imagekit.account())
            }
            Self::Engine(engine) => format!("engine:{}", engine.reach()),
        }
    }

    /// ImageKit's metadata with these facts, which the engine adds.
    pub async fn complete(&self, image: &ImageRef, stated: &Metadata, extras: ExtraSet) -> Metadata {
        match self {
            Self::ImageKit { imagekit, engine: Some(engine) } => {
                hybrid::complete(imagekit, engine, image, stated, extras).await
            }
            Self::ImageKit { engine: None, .. } | Self::Engine(_) => stated.clone(),
        }
    }

    /// What an image looks like: `Engine::preview`.
    pub async fn preview(&self, image: &ImageRef) -> Result<Preview> {
        match self {
            Self::ImageKit { imagekit, engine: Some(engine) } => {
                hybrid::preview(imagekit, engine, image).await
            }
            Self::ImageKit { engine: None, .. } => Err(BLIND),
            Self::Engine(engine) => engine.preview(image).await,
        }
    }

    /// Whether asking anew costs next to nothing, and nobody else has the same.
    pub fn is_at_hand(&self, image: &ImageRef) -> bool {
        match self {
            Self::ImageKit { .. } => false,
            Self::Engine(engine) => engine.is_at_hand(image),
        }
    }

    /// What is really answered where this is asked: ImageKit always tells everything that it knows, the engine all that
    /// the pixels say.
    pub fn answered(&self, question: Question) -> Question {
        match self {
            Self::ImageKit { engine: Some(_), .. } => {
                Question::from(engine::answered(question.extras.into()).extras).and(Level::Pixels)
            }
            Self::ImageKit { engine: None, .. } => Level::Pixels.into(),
            Self::Engine(_) => engine::answered(question),
        }
    }

    /// The part of it that the source states, without which it cannot be completed.
    pub fn stated(&self, question: Question) -> Question {
        match self {
            Self::ImageKit { .. } => question.level.into(),
            Self::Engine(_) => question,
        }
    }
}
