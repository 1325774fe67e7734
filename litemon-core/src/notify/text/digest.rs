//! Several notices in one line: `PROBLEM 23 servers unreachable: web-1, web-2, .. #40-62`.
//!
//! Names give way first, then the ranges of numbers become one, then what is said of the lighter parts
//! becomes a count. How many there are and the ends of their numbers always stand.

use super::{
    gsm::{SMS_SEPTETS, gsm7, septets},
    undelivered_by,
    words::Words,
};
use crate::model::{CheckId, Digest, DigestPart, Notice, Numbers};

/// What a digest says, part for part: `20 servers unreachable: web-1, web-2, ..`; not cut.
pub(super) fn parts(words: Words, digest: &Digest) -> Vec<String> {
    let one = |part: &DigestPart| {
        let names: Vec<String> = part.first.iter().map(name).collect();
        let more = if part.count > names.len() { ", .." } else { "" };
        format!("{}: {}{more}", words.happened(part.what, part.count), names.join(", "))
    };
    digest.parts.iter().map(one).collect()
}

/// The line, in at most one SMS.
pub(super) fn line(words: Words, head: &str, notice: &Notice, digest: &Digest) -> String {
    let line = Line {
        words,
        head,
        digest,
        names: named(digest).flat_map(|part| &part.first).map(name).collect(),
        named: named(digest).map(|part| part.count).sum(),
    };
    let brackets = brackets(words, notice);
    let merged = digest.numbers.merged();
    let whole = digest.parts.len();
    let with_names = (0..=line.names.len())
        .rev()
        .map(|names| line.render(whole, names, &brackets, &digest.numbers));
    let in_one_range =
        (1..=line.names.len()).rev().map(|names| line.render(whole, names, &brackets, &merged));
    let without = (1..=whole).rev().map(|parts| line.render(parts, 0, &brackets, &merged));
    let bare = std::iter::once_with(|| line.render(1, 0, "", &merged));
    let fits = |text: &String| septets(text).is_some_and(|septets| septets <= SMS_SEPTETS);
    // Taken one after the other: the first that fits.
    with_names.chain(in_one_range).chain(without).chain(bare).find(fits).unwrap_or_default()
}

struct Line<'a> {
    words: Words,
    head: &'a str,
    digest: &'a Digest,
    names: Vec<String>,
    /// Of so many.
    named: usize,
}

impl Line<'_> {
    /// With so many parts said in words, the others counted; with so many names.
    fn render(&self, parts: usize, names: usize, brackets: &str, numbers: &Numbers) -> String {
        let mut said: Vec<String> = self
            .digest
            .parts
            .iter()
            .take(parts)
            .map(|part| self.words.happened(part.what, part.count))
            .collect();
        let rest: usize = self.digest.parts.iter().skip(parts).map(|part| part.count).sum();
        if rest > 0 {
            said.push(self.words.more(rest));
        }
        let mut line = format!("{} {}", self.head, said.join(", "));
        if names > 0 {
            let shown: Vec<&str> = self.names.iter().take(names).map(String::as_str).collect();
            line += &format!(": {}", shown.join(", "));
            if names < self.named {
                line += ", ..";
            }
        }
        line += brackets;
        if !numbers.is_empty() {
            line += &format!(" {numbers}");
        }
        line
    }
}

/// Those that are named: of problems and their ends together, the problems.
fn named(digest: &Digest) -> impl Iterator<Item = &DigestPart> {
    let event = digest.parts.first().map(|part| part.what.event());
    digest.parts.iter().filter(move |part| Some(part.what.event()) == event)
}

/// A server by its own name, what belongs to one by both.
fn name(check: &CheckId) -> String {
    let name = match (check.owner(), check.name()) {
        (owner, "ssh") => owner,
        ("checks" | "messaging", name) => name,
        _ => check.as_str(),
    };
    gsm7(name).replace(' ', "_")
}

/// What else is to be said of it, in brackets.
fn brackets(words: Words, notice: &Notice) -> String {
    let failed = undelivered_by(notice).map(|notifier| gsm7(&words.undelivered(notifier)));
    let by = notice.by.as_deref().map(|by| gsm7(by).replace(' ', "_"));
    let mark = notice.unjournaled.then(|| words.unjournaled().to_owned());
    let all = [failed, by, mark].into_iter().flatten();
    all.map(|text| format!(" ({})", super::fit::cut_end(&text, 50))).collect()
}
