//! What comes over a WebSocket: the same bytes, up to the head of a frame that would make a message too long.
//!
//! actix-ws looks at a frame's length when all of it is there, and keeps what comes until then, however long it says that it
//! is (actix-http 3.20, `ws::Parser::parse`). It takes all bytes that there are before it tells of the first frame in them, and
//! keeps the others: of frames of 6 bytes that is many times what they took.

use actix_web::error::PayloadError;
use actix_web::web::{Bytes, Payload};
use futures_util::stream::{LocalBoxStream, StreamExt, iter};
use tokio::task::yield_now;

/// Bytes that a fragment counts for, however short it is: what is kept of it beside its bytes is not much more.
const FRAGMENT: u64 = 256;
/// RFC 6455 section 5.2: the longest head without the mask, the mask, and opcodes.
const MAX_HEAD: usize = 10;
const MASK: u64 = 4;
const CONTINUATION: u8 = 0;
const FIRST_CONTROL: u8 = 8;

/// Bytes that are there at once.
const PIECE: usize = 4 << 10;

pub fn bounded(payload: Payload, max_bytes: usize) -> LocalBoxStream<'static, Result<Bytes, PayloadError>> {
    let mut frames = Frames::new(max_bytes);
    let checked = payload.map(move |bytes| bytes.and_then(|bytes| frames.check(&bytes).map(|()| bytes)));
    let pieces = checked.flat_map(|bytes| match bytes {
        Ok(bytes) => iter(pieces(bytes)).map(Ok).left_stream(),
        Err(error) => iter([Err(error)]).right_stream(),
    });
    // Between two of them there is none.
    let one_by_one = pieces.then(async |piece| {
        yield_now().await;
        piece
    });
    one_by_one.boxed_local()
}

fn pieces(bytes: Bytes) -> impl Iterator<Item = Bytes> {
    let starts = (0..bytes.len()).step_by(PIECE);
    starts.map(move |start| bytes.slice(start..bytes.len().min(start + PIECE)))
}

/// Where in a frame the client is, and how long its message is by now.
struct Frames {
    max_bytes: u64,
    /// The head of the next frame, as far as it is there.
    head: Vec<u8>,
    /// Bytes of this frame that are still to come.
    rest: u64,
    message: u64,
}

/// What a frame says of itself.
struct Head {
    opcode: u8,
    /// Bytes before those of the message.
    mask: u64,
    length: u64,
}

impl Frames {
    fn new(max_bytes: usize) -> Self {
        Self { max_bytes: max_bytes as u64, head: Vec::with_capacity(MAX_HEAD), rest: 0, message: 0 }
    }

    fn check(&mut self, mut bytes: &[u8]) -> Result<(), PayloadError> {
        while let Some((first, others)) = bytes.split_first() {
            if self.rest > 0 {
                let passed = usize::try_from(self.rest).map_or(bytes.len(), |rest| rest.min(bytes.len()));
                self.rest -= passed as u64;
                bytes = &bytes[passed..];
                continue;
            }
            self.head.push(*first);
            bytes = others;
            if let Some(head) = Head::of(&self.head) {
                self.head.clear();
                self.begin(&head)?;
            }
        }
        Ok(())
    }

    /// A frame of the protocol's own, such as a ping, may come between those of a message.
    fn begin(&mut self, head: &Head) -> Result<(), PayloadError> {
        let message = match head.opcode {
            CONTINUATION => self.message.saturating_add(head.length.max(FRAGMENT)),
            _ => head.length,
        };
        if message > self.max_bytes {
            return Err(PayloadError::Overflow);
        }
        if head.opcode < FIRST_CONTROL {
            self.message = message;
        }
        self.rest = head.length.saturating_add(head.mask);
        Ok(())
    }
}

impl Head {
    /// Of its first bytes, which may be all but the mask; `None` where they are not enough.
    fn of(bytes: &[u8]) -> Option<Self> {
        let [first, second, rest @ ..] = bytes else { return None };
        let length = match second & 0x7F {
            126 => u16::from_be_bytes(*rest.first_chunk()?).into(),
            127 => u64::from_be_bytes(*rest.first_chunk()?),
            short => short.into(),
        };
        let mask = if second & 0x80 == 0 { 0 } else { MASK };
        Some(Self { opcode: first & 0x0F, mask, length })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: usize = 70_000;

    /// A frame with a mask of zeros.
    fn frame(first: u8, length: usize) -> Vec<u8> {
        let mut frame = match length {
            0..126 => vec![first, 0x80 | length as u8],
            126..0x10000 => [&[first, 0x80 | 126][..], &(length as u16).to_be_bytes()].concat(),
            _ => [&[first, 0x80 | 127][..], &(length as u64).to_be_bytes()].concat(),
        };
        // Bytes that would be heads of long frames.
        frame.resize(frame.len() + 4 + length, 0xFF);
        frame
    }

    fn check(frames: &[Vec<u8>], piece: usize) -> bool {
        let mut state = Frames::new(MAX);
        frames.concat().chunks(piece).all(|bytes| state.check(bytes).is_ok())
    }

    #[test]
    fn messages_that_fit_pass_in_pieces_of_any_size() {
        let frames = [
            frame(0x81, 0),
            frame(0x81, 125),
            frame(0x81, 126),
            frame(0x82, 0xFFFF),
            frame(0x81, MAX),
            frame(0x89, 125),
            frame(0x01, 40_000),
            frame(0x89, 100),
            frame(0x80, 30_000),
            frame(0x81, MAX),
        ];
        for piece in [1, 2, 7, 13, 4_096, usize::MAX >> 1] {
            assert!(check(&frames, piece), "{piece}");
        }
    }

    #[test]
    fn a_message_that_is_too_long_is_refused_by_the_head_that_says_so() {
        for piece in [1, 3, 1_000_000] {
            assert!(!check(&[frame(0x81, MAX + 1)[..10].to_vec()], piece));
            assert!(!check(&[frame(0x01, 40_000), frame(0x89, 1), frame(0x80, 30_001)[..4].to_vec()], piece));
        }
        for length in [1 << 31, 1 << 32, 1 << 62, u64::MAX] {
            let head = [&[0x81, 0xFF][..], &u64::to_be_bytes(length)].concat();
            assert!(!check(&[frame(0x81, 5), head], 1 << 20), "{length}");
        }
    }

    #[test]
    fn fragments_of_a_byte_or_none_have_an_end() {
        for length in [0, 1] {
            let mut state = Frames::new(MAX);
            state.check(&frame(0x01, length)).unwrap();
            let taken = (0..MAX).take_while(|_| state.check(&frame(0x00, length)).is_ok()).count();
            assert_eq!(taken, MAX / FRAGMENT as usize);
        }
    }
}
