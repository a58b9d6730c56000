//! AVIF, HEIC and JPEG XL, in a process of their own.
//!
//! Their decoders are young or written in the manner of C: they may abort, run over the stack, take memory that nobody
//! counts, or compute for minutes over a few bytes. A process that does so ends, and this one learns why.
//! `docs/decisions/014-decoders-apart.md` says what was measured.

mod alpha;
mod av1;
mod coded;
mod fence;
mod heif;
mod jxl;
mod running;
mod task;
mod tiles;

use std::fs::File;
use std::io::{self, BufWriter, Read, Write, stdin, stdout};
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::process::exit;
use std::time::Duration;
use std::{panic, process};

use super::grey::Grey;
use super::shrink::{Layout, View};
use super::{Limits, NOT_DECODED};
use crate::error::{Error, Result};
use crate::source::engine::header::Header;
use running::Running;
use task::{Codec, End, Task};

/// Where pictures are decoded that may end their decoder.
#[derive(Debug, Clone)]
pub struct Apart {
    /// This program; it is told to [`serve`].
    pub program: PathBuf,
    /// How long one picture may take there.
    pub time: Duration,
}

/// In a process of its own, from which rows come as they are stored.
pub fn decode(bytes: &[u8], header: &Header, view: View, limits: &Limits) -> Result<Grey> {
    let apart = limits.apart.as_ref().ok_or(NOT_DECODED)?;
    let task = Task::new(bytes, header, limits, apart.time)?;
    let mut running = Running::start(&apart.program, &task)?;
    running.send(bytes);
    match (running.rows(view, limits), running.end(&task)) {
        // What we refuse it may go on to write.
        (Err(refused @ Error::TooLarge { .. }), _) => Err(refused),
        (grey, end) => end.and(grey),
    }
}

/// What that process does: it fences itself in, reads a file from standard input and writes its rows to standard output. It
/// ends with the number of an [`End`].
pub fn serve(task: &str) -> process::ExitCode {
    // Where nothing may unwind, a panic would abort, and that is what running out of memory does.
    panic::set_hook(Box::new(|_| exit(End::Corrupt as i32)));
    let end = match task.parse() {
        Ok(task) => work(&task).map_or_else(|error| End::of(&error), |()| End::Done),
        Err(_) => End::Unusable,
    };
    process::ExitCode::from(end as u8)
}

fn work(task: &Task) -> Result<()> {
    // Standard output would look for ends of lines.
    let output = stdout().as_fd().try_clone_to_owned().map_err(|_| Error::Internal)?;
    fence::raise(task).map_err(|_| Error::Internal)?;
    let mut bytes = Vec::with_capacity(task.len);
    stdin().lock().take(task.len as u64).read_to_end(&mut bytes).map_err(|_| Error::Internal)?;
    let mut rows = Rows { output: BufWriter::new(File::from(output)) };
    decode_here(task.codec, &bytes, task.max_pixels, &mut rows)?;
    // Whoever has stopped reading wants no more.
    let _ = rows.output.flush();
    Ok(())
}

/// Decodes in this process, which may be its end.
fn decode_here<W: Write>(codec: Codec, bytes: &[u8], max_pixels: u64, rows: &mut Rows<W>) -> Result<()> {
    match codec {
        Codec::Heif => heif::decode(bytes, max_pixels, rows),
        Codec::JpegXl => jxl::decode(bytes, max_pixels, rows),
    }
}

/// Where rows go, of 8 bits a channel.
struct Rows<W> {
    output: W,
}

impl<W: Write> Rows<W> {
    /// Before the first row.
    fn begin(&mut self, width: u32, height: u32, layout: Layout) -> Result<()> {
        self.put(&task::head(width, height, layout))
    }

    fn put(&mut self, row: &[u8]) -> Result<()> {
        self.output.write_all(row).map_err(|error: io::Error| match error.kind() {
            // Nobody reads any more, and so nobody reads why.
            io::ErrorKind::BrokenPipe => exit(End::Done as i32),
            _ => Error::Internal,
        })
    }
}
