//! The mark that a command's wrapper prints before the command itself does.

use crate::exec::Heard;

/// How much may stand before the mark: a login shell's greetings, sudo's questions.
const MOST: usize = 64 * 1024;

/// Takes the marks out of both streams, and what stands before them.
#[derive(Debug)]
pub(super) struct Marks {
    out: Stream,
    err: Stream,
    /// The session in which the command runs, once it is known.
    pub(super) session: Option<u32>,
}

#[derive(Debug)]
struct Stream {
    mark: Vec<u8>,
    before: Vec<u8>,
    seen: bool,
    /// The mark will not come any more.
    open: bool,
}

impl Marks {
    pub(super) fn new(mark: &str) -> Self {
        let stream = || Stream {
            mark: mark.as_bytes().to_vec(),
            before: Vec::new(),
            seen: false,
            open: true,
        };
        Self { out: stream(), err: stream(), session: None }
    }

    /// Whether the command itself began.
    pub(super) const fn seen(&self) -> bool {
        self.session.is_some() || self.out.seen || self.err.seen
    }

    /// What the command itself put out.
    pub(super) fn pass(&mut self, heard: Heard) -> Vec<u8> {
        let (stream, bytes) = match heard {
            Heard::Out(bytes) => (&mut self.out, bytes),
            Heard::Err(bytes) => (&mut self.err, bytes),
            Heard::Began => return Vec::new(),
        };
        let (bytes, session) = stream.pass(bytes);
        self.session = self.session.or(session);
        bytes
    }

    /// What was held back in case a mark came: no more comes.
    pub(super) fn finish(&mut self) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.err.before);
        bytes.extend(std::mem::take(&mut self.out.before));
        bytes
    }
}

impl Stream {
    fn pass(&mut self, bytes: Vec<u8>) -> (Vec<u8>, Option<u32>) {
        if self.seen || !self.open {
            return (bytes, None);
        }
        self.before.extend(bytes);
        if let Some((session, behind)) = self.find() {
            self.seen = true;
            let rest = self.before.split_off(behind);
            self.before.clear();
            return (rest, session);
        }
        if self.before.len() > MOST {
            self.open = false;
            return (std::mem::take(&mut self.before), None);
        }
        (Vec::new(), None)
    }

    /// The session behind the mark, and where its line ends.
    fn find(&self) -> Option<(Option<u32>, usize)> {
        let at = self.before.windows(self.mark.len()).position(|part| part == self.mark)?;
        let rest = self.before.get(at + self.mark.len()..)?;
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let session = std::str::from_utf8(rest.get(..end)?).ok()?.trim().parse().ok();
        // Session 0 and 1 are never those of a command: nobody is to end them.
        Some((session.filter(|id| *id > 1), at + self.mark.len() + end + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_the_mark_is_taken_out() {
        let mut marks = Marks::new("abc");
        assert_eq!(marks.pass(Heard::Err(b"[sudo] password: ".to_vec())), b"");
        assert!(!marks.seen());
        assert_eq!(marks.pass(Heard::Out(b"hello\nab".to_vec())), b"");
        assert_eq!(marks.pass(Heard::Out(b"c 4711\r\none\n".to_vec())), b"one\n");
        assert_eq!(marks.pass(Heard::Err(b"abc 4711\ntwo".to_vec())), b"two");
        assert_eq!(marks.pass(Heard::Err(b"abc 1\n".to_vec())), b"abc 1\n");
        assert_eq!((marks.session, marks.finish()), (Some(4711), Vec::new()));
    }

    #[test]
    fn without_a_mark_nothing_is_lost() {
        let mut marks = Marks::new("abc");
        assert_eq!(marks.pass(Heard::Err(b"sudo: no".to_vec())), b"");
        assert_eq!(marks.finish(), b"sudo: no");
        assert!(!marks.seen());
        let flood = vec![b'x'; MOST + 1];
        assert_eq!(marks.pass(Heard::Out(flood.clone())), flood);
        assert_eq!(marks.pass(Heard::Out(b"abc 7\n".to_vec())), b"abc 7\n");
    }
}
