//! Equal outputs, told once.

use similar::{ChangeTag, TextDiff};

use super::{
    handle::{Shared, blocking},
    model::Outcome,
    output::OutputFile,
    records::Stored,
};
use crate::{manage::ManageError, model::Name};

/// The most of an output that is looked at for differences.
const LOOKED_AT: usize = 64 * 1024;
/// The most lines of a difference that are given.
const LINES: usize = 100;
/// The most groups of a job whose differences are looked for.
const GROUPS: usize = 20;
/// How long one difference may be looked for.
const WITHIN: std::time::Duration = std::time::Duration::from_millis(200);

/// Servers that ended alike and put out the same.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fold {
    /// How it ended there; `None`: it has not yet.
    pub outcome: Option<Outcome>,
    /// Which servers.
    pub servers: Vec<Name>,
    /// The beginning of what each of them put out: untrusted, at most 64 KiB.
    pub output: Vec<u8>,
    /// How many bytes each put out; 0 where nothing came.
    pub bytes: u64,
    /// What is different from the first group; empty for that one, where nothing was begun, and
    /// beyond the first 20.
    pub difference: Vec<Difference>,
}

/// A line that only one of two outputs has. Untrusted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// Only most have it.
    Missing(String),
    /// Only these have it.
    Added(String),
}

pub(super) async fn fold(shared: &Shared, job: &Stored) -> Result<Vec<Fold>, ManageError> {
    let mut groups: Vec<(Option<&str>, usize, Fold)> = Vec::new();
    for (place, record) in job.records.iter().enumerate() {
        let (digest, outcome) = (record.digest.as_deref(), record.result.outcome());
        let same = |(of, _, fold): &&mut (Option<&str>, usize, Fold)| {
            *of == digest && fold.outcome.as_ref() == outcome
        };
        let server = record.result.server.clone();
        match groups.iter_mut().find(same) {
            Some((.., fold)) => fold.servers.push(server),
            None => {
                let fold = Fold {
                    outcome: outcome.cloned(),
                    servers: vec![server],
                    output: Vec::new(),
                    bytes: record.result.bytes,
                    difference: Vec::new(),
                };
                groups.push((digest, place, fold));
            }
        }
    }
    // What others differ from is what most put out of those where anything was begun.
    groups.sort_by_key(|(.., fold)| (never_begun(fold), std::cmp::Reverse(fold.servers.len())));
    let (folder, id) = (shared.folder.clone(), job.id);
    let mut folds = Vec::with_capacity(groups.len());
    for (_, place, fold) in groups {
        let (file, total) = (OutputFile::of(&folder, id, place), fold.bytes);
        let tail = job.records.get(place).map_or(0, |record| record.tail);
        let part = blocking(move || file.part(0, total, tail)).await?;
        folds.push(Fold { output: part.bytes, ..fold });
    }
    blocking(move || Ok(compared(folds))).await
}

const fn never_begun(fold: &Fold) -> bool {
    matches!(fold.outcome, Some(Outcome::NotStarted(_)))
}

fn compared(mut folds: Vec<Fold>) -> Vec<Fold> {
    let Some((first, rest)) = folds.split_first_mut() else { return folds };
    for fold in rest.iter_mut().filter(|fold| !never_begun(fold)).take(GROUPS) {
        fold.difference = difference(&first.output, &fold.output);
    }
    folds
}

fn difference(most: &[u8], these: &[u8]) -> Vec<Difference> {
    let text = |bytes: &[u8]| {
        String::from_utf8_lossy(bytes.get(..bytes.len().min(LOOKED_AT)).unwrap_or_default())
            .into_owned()
    };
    let (most, these) = (text(most), text(these));
    let found = TextDiff::configure().timeout(WITHIN).diff_lines(&most, &these);
    let lines = found.iter_all_changes().filter_map(|change| {
        let line = change.value().trim_end_matches(['\r', '\n']).to_owned();
        match change.tag() {
            ChangeTag::Delete => Some(Difference::Missing(line)),
            ChangeTag::Insert => Some(Difference::Added(line)),
            ChangeTag::Equal => None,
        }
    });
    lines.take(LINES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_told() {
        let found = difference(b"a\nb\nc\n", b"a\nx\nc\n");
        assert_eq!(found, [Difference::Missing("b".into()), Difference::Added("x".into())]);
        assert_eq!(difference(b"same\n", b"same\n"), []);
        assert_eq!(difference(b"", &vec![b'\n'; 5000]).len(), LINES);
    }

    #[test]
    fn where_nothing_was_begun_nothing_differs() {
        let fold = |outcome, output: &[u8]| Fold {
            outcome: Some(outcome),
            servers: Vec::new(),
            output: output.to_vec(),
            bytes: 0,
            difference: Vec::new(),
        };
        let failed = fold(Outcome::Failed(1), b"b\n");
        let never = fold(Outcome::NotStarted("it stopped".into()), b"");
        let found = compared(vec![fold(Outcome::Ok, b"a\n"), failed, never]);
        let differ: Vec<usize> = found.iter().map(|fold| fold.difference.len()).collect();
        assert_eq!(differ, [0, 2, 0]);
    }
}
