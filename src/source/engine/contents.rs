//! What takes more of a file than its header: its frames, its pixels, the digest of it all. Each may fail alone.

use tokio::time::{Instant, timeout_at};
use tracing::debug_span;

use super::Engine;
use super::body::Body;
use super::header::Header;
use super::header::frames::{self, Counting};
use super::header::text::{self, Search};
use super::library::HEADER_BYTES;
use super::pixels::{self, Picture, View};
use crate::cost::Decoding;
use crate::error::{Error, Result};
use crate::metadata::{Checksum, ExtraSet, Fact, Format, Level, PictureText, Question};
use crate::permits::Permit;

#[derive(Default)]
pub struct Contents {
    pub frames: Fact<u64>,
    pub picture: Fact<Picture>,
    pub checksum: Fact<Checksum>,
    pub text: Fact<PictureText>,
}

impl Contents {
    /// What was asked and is not known could not be had.
    fn lack(&mut self, question: Question, error: &Error) {
        if question.extras.contains(ExtraSet::TEXT) {
            self.text.get_or_insert_with(|| Err(error.clone()));
        }
        if question.extras.contains(ExtraSet::FRAMES) {
            self.frames.get_or_insert_with(|| Err(error.clone()));
        }
        if question.level == Level::Pixels {
            self.picture.get_or_insert_with(|| Err(error.clone()));
        }
        if question.extras.contains(ExtraSet::CHECKSUM) {
            self.checksum.get_or_insert_with(|| Err(error.clone()));
        }
    }
}

impl Engine {
    /// What is asked. What is not known by `until` is missing.
    pub(super) async fn contents(
        &self,
        mut body: Body,
        header: &Header,
        question: Question,
        until: Instant,
    ) -> Contents {
        let mut contents = Contents::default();
        let reading = self.read(&mut body, header, question, &mut contents);
        if timeout_at(until, reading).await.is_err() {
            contents.lack(question, &Error::Timeout);
        }
        contents
    }

    async fn read(&self, body: &mut Body, header: &Header, question: Question, contents: &mut Contents) {
        if question.extras.contains(ExtraSet::TEXT) {
            contents.text = Some(self.text(body, header.format).await);
        }
        if question.extras.contains(ExtraSet::FRAMES) {
            contents.frames = Some(self.frames(body, header).await);
        }
        if question.level == Level::Pixels {
            let in_colour = question.extras.contains(ExtraSet::COLOURS);
            let view = if in_colour { View::Colour } else { View::Grey };
            contents.picture = Some(self.look_at(body, header, view).await);
            // What was too slow for that is not to be had any more.
            if matches!(contents.picture, Some(Err(Error::Timeout))) {
                return contents.lack(question, &Error::Timeout);
            }
        }
        if question.extras.contains(ExtraSet::CHECKSUM) {
            contents.checksum = Some(body.digest(&self.decodes).await);
        }
    }

    /// To read what was found takes a core for some time, and so a permit of those who decode. What the search takes of a file
    /// of this machine beyond its header is held under that permit too, and no longer.
    async fn text(&self, body: &mut Body, format: Format) -> Result<PictureText> {
        if body.is_remote() {
            self.find_text(body, format).await?;
        }
        if matches!(text::find(body.known(), format), Search::Done(found) if found.is_empty()) {
            return Ok(PictureText::default());
        }
        let permit = self.decodes.acquire().await?;
        let text = self.read_text(body, format, permit).await;
        body.forget()?;
        text
    }

    async fn read_text(&self, body: &mut Body, format: Format, permit: Permit) -> Result<PictureText> {
        self.find_text(body, format).await?;
        body.work(move |file| {
            let _permit = permit;
            match text::find(file.known(), format) {
                Search::Done(found) => found.read(),
                Search::Need(_) => Err(Error::Internal),
            }
        })
        .await?
    }

    async fn find_text(&self, body: &mut Body, format: Format) -> Result<()> {
        while let Search::Need(need) = text::find(body.known(), format) {
            if body.would_hold(&need) > HEADER_BYTES {
                body.make_room(&self.room).await?;
            }
            body.fill(need).await?;
        }
        Ok(())
    }

    /// Of a remote file only so many parts are read. Where a count fails on them, the rest may help.
    async fn frames(&self, body: &mut Body, header: &Header) -> Result<u64> {
        match self.frames_in_parts(body, header).await {
            Err(Error::CorruptImage(_)) if body.is_remote() && !body.known().is_whole() => {
                self.read_all(body).await?;
                self.frames_in_parts(body, header).await
            }
            count => count,
        }
    }

    /// What that takes of a file of this machine beyond its header is held under a permit of those who decode, and no longer.
    async fn frames_in_parts(&self, body: &mut Body, header: &Header) -> Result<u64> {
        if let Counting::Done(count) = frames::count(body.known(), header) {
            return count;
        }
        if body.is_remote() {
            body.make_room(&self.room).await?;
            return count_frames(body, header).await;
        }
        let _permit = self.decodes.acquire().await?;
        let count = count_frames(body, header).await;
        body.forget()?;
        count
    }

    /// What is held of a file of this machine is held for the decoder alone.
    pub(super) async fn look_at(&self, body: &mut Body, header: &Header, view: View) -> Result<Picture> {
        pixels::check(header, &self.pixels)?;
        body.make_room(&self.room).await?;
        let picture = self.picture(body, header, view).await;
        body.forget()?;
        picture
    }

    /// Where a decoder fails on less than the whole file, the rest may help.
    async fn picture(&self, body: &mut Body, header: &Header, view: View) -> Result<Picture> {
        // However slowly it comes, no decoder waits.
        if body.is_remote() {
            body.read_pixels(header).await?;
        }
        match self.decode(body, header, view).await {
            Err(_) if !body.known().is_whole() => {
                if body.is_remote() {
                    body.read_all().await?;
                }
                self.decode_whole(body, header, view).await
            }
            picture => picture,
        }
    }

    /// A file of this machine is read in no time, and only by those whose turn it is.
    async fn decode(&self, body: &mut Body, header: &Header, view: View) -> Result<Picture> {
        let permit = self.decodes.acquire().await?;
        body.read_pixels(header).await?;
        self.decode_known(body, header, view, permit).await
    }

    async fn decode_whole(&self, body: &mut Body, header: &Header, view: View) -> Result<Picture> {
        let permit = self.decodes.acquire().await?;
        body.read_all().await?;
        self.decode_known(body, header, view, permit).await
    }

    async fn decode_known(
        &self,
        body: &Body,
        header: &Header,
        view: View,
        permit: Permit,
    ) -> Result<Picture> {
        let (header, limits) = (header.clone(), self.pixels.clone());
        let span = debug_span!("decode", format = header.format.name());
        let decoding = Decoding::start();
        body.work(move |file| {
            let (_permit, _span) = (permit, span.entered());
            decoding.time(|| pixels::read(file.known().prefix(), &header, view, &limits))
        })
        .await?
    }

    pub(super) async fn read_all(&self, body: &mut Body) -> Result<()> {
        body.make_room(&self.room).await?;
        body.read_all().await
    }
}

async fn count_frames(body: &mut Body, header: &Header) -> Result<u64> {
    loop {
        match frames::count(body.known(), header) {
            Counting::Done(count) => return count,
            Counting::Need(range) => body.fill(range).await?,
        }
    }
}
