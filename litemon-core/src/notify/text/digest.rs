//! Several notices in one line: `PROBLEM 23 servers unreachable: web-1, web-2, .. #40-62`.
//!
//! Where not all names fit, their groups are told as well: `999 servers unreachable in web: web-1, ..`.
//! Names give way first, then the ranges of numbers become one, then the groups go, then what is said
//! of the lighter parts becomes a count. How many there are and the ends of their numbers always stand.

use super::{
    gsm::{SMS_SEPTETS, gsm7, septets},
    undelivered_by,
    words::Words,
};
use crate::model::{CheckId, Digest, DigestPart, Notice, Numbers};

/// So many groups are named.
const GROUPS: usize = 3;

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
        groups: groups(words, digest),
    };
    let brackets = brackets(words, notice);
    let merged = digest.numbers.merged();
    let whole = digest.parts.len();
    let all = line.names.len();
    let render = |shown, numbers| line.render(shown, &brackets, numbers);
    let complete = Shown { parts: whole, names: all, groups: false };
    let complete = (line.named <= all).then(|| render(complete, &digest.numbers));
    // Whether groups are told, which numbers, and how many names there are at least.
    let passes = [
        (true, &digest.numbers, 1),
        (false, &digest.numbers, 0),
        (true, &merged, 1),
        (false, &merged, 1),
    ];
    let passes = passes.into_iter().filter(|(groups, ..)| !groups || !line.groups.is_empty());
    let with_names = passes.flat_map(|(groups, numbers, least)| {
        let shown = move |names| Shown { parts: whole, names, groups };
        (least..=all).rev().map(move |names| render(shown(names), numbers))
    });
    let no_names = |parts| Shown { parts, names: 0, groups: false };
    let without = (1..=whole).rev().map(|parts| render(no_names(parts), &merged));
    let bare = std::iter::once_with(|| line.render(no_names(1), "", &merged));
    let fits = |text: &String| septets(text).is_some_and(|septets| septets <= SMS_SEPTETS);
    // Taken one after the other: the first that fits.
    let mut all = complete.into_iter().chain(with_names).chain(without).chain(bare);
    all.find(fits).unwrap_or_default()
}

struct Line<'a> {
    words: Words,
    head: &'a str,
    digest: &'a Digest,
    names: Vec<String>,
    /// Of so many.
    named: usize,
    /// ` in web, db`
    groups: String,
}

/// What of a line is shown: so many parts in words, the others counted; so many names.
#[derive(Clone, Copy)]
struct Shown {
    parts: usize,
    names: usize,
    groups: bool,
}

impl Line<'_> {
    fn render(&self, shown: Shown, brackets: &str, numbers: &Numbers) -> String {
        let Shown { parts, names, groups } = shown;
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
        let groups = if groups { self.groups.as_str() } else { "" };
        let mut line = format!("{} {}{groups}", self.head, said.join(", "));
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

/// The groups of all that it tells, or the first of them.
fn groups(words: Words, digest: &Digest) -> String {
    let first: Vec<String> =
        digest.groups.iter().take(GROUPS).map(|name| gsm7(name.as_str())).collect();
    let more = if digest.groups.len() > first.len() { ", .." } else { "" };
    if first.is_empty() {
        return String::new();
    }
    words.in_groups(&format!("{}{more}", first.join(", ")))
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
