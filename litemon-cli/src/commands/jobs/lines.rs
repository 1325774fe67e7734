//! The output of servers as lines with their names before them.

use anstream::adapter::StripBytes;

/// What is kept of a line that does not end.
const LONGEST: usize = 64 * 1024;

/// One server's output on its way to lines.
#[derive(Debug, Default)]
pub struct Lines {
    strip: StripBytes,
    begun: Vec<u8>,
    /// Where in the output the next part is expected.
    pub at: u64,
}

impl Lines {
    /// More bytes, which begin at `from`; the lines that are whole now.
    pub fn take(&mut self, from: u64, bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        if from > self.at {
            lines.extend(self.finish());
            lines.push(format!("\u{2026} {} bytes are not kept \u{2026}", from - self.at));
        }
        self.at = from.saturating_add(bytes.len() as u64);
        for part in self.strip.strip_next(bytes) {
            for byte in part {
                if *byte == b'\n' || self.begun.len() >= LONGEST {
                    lines.push(clean(&std::mem::take(&mut self.begun)));
                }
                if *byte != b'\n' {
                    self.begun.push(*byte);
                }
            }
        }
        lines
    }

    /// What stands behind the last line's end.
    pub fn finish(&mut self) -> Option<String> {
        let begun = std::mem::take(&mut self.begun);
        (!begun.is_empty()).then(|| clean(&begun))
    }
}

/// A line without anything that a terminal would obey; tabs stay. Of what overwrote itself, as a
/// progress bar does, the last is shown.
fn clean(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_end_matches('\r');
    let text = text.rsplit('\r').next().unwrap_or_default();
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().filter(|c| *c == '\t' || !(c.is_control() || turns(*c))).collect()
}

/// All of an output as lines.
pub fn all(bytes: &[u8]) -> Vec<String> {
    let mut lines = Lines::default();
    let mut all = lines.take(0, bytes);
    all.extend(lines.finish());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_when_they_are_whole_and_obey_nobody() {
        let mut lines = Lines::default();
        assert_eq!(lines.take(0, b"one\ntw"), ["one"]);
        assert_eq!(lines.take(6, b"o\x1b[3"), ["x"; 0]);
        assert_eq!(lines.take(10, b"1m!\r\n10%\r20%\n\tx\x07"), ["two!", "20%"]);
        assert_eq!(lines.finish().as_deref(), Some("\tx"));
        assert_eq!(lines.take(40, b"z\n"), ["\u{2026} 14 bytes are not kept \u{2026}", "z"]);
        assert_eq!(all("a\u{202e}b".as_bytes()), ["ab"]);
    }
}
