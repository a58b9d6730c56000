//! The other process, seen from this one.

use std::io::{Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

use super::super::grey::Grey;
use super::super::shrink::{Shrink, View};
use super::super::{Limits, NOT_DECODED};
use super::task::{End, HEAD_LEN, Task, read_head};
use crate::error::{Error, Result};

/// The first argument: the command line's name for [`super::serve`].
const COMMAND: &str = "decode";

const GAVE_UP: Error = Error::CorruptImage("its decoder gave up");

/// Dropped before its end it is killed.
pub struct Running {
    child: Child,
    rows: Option<ChildStdout>,
}

impl Running {
    /// It inherits no variable and no file, and no terminal's signal reaches it.
    pub fn start(program: &Path, task: &Task) -> Result<Self> {
        let mut command = Command::new(program);
        command.arg0("imagraph").args([COMMAND, &task.text()?]).env_clear().current_dir("/").process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|_| Error::Internal)?;
        let rows = child.stdout.take();
        Ok(Self { child, rows })
    }

    /// It reads all before it writes anything. Where it has ended before, its end says why.
    pub fn send(&mut self, bytes: &[u8]) {
        if let Some(mut stdin) = self.child.stdin.take() {
            let _ = stdin.write_all(bytes);
        }
    }

    /// What it says is believed as little as what a file says.
    pub fn rows(&mut self, view: View, limits: &Limits) -> Result<Grey> {
        let mut from = self.rows.take().ok_or(Error::Internal)?;
        let mut head = [0; HEAD_LEN];
        from.read_exact(&mut head).map_err(|_| GAVE_UP)?;
        let (width, height, layout) = read_head(head).ok_or(GAVE_UP)?;
        limits.pixels(width.into(), height.into())?;
        let mut shrink = Shrink::new(width, height, layout, view);
        let mut row = vec![0; width as usize * layout.channels()];
        for _ in 0..height {
            from.read_exact(&mut row).map_err(|_| GAVE_UP)?;
            shrink.row(&row);
        }
        shrink.finish()
    }

    /// Waits for it, which it sees to itself that nobody does for long.
    pub fn end(mut self, task: &Task) -> Result<()> {
        // Whatever it may still want to write.
        self.rows = None;
        let status = self.child.wait().map_err(|_| Error::Internal)?;
        error_of(status, task).map_or(Ok(()), Err)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Neither does anything where it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn error_of(status: ExitStatus, task: &Task) -> Option<Error> {
    const DONE: i32 = End::Done as i32;
    const UNSUPPORTED: i32 = End::Unsupported as i32;
    const TOO_LARGE: i32 = End::TooLarge as i32;
    const LATE: i32 = End::Late as i32;
    const UNUSABLE: i32 = End::Unusable as i32;
    Some(match (status.code(), status.signal()) {
        (Some(DONE), _) => return None,
        (Some(UNSUPPORTED), _) => NOT_DECODED,
        (Some(TOO_LARGE), _) => Error::TooLarge { what: "pixels", limit: task.max_pixels },
        (Some(LATE), _) => Error::Timeout,
        (Some(UNUSABLE), _) => Error::Internal,
        // An allocation that fails aborts.
        (None, Some(libc::SIGABRT)) => Error::TooLarge { what: "decoded bytes", limit: task.max_memory },
        (None, Some(libc::SIGXCPU)) => {
            Error::TooLarge { what: "seconds of computing", limit: task.max_seconds }
        }
        // Somebody has ended it, perhaps the system for want of memory.
        (None, Some(libc::SIGKILL | libc::SIGTERM)) => Error::Internal,
        _ => GAVE_UP,
    })
}
