//! STOMP frames to and from bytes (<https://stomp.github.io/stomp-specification-1.2.html>).
//!
//! The codec of the STOMP library panics on malformed frames, cuts values at their second colon,
//! lets the last of several equal headers win and does not know `content-length`. So frames are cut
//! out of the stream and put into a form that it reads rightly before it sees them.

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use stomp_rs::protocol::{ClientCommand, Frame, FrameParser, ServerCommand, StompMessage};

/// The longest frame that is taken, head and body.
pub(super) const LONGEST: usize = 256 * 1024;

/// What came from a broker, as far as it is a frame.
pub(super) type Received = Frame<ServerCommand>;

/// What came is no frame, or one that is too long. Nothing after it can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a STOMP frame: {0}")]
pub(super) struct Malformed(&'static str);

/// Cuts frames out of bytes as they come.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    buffer: Vec<u8>,
    /// STOMP 1.0 has no escapes.
    plain: bool,
}

impl Decoder {
    /// Takes what was read.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// From here on backslashes mean themselves.
    pub(super) const fn without_escapes(&mut self) {
        self.plain = true;
    }

    /// The next frame that is whole. Never holds more than one frame and one read.
    ///
    /// # Errors
    /// [`Malformed`], after which the connection is of no use.
    pub(super) fn next(&mut self) -> Result<Option<Received>, Malformed> {
        let beats = self.buffer.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
        self.buffer.drain(..beats);
        let Some(cut) = cut(&self.buffer)? else {
            return if self.buffer.len() > LONGEST { Err(TOO_LONG) } else { Ok(None) };
        };
        if cut.end > LONGEST {
            return Err(TOO_LONG);
        }
        let whole: Vec<u8> = self.buffer.drain(..cut.end).collect();
        let head = whole.get(..cut.head).unwrap_or_default();
        let body = whole.get(cut.head..cut.end.saturating_sub(1)).unwrap_or_default();
        read(head, body, self.plain).map(Some)
    }
}

const TOO_LONG: Malformed = Malformed("longer than 256 KiB");

/// Where a frame's head ends (behind its empty line), and the frame itself (behind its NUL).
#[derive(Debug)]
struct Cut {
    head: usize,
    end: usize,
}

/// `None` while there is more to come.
fn cut(buffer: &[u8]) -> Result<Option<Cut>, Malformed> {
    // Whoever is no broker is told at its first line, and not waited for. A NUL ends one too, or what
    // is wrong would depend on how much of it is there.
    if let Some(end) = buffer.iter().position(|byte| matches!(byte, b'\n' | 0)) {
        command(buffer.get(..end).unwrap_or_default())?;
    }
    let Some(head) = end_of_head(buffer) else {
        // A NUL ends a frame, and this one had no empty line before it.
        return if buffer.contains(&0) { Err(Malformed("no end of the head")) } else { Ok(None) };
    };
    let (first, body) = buffer.split_at_checked(head).unwrap_or((buffer, &[]));
    if first.contains(&0) {
        return Err(Malformed("no end of the head"));
    }
    let Some(length) = content_length(first)? else {
        let end = body.iter().position(|byte| *byte == 0);
        return Ok(end.map(|at| Cut { head, end: head + at + 1 }));
    };
    match body.get(length) {
        None => Ok(None),
        Some(0) => Ok(Some(Cut { head, end: head + length + 1 })),
        Some(_) => Err(Malformed("no NUL behind its content-length")),
    }
}

fn command(line: &[u8]) -> Result<ServerCommand, Malformed> {
    let line = std::str::from_utf8(line.strip_suffix(b"\r").unwrap_or(line));
    line.ok()
        .and_then(|word| ServerCommand::try_from(word).ok())
        .ok_or(Malformed("no command of a server"))
}

fn end_of_head(buffer: &[u8]) -> Option<usize> {
    let mut start = 0;
    for (at, _) in buffer.iter().enumerate().filter(|(_, byte)| **byte == b'\n') {
        let line = buffer.get(start..at).unwrap_or_default();
        if line.is_empty() || line == b"\r" {
            return Some(at + 1);
        }
        start = at + 1;
    }
    None
}

fn lines(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    head.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

fn content_length(head: &[u8]) -> Result<Option<usize>, Malformed> {
    let Some(text) = lines(head).find_map(|line| line.strip_prefix(b"content-length:")) else {
        return Ok(None);
    };
    let text = std::str::from_utf8(text).ok().map(str::trim);
    let length = text.and_then(|text| text.parse().ok()).ok_or(Malformed("content-length"))?;
    if length > LONGEST { Err(TOO_LONG) } else { Ok(Some(length)) }
}

/// Has the codec read a frame that was cut out.
fn read(head: &[u8], body: &[u8], plain: bool) -> Result<Received, Malformed> {
    let head = std::str::from_utf8(head).map_err(|_| Malformed("not UTF-8"))?;
    let mut frame = parse(&normal(head, plain)?)?;
    for value in frame.headers.values_mut() {
        *value = unescaped(value)?;
    }
    // Somebody else's message may hold anything; it is no fault of the broker.
    frame.body = String::from_utf8_lossy(body).into_owned();
    Ok(frame)
}

/// The head in the one form that the codec reads rightly, with an empty body: lines that end in LF,
/// a known command, each header once (the first counts), values escaped whether they were or not.
fn normal(head: &str, plain: bool) -> Result<String, Malformed> {
    let mut lines = head.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    let command = lines.next().unwrap_or_default();
    // CONNECTED has no escapes, so that 1.0 reads it too.
    let plain = plain || command == "CONNECTED";
    let mut text = format!("{command}\n");
    let mut seen: Vec<&str> = Vec::new();
    for line in lines.filter(|line| !line.is_empty()) {
        let (key, value) = line.split_once(':').ok_or(Malformed("a header without a colon"))?;
        let key = key.trim();
        if key.is_empty() || line.contains('\r') {
            return Err(Malformed("a header without a name, or with a carriage return"));
        }
        if seen.contains(&key) {
            continue;
        }
        if seen.len() == MOST_HEADERS {
            return Err(Malformed("too many headers"));
        }
        seen.push(key);
        let value = if plain { value.replace('\\', "\\\\") } else { value.to_owned() };
        text.extend([key, ":", &value.replace(':', "\\c"), "\n"]);
    }
    text.push_str("\n\0");
    Ok(text)
}

/// Brokers send about ten.
const MOST_HEADERS: usize = 256;

fn parse(text: &str) -> Result<Received, Malformed> {
    // What was vetted does not make the codec panic; should it do so all the same, only this
    // connection is lost.
    let parse = || FrameParser::<ServerCommand>::new().parse(text.as_bytes());
    let frames = catch_unwind(AssertUnwindSafe(parse)).ok().and_then(Result::ok);
    let found = frames.into_iter().flatten().find_map(|message| match message {
        StompMessage::Frame(frame) => Some(frame),
        StompMessage::Ping => None,
    });
    found.ok_or(Malformed("the codec cannot read it"))
}

fn unescaped(value: &str) -> Result<String, Malformed> {
    let mut text = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        text.push(match c {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some('c') => ':',
                Some('\\') => '\\',
                _ => return Err(Malformed("an unknown escape")),
            },
            c => c,
        });
    }
    Ok(text)
}

/// A frame as bytes. Values must be free of line ends; `escape` is false for CONNECT and STOMP 1.0.
pub(super) fn encode(
    command: ClientCommand,
    headers: &[(&str, &str)],
    body: &str,
    escape: bool,
) -> Vec<u8> {
    let value = |text: &str| match escape {
        true => text.replace('\\', "\\\\").replace(':', "\\c"),
        false => text.to_owned(),
    };
    let headers: HashMap<String, String> =
        headers.iter().map(|(key, text)| ((*key).to_owned(), value(text))).collect();
    Frame { command, headers, body: body.to_owned() }.to_bytes()
}

#[cfg(test)]
#[path = "frame_tests.rs"]
mod tests;
