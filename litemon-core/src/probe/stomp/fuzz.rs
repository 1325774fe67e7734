//! The way in for a fuzzer, as the decoder of frames is nobody else's.

use super::frame::{Decoder, Malformed, Received};

/// Decodes bytes as a broker might send them, once in one read and once in reads of `size` bytes (at
/// least 1).
///
/// # Panics
/// When the two do not find the same frames and the same end: then the decoder is wrong.
pub fn frames(bytes: &[u8], size: usize) {
    let (whole, end) = decoded(bytes, bytes.len());
    let (pieces, other_end) = decoded(bytes, size);
    assert_eq!(end, other_end, "how the bytes came decides how it ends");
    assert_eq!(whole.len(), pieces.len(), "how the bytes came decides what they are");
    for (one, other) in whole.iter().zip(&pieces) {
        assert_eq!(one.command, other.command);
        assert_eq!(one.headers, other.headers);
        assert_eq!(one.body, other.body);
    }
}

fn decoded(bytes: &[u8], size: usize) -> (Vec<Received>, Option<Malformed>) {
    let mut decoder = Decoder::default();
    let mut frames = Vec::new();
    for read in bytes.chunks(size.max(1)) {
        decoder.push(read);
        loop {
            match decoder.next() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(error) => return (frames, Some(error)),
            }
        }
    }
    (frames, None)
}
