//! What came from a server, as far as it is kept.

use std::{
    collections::VecDeque,
    fs::{DirBuilder, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

/// How much of the beginning is kept.
pub(super) const HEAD: usize = 512 * 1024;
/// How much of the end is kept.
const TAIL: usize = 512 * 1024;
/// The most that is handed out at once.
pub(super) const PART: usize = 64 * 1024;

/// A part of what a server put out, both streams in the order of their arrival.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutputPart {
    /// Where it begins, in bytes. Beyond what was asked for when what lies between is not kept.
    pub from: u64,
    /// The bytes: untrusted, at most 64 KiB.
    pub bytes: Vec<u8>,
    /// How many bytes came so far, kept or not.
    pub total: u64,
    /// Whether nothing comes behind this part: the server is done, and this reaches its end.
    pub last: bool,
}

impl OutputPart {
    /// Where the next part begins.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.from.saturating_add(self.bytes.len() as u64)
    }
}

/// The head and the tail of an output while it comes.
#[derive(Debug, Default)]
pub(super) struct Output {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    total: u64,
    /// How much of the head is in the file.
    written: usize,
}

impl Output {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.total = self.total.saturating_add(bytes.len() as u64);
        let (first, rest) = bytes.split_at(bytes.len().min(HEAD.saturating_sub(self.head.len())));
        self.head.extend_from_slice(first);
        // More than fits is not copied first.
        let rest = rest.get(rest.len().saturating_sub(TAIL)..).unwrap_or_default();
        let over = (self.tail.len() + rest.len()).saturating_sub(TAIL);
        self.tail.drain(..over);
        self.tail.extend(rest);
    }

    pub(super) const fn total(&self) -> u64 {
        self.total
    }

    pub(super) fn tail_length(&self) -> u64 {
        self.tail.len() as u64
    }

    pub(super) fn truncated(&self) -> bool {
        self.total > (self.head.len() + self.tail.len()) as u64
    }

    /// What tells equal outputs.
    pub(super) fn digest(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.total.to_le_bytes());
        hash.update(&self.head);
        let (one, two) = self.tail.as_slices();
        hash.update(one);
        hash.update(two);
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub(super) fn part(&self, from: u64) -> OutputPart {
        let (from, in_tail) = find(from, self.head.len(), self.tail.len(), self.total);
        let bytes = match in_tail {
            None => slice(&self.head, from),
            Some(at) => self.tail.iter().skip(at).take(PART).copied().collect(),
        };
        OutputPart { from, bytes, total: self.total, last: false }
    }

    /// What of the head is not in its file yet.
    pub(super) fn unwritten(&mut self) -> Vec<u8> {
        let bytes = self.head.get(self.written..).unwrap_or_default().to_vec();
        self.written = self.head.len();
        bytes
    }

    /// All that is not in the file yet.
    pub(super) fn rest(&mut self) -> Vec<u8> {
        let mut bytes = self.unwritten();
        bytes.extend(&self.tail);
        bytes
    }
}

fn slice(bytes: &[u8], from: u64) -> Vec<u8> {
    let from = usize::try_from(from).unwrap_or(usize::MAX).min(bytes.len());
    bytes.iter().skip(from).take(PART).copied().collect()
}

/// Where reading begins, and how far into the tail that is.
fn find(from: u64, head: usize, tail: usize, total: u64) -> (u64, Option<usize>) {
    let from = from.min(total);
    if from < head as u64 || tail == 0 {
        return (from, None);
    }
    let begins = total.saturating_sub(tail as u64);
    let from = from.max(begins);
    (from, Some(usize::try_from(from - begins).unwrap_or(usize::MAX)))
}

/// Where the outputs of jobs are: `jobs/JOB/PLACE` in the state folder.
#[derive(Clone, Debug)]
pub(super) struct OutputFile(pub(super) PathBuf);

impl OutputFile {
    pub(super) fn of(folder: &Path, job: i64, place: usize) -> Self {
        Self(folder.join(job.to_string()).join(place.to_string()))
    }

    /// Adds bytes at its end; makes it (0600) and its folder (0700) if need be. Blocks.
    pub(super) fn append(&self, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        if let Some(folder) = self.0.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let mut options = OpenOptions::new();
        options.append(true).create(true).mode(0o600);
        options.open(&self.0)?.write_all(bytes)
    }

    /// Removes it. Blocks.
    pub(super) fn clear(&self) -> io::Result<()> {
        match std::fs::remove_file(&self.0) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// A part of what was kept, given how much came and how long the tail is. Blocks.
    pub(super) fn part(&self, from: u64, total: u64, tail: u64) -> io::Result<OutputPart> {
        let bytes = match std::fs::read(&self.0) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        let tail = usize::try_from(tail).unwrap_or(usize::MAX).min(bytes.len());
        let (head, tail) = bytes.split_at(bytes.len() - tail);
        // While it runs elsewhere, only the head is there.
        let total = total.max(bytes.len() as u64);
        let (from, in_tail) = find(from, head.len(), tail.len(), total);
        let bytes = match in_tail {
            None => slice(head, from),
            Some(at) => slice(tail, at as u64),
        };
        Ok(OutputPart { from, bytes, total, last: false })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn whole(mut part: impl FnMut(u64) -> OutputPart) -> (Vec<u8>, u64) {
        let (mut bytes, mut left_out, mut at) = (Vec::new(), 0, 0);
        loop {
            let part = part(at);
            left_out += part.from - at;
            bytes.extend(&part.bytes);
            at = part.next();
            if part.bytes.is_empty() {
                return (bytes, left_out);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        /// Whatever comes in whatever pieces: head and tail are kept, the rest is counted, and file
        /// and memory say the same.
        #[test]
        fn head_and_tail_are_kept(sizes in prop::collection::vec(0_usize..300_000, 0..12)) {
            let dir = tempfile::tempdir().unwrap();
            let file = OutputFile::of(dir.path(), 1, 0);
            let (mut output, mut all) = (Output::default(), Vec::new());
            for (nth, size) in sizes.iter().enumerate() {
                let bytes: Vec<u8> = (0..*size).map(|i| (i * 7 + nth) as u8).collect();
                output.push(&bytes);
                all.extend(bytes);
                file.append(&output.unwritten()).unwrap();
            }
            file.append(&output.rest()).unwrap();
            let (bytes, left_out) = whole(|from| output.part(from));
            prop_assert_eq!(bytes.len() as u64 + left_out, all.len() as u64);
            prop_assert!(bytes.len() <= HEAD + TAIL);
            let head = all.len().min(HEAD);
            prop_assert!(bytes[..head] == all[..head]);
            let tail = bytes.len() - head;
            prop_assert!(bytes[head..] == all[all.len() - tail..]);
            prop_assert_eq!(left_out > 0, output.truncated());
            let stored = whole(|from| {
                file.part(from, output.total(), output.tail_length()).unwrap()
            });
            prop_assert!(stored == (bytes, left_out));
        }
    }
}
