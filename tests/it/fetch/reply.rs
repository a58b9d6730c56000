//! Requests as they came, and answers written by hand.

use std::ops::Range;
use std::time::Duration;

pub struct Request {
    /// How many came before it.
    pub number: usize,
    pub head: String,
}

impl Request {
    pub fn path(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    /// Of a header whose name is given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        fields.find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// The range asked for, its end exclusive.
    pub fn range(&self) -> Option<Range<usize>> {
        let (first, last) = self.header("range")?.strip_prefix("bytes=")?.split_once('-')?;
        Some(first.parse().ok()?..last.parse::<usize>().ok()? + 1)
    }
}

#[derive(Clone)]
pub struct Reply {
    pub(super) bytes: Vec<u8>,
    pub(super) then: Then,
}

#[derive(Clone)]
pub(super) enum Then {
    AwaitNext,
    Close,
    /// Say nothing until the client goes away.
    Hang,
    /// A byte every so often.
    Drip(Duration),
    /// These bytes, again and again.
    Repeat(Vec<u8>),
}

impl Reply {
    /// A status line and headers, each on its own line, and the body.
    pub fn new(head: &str, body: &[u8]) -> Self {
        let head = head.lines().map(|line| format!("{}\r\n", line.trim())).collect::<String>();
        let bytes = [b"HTTP/1.1 ", head.as_bytes(), b"\r\n", body].concat();
        Self { bytes, then: Then::AwaitNext }
    }

    /// Not a word, and the client may wait.
    pub fn silence() -> Self {
        Self { bytes: Vec::new(), then: Then::Hang }
    }

    /// As `new`, with the body's length.
    pub fn sized(head: &str, body: &[u8]) -> Self {
        Self::new(&format!("{head}\ncontent-length: {}", body.len()), body)
    }

    /// What a proper server answers to a request for a part of `file`.
    pub fn part_of(file: &[u8], request: &Request, fields: &str) -> Self {
        let asked = request.range().expect("a range");
        let part = asked.start..asked.end.min(file.len());
        let (first, last, size) = (part.start, part.end - 1, file.len());
        let head = format!("206 Partial Content\ncontent-range: bytes {first}-{last}/{size}\n{fields}");
        Self::sized(head.trim_end(), &file[part])
    }

    pub fn close(self) -> Self {
        Self { then: Then::Close, ..self }
    }

    pub fn hang(self) -> Self {
        Self { then: Then::Hang, ..self }
    }

    pub fn drip(self, pause: Duration) -> Self {
        Self { then: Then::Drip(pause), ..self }
    }

    pub fn repeat(self, bytes: Vec<u8>) -> Self {
        Self { then: Then::Repeat(bytes), ..self }
    }
}
