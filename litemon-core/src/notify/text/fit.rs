//! Making a line fit: the detail gives way first, then the names; the rest stays.

use super::gsm::{SMS_SEPTETS, char_septets, septets};

const CUT: &str = "..";
/// A detail cut to less than this says nothing and goes altogether.
const LEAST_DETAIL: usize = 8;
/// What is left of a name at least: `a..b`.
const LEAST_NAME: usize = 4;

/// A line in its parts, all of them in the GSM alphabet already. It reads
/// `HEAD names… body (detail) (mark) #number end`.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    pub(super) head: String,
    pub(super) names: Vec<String>,
    pub(super) body: String,
    pub(super) detail: Option<String>,
    pub(super) mark: Option<String>,
    pub(super) number: Option<i64>,
    /// What stands at the end and is never cut.
    pub(super) end: Option<String>,
}

impl Line {
    /// The line in at most one SMS.
    pub(super) fn fitted(mut self) -> String {
        self.shorten_detail();
        while self.excess() > 0 && self.shorten_longest_name() {}
        if self.excess() > 0 {
            self.mark = None;
        }
        self.render()
    }

    fn render(&self) -> String {
        let mut words = vec![self.head.as_str()];
        words.extend(self.names.iter().map(String::as_str));
        words.push(&self.body);
        let brackets: Vec<String> =
            [&self.detail, &self.mark].into_iter().flatten().map(|s| format!("({s})")).collect();
        words.extend(brackets.iter().map(String::as_str));
        let number = self.number.map(|number| format!("#{number}"));
        words.extend(number.as_deref());
        words.extend(self.end.as_deref());
        words.retain(|word| !word.is_empty());
        words.join(" ")
    }

    fn excess(&self) -> usize {
        width(&self.render()).saturating_sub(SMS_SEPTETS)
    }

    fn shorten_detail(&mut self) {
        let excess = self.excess();
        let Some(detail) = self.detail.as_mut().filter(|_| excess > 0) else { return };
        let room = width(detail).saturating_sub(excess);
        if room < LEAST_DETAIL {
            self.detail = None;
        } else {
            *detail = cut_end(detail, room);
        }
    }

    fn shorten_longest_name(&mut self) -> bool {
        let excess = self.excess();
        let Some(name) = self.names.iter_mut().max_by_key(|name| width(name)) else { return false };
        let wide = width(name);
        // By halves of what is too much, so that two long names share the loss.
        let room = wide.saturating_sub(excess.div_ceil(2)).max(LEAST_NAME);
        if room >= wide {
            return false;
        }
        *name = cut_middle(name, room);
        true
    }
}

/// Septets of a text that is in the alphabet.
fn width(text: &str) -> usize {
    septets(text).unwrap_or(usize::MAX / 2)
}

/// As much of the head as fits into `room`, with `..` behind it.
pub(crate) fn cut_end(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let mut head = head_of(text.chars(), room.saturating_sub(CUT.len()));
    head.truncate(head.trim_end().len());
    head + CUT
}

/// Head and tail: names of a kind often differ in their last characters only.
pub(crate) fn cut_middle(text: &str, room: usize) -> String {
    let kept = room.saturating_sub(CUT.len());
    let tail: String = head_of(text.chars().rev(), kept / 2).chars().rev().collect();
    head_of(text.chars(), kept - kept / 2) + CUT + &tail
}

fn head_of(chars: impl Iterator<Item = char>, room: usize) -> String {
    let mut left = room;
    chars
        .take_while(|c| {
            let fits = char_septets(*c).filter(|wide| *wide <= left);
            left -= fits.unwrap_or(0);
            fits.is_some()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(names: [usize; 2], detail: usize) -> Line {
        Line {
            head: "PROBLEM".into(),
            names: names.iter().map(|long| "n".repeat(*long)).collect(),
            body: "Off since 05:33".into(),
            detail: (detail > 0).then(|| "d".repeat(detail)),
            mark: None,
            number: Some(17),
            end: None,
        }
    }

    #[test]
    fn detail_goes_before_names() {
        let text = line([40, 40], 300).fitted();
        assert_eq!(width(&text), SMS_SEPTETS);
        assert!(text.contains(&"n".repeat(40)) && text.ends_with("d..) #17"), "{text}");

        let text = line([63, 63], 300).fitted();
        assert!(!text.contains('('), "{text}");
        assert!(text.contains(&"n".repeat(63)), "{text}");
    }

    #[test]
    fn long_names_keep_both_ends() {
        assert_eq!(cut_middle("production-frontend-17", 12), "produ..nd-17");
        let text = line([100, 100], 0).fitted();
        assert!(width(&text) <= SMS_SEPTETS && text.ends_with("Off since 05:33 #17"), "{text}");
    }
}
