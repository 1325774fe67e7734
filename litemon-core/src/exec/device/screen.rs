//! What a terminal would show, line by line.

/// The longest line that is kept, in bytes; what is longer is cut.
const LONGEST_LINE: usize = 16 * 1024;
/// The longest escape sequence that is believed to be one.
const LONGEST_ESCAPE: u16 = 256;

/// Makes text of what a device sends to a terminal: escape sequences are taken out, carriage returns
/// and backspaces write over what was there. What it holds depends on the bytes, not on how they were
/// cut.
#[derive(Debug, Default)]
pub(in crate::exec) struct Screen {
    done: Vec<u8>,
    line: Vec<u8>,
    column: usize,
    state: State,
    total: usize,
    cut: bool,
}

/// Where in an escape sequence (ECMA-48) the stream is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    Escape,
    /// `ESC (` and its like: one byte more.
    Charset,
    /// `ESC [`: up to a final byte. How long it is, and whether it has parameters.
    Control(u16, bool),
    /// `ESC ]`: up to BEL or `ESC \`. How long it is.
    Command(u16),
}

const BEL: u8 = 7;
const BACKSPACE: u8 = 8;
const ESCAPE: u8 = 0x1b;
const DELETE: u8 = 0x7f;

impl Screen {
    /// More of what the device sent.
    pub(in crate::exec) fn feed(&mut self, bytes: &[u8]) {
        self.total = self.total.saturating_add(bytes.len());
        for byte in bytes {
            self.byte(*byte);
        }
    }

    /// How many bytes came since the last [`Screen::restart`].
    pub(in crate::exec) const fn total(&self) -> usize {
        self.total
    }

    /// A line was too long to be kept.
    pub(in crate::exec) const fn cut(&self) -> bool {
        self.cut
    }

    /// The last line, which is not ended: where a prompt or a question stands.
    pub(in crate::exec) fn tail(&self) -> &[u8] {
        &self.line
    }

    /// The lines that were ended since this was asked last, each with its `\n`.
    pub(in crate::exec) fn take_lines(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.done)
    }

    /// Begins to count anew; what stands in the last line stays.
    pub(in crate::exec) fn restart(&mut self) {
        (self.total, self.cut) = (0, false);
        self.done.clear();
    }

    fn byte(&mut self, byte: u8) {
        self.state = match self.state {
            State::Text => return self.text(byte),
            // The end of a line is never part of a sequence: one that was cut short swallows no more.
            _ if byte == b'\n' => {
                self.state = State::Text;
                return self.text(byte);
            }
            State::Escape => match byte {
                b'[' => State::Control(0, false),
                b']' => State::Command(0),
                b'(' | b')' | b'*' | b'+' | b'#' => State::Charset,
                ESCAPE => State::Escape,
                _ => State::Text,
            },
            State::Charset => State::Text,
            State::Control(length, parameters) => self.control(byte, length, parameters),
            State::Command(length) => match byte {
                BEL => State::Text,
                ESCAPE => State::Escape,
                _ if length >= LONGEST_ESCAPE => State::Text,
                _ => State::Command(length + 1),
            },
        };
    }

    fn control(&mut self, byte: u8, length: u16, parameters: bool) -> State {
        match byte {
            // Erase to the end of the line, or of the screen.
            b'K' | b'J' if !parameters => self.line.truncate(self.column),
            0x40..=0x7e => {}
            ESCAPE => return State::Escape,
            _ if length >= LONGEST_ESCAPE => {}
            b'0' => return State::Control(length + 1, parameters),
            _ => return State::Control(length + 1, true),
        }
        State::Text
    }

    fn text(&mut self, byte: u8) {
        match byte {
            ESCAPE => self.state = State::Escape,
            b'\r' => self.column = 0,
            b'\n' => self.end_line(),
            BACKSPACE => self.column = self.column.saturating_sub(1),
            b'\t' => self.put(byte),
            0..=0x1f | DELETE => {}
            _ => self.put(byte),
        }
    }

    fn put(&mut self, byte: u8) {
        if let Some(place) = self.line.get_mut(self.column) {
            *place = byte;
        } else if self.line.len() < LONGEST_LINE {
            self.line.push(byte);
        } else {
            self.cut = true;
            return;
        }
        self.column += 1;
    }

    fn end_line(&mut self) {
        while self.line.last().is_some_and(|byte| *byte == b' ') {
            self.line.pop();
        }
        self.done.append(&mut self.line);
        self.done.push(b'\n');
        self.column = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bytes: &[u8]) -> (String, String) {
        let mut screen = Screen::default();
        screen.feed(bytes);
        let lines = screen.take_lines();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&lines), text(screen.tail()))
    }

    #[test]
    fn what_a_terminal_would_show() {
        for (bytes, lines, tail) in [
            ("one\r\ntwo\r\n", "one\ntwo\n", ""),
            ("Router#show clock\r\n", "Router#show clock\n", ""),
            ("Router#", "", "Router#"),
            ("\r\r\n\0\x07x", "\n", "x"),
            // IOS takes its pager away again.
            (
                " --More-- \x08\x08\x08\x08\x08\x08\x08\x08\x08\x08          \x08\x08\x08\x08\x08\x08\x08\x08\x08\x08next\r\n",
                "next\n",
                "",
            ),
            // RouterOS writes its prompt again over the line.
            ("[a@b] > sys\r[a@b] > /system\r\n", "[a@b] > /system\n", ""),
            ("\x1b[m\x1b[36m[a@b]\x1b[m > \x1b[K", "", "[a@b] > "),
            ("long line\rshort\x1b[K", "", "short"),
            ("long line\rshort\x1b[0K", "", "short"),
            // Erasing what stands before the cursor is left alone.
            ("long line\rshort\x1b[1K", "", "shortline"),
            ("\x1b]0;title\x07text", "", "text"),
            ("\x1b]0;title\x1b\\text", "", "text"),
            ("\x1b(Btext\x1b=", "", "text"),
            // A sequence that was cut short ends with its line.
            ("\x1b[31\nnext", "\n", "next"),
            ("ab  \r\n", "ab\n", ""),
        ] {
            assert_eq!(shown(bytes.as_bytes()), (lines.to_owned(), tail.to_owned()), "{bytes:?}");
        }
    }

    #[test]
    fn a_line_without_end_is_cut() {
        let mut screen = Screen::default();
        for _ in 0..1000 {
            screen.feed(&[b'x'; 1024]);
        }
        assert_eq!((screen.tail().len(), screen.cut()), (LONGEST_LINE, true));
        assert_eq!(screen.total(), 1000 * 1024);
        screen.restart();
        assert_eq!((screen.total(), screen.cut()), (0, false));
    }

    proptest::proptest! {
        #[test]
        fn how_it_is_cut_makes_no_difference(
            bytes in proptest::collection::vec(proptest::prop_oneof![
                proptest::num::u8::ANY,
                proptest::sample::select(&b"\x1b[]()0;mK\r\n\x08\x07 ab"[..]),
            ], 0..200),
            cuts in proptest::collection::vec(0usize..200, 0..6),
        ) {
            let (mut whole, mut parts) = (Screen::default(), Screen::default());
            whole.feed(&bytes);
            let mut cuts: Vec<usize> = cuts.into_iter().map(|at| at.min(bytes.len())).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let mut lines = Vec::new();
            for pair in cuts.windows(2) {
                parts.feed(&bytes[pair[0]..pair[1]]);
                lines.extend(parts.take_lines());
            }
            proptest::prop_assert_eq!(&lines, &whole.take_lines());
            proptest::prop_assert_eq!(parts.tail(), whole.tail());
            proptest::prop_assert!(!parts.tail().iter().any(|b| *b < b'\t' || *b == ESCAPE));
        }
    }
}
