//! What a command printed, as text that can be read: without colours, cursor movements and what else
//! a terminal would have done.

use anstream::adapter::StripBytes;

use crate::text::hides;

/// Takes bytes as they come and gives readable text, whatever is cut by where one piece ends.
#[derive(Debug, Default)]
pub(crate) struct Plain {
    strip: StripBytes,
    /// The beginning of a character whose end has not come.
    rest: Vec<u8>,
}

impl Plain {
    /// The text of the next bytes. Line ends, tabs and returns stay.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> String {
        self.rest.extend_from_slice(bytes);
        let mut all = String::with_capacity(self.rest.len());
        let held = hold(&self.rest, &mut all);
        self.rest.drain(..self.rest.len() - held);
        // What is left of whole characters is whole characters.
        let left = self.strip.strip_next(all.as_bytes()).collect::<Vec<_>>().concat();
        let mut text = String::from_utf8_lossy(&left).into_owned();
        text.retain(|c| matches!(c, '\n' | '\t' | '\r') || !hides(c));
        text
    }

    /// How many bytes at the end of what came are not in the text yet.
    pub(crate) const fn held(&self) -> usize {
        self.rest.len()
    }
}

/// Appends what is readable; gives how many bytes at the end are the beginning of a character.
fn hold(bytes: &[u8], text: &mut String) -> usize {
    let mut chunks = bytes.utf8_chunks().peekable();
    while let Some(chunk) = chunks.next() {
        text.push_str(chunk.valid());
        let invalid = chunk.invalid();
        if chunks.peek().is_none() && begins(invalid) {
            return invalid.len();
        }
        if !invalid.is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    0
}

/// Whether more bytes could make a character of them.
fn begins(bytes: &[u8]) -> bool {
    !bytes.is_empty() && str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

/// A text as it stands once each return has written over its line, as a progress bar does. A return
/// at the very end stays: what comes next writes over that line.
pub(crate) fn settled(text: &str) -> String {
    let lines = text.split('\n').map(|line| {
        let line = line.trim_end_matches('\r');
        line.rsplit('\r').next().unwrap_or_default()
    });
    let mut settled = lines.collect::<Vec<_>>().join("\n");
    if text.ends_with('\r') {
        settled.push('\r');
    }
    settled
}

/// The last line that says something.
pub(crate) fn last_line(text: &str) -> Option<&str> {
    text.lines().rev().map(str::trim).find(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_can_be_read_is_left() {
        for (bytes, expected) in [
            (&b"\x1b[31mred\x1b[0m\n"[..], "red\n"),
            (b"\x1b]0;title\x07ok", "ok"),
            (b"a\xffb", "a\u{fffd}b"),
            ("a\u{202e}b\u{200b}\tc\r\n".as_bytes(), "ab\tc\r\n"),
            (b"bell\x07 null\x00 back\x08", "bell null back"),
        ] {
            assert_eq!(Plain::default().feed(bytes), expected, "{bytes:?}");
        }
        assert_eq!(settled("1%\r50%\r100%\ndone\r\n"), "100%\ndone\n");
        assert_eq!(settled("1%\r50%\r"), "50%\r");
        assert_eq!(last_line("one\n two \n\n"), Some("two"));
        assert_eq!(last_line(" \n"), None);
    }

    proptest! {
        #[test]
        fn where_it_is_cut_does_not_matter(
            text in "([a-zé€😀\n\r]|\u{1b}\\[[0-9;]{0,4}m){0,40}", cut in 0usize..200
        ) {
            let bytes = text.as_bytes();
            let (one, two) = bytes.split_at(cut.min(bytes.len()));
            let mut plain = Plain::default();
            let cut = plain.feed(one) + &plain.feed(two);
            prop_assert_eq!(cut, Plain::default().feed(bytes));
        }
    }
}
