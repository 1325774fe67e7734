use std::time::Duration;

use crate::model::IncidentNumber;

/// How many words of a message are read, and how many letters of one.
const WORDS: usize = 12;
const LETTERS: usize = 130;

/// What somebody who is told of problems wants.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// He looks after a problem, for so long or until it is over. Without its number nothing can be
    /// done.
    Acknowledge(Option<IncidentNumber>, Option<Duration>),
    /// How is it, all in all or about what is named?
    Status(Option<String>),
    /// What is named is not to be told for a time. Without both, nothing can be done.
    Mute(Option<String>, Option<Duration>),
    /// What can be asked?
    Help,
    /// It is none of these.
    Unclear,
}

/// What the first word of a message asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Acknowledge,
    Status,
    Mute,
    Help,
}

impl Command {
    /// Reads a message, in English or Indonesian, whatever its letters, spaces and `#` are like.
    /// `None` when there is nothing in it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let apart = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '#' | ',' | ';');
        let quotes = ['"', '\'', '!', '(', ')'];
        let words = text.split(apart).map(|word| word.trim_matches(quotes));
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).take(WORDS).collect();
        let (first, rest) = words.split_first()?;
        if words.iter().any(|word| word.chars().count() > LETTERS) {
            return Some(Self::Unclear);
        }
        Some(match (verb(first), rest) {
            (Some(Verb::Acknowledge), rest) => acknowledge(rest),
            (Some(Verb::Status), rest) => Self::Status(named(rest)),
            (Some(Verb::Mute), rest) => mute(rest),
            (Some(Verb::Help), _) => Self::Help,
            (None, rest) => glued(first, rest),
        })
    }

    /// Its name in logs: nothing that somebody typed.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Acknowledge(..) => "ack",
            Self::Status(_) => "status",
            Self::Mute(..) => "mute",
            Self::Help => "help",
            Self::Unclear => "unclear",
        }
    }
}

fn verb(word: &str) -> Option<Verb> {
    let word = word.trim_end_matches(['.', ':', '?']).to_lowercase();
    Some(match word.as_str() {
        "ack" | "ok" | "take" | "tangani" | "ditangani" | "terima" | "ambil" => Verb::Acknowledge,
        "status" | "keadaan" => Verb::Status,
        "mute" | "silence" | "diam" | "diamkan" | "senyap" | "bisukan" => Verb::Mute,
        // Of a question mark alone nothing is left.
        "help" | "bantuan" | "bantu" | "tolong" | "" => Verb::Help,
        _ => return None,
    })
}

/// `ACK17`
fn glued(first: &str, rest: &[&str]) -> Command {
    let letters = first.find(|c: char| c.is_ascii_digit()).map(|at| first.split_at(at));
    match letters {
        Some((letters, digits)) if verb(letters) == Some(Verb::Acknowledge) => {
            let words: Vec<&str> = std::iter::once(digits).chain(rest.iter().copied()).collect();
            acknowledge(&words)
        }
        _ => Command::Unclear,
    }
}

fn acknowledge(words: &[&str]) -> Command {
    let Some((number, rest)) = words.split_first() else { return Command::Acknowledge(None, None) };
    let number = number.trim_end_matches('.').parse().ok().filter(|number| *number > 0);
    let (Some(number), false) = (number, number_is_signed(words)) else { return Command::Unclear };
    match rest {
        [] => Command::Acknowledge(Some(number), None),
        rest => match span(&without_fillers(rest).concat()) {
            Some(lasts) => Command::Acknowledge(Some(number), Some(lasts)),
            None => Command::Unclear,
        },
    }
}

/// `+17` is a number to a parser, and nobody writes that.
fn number_is_signed(words: &[&str]) -> bool {
    words.first().is_some_and(|word| !word.starts_with(|c: char| c.is_ascii_digit()))
}

fn mute(words: &[&str]) -> Command {
    let words = without_fillers(words);
    let of_digits = |word: &&str| word.bytes().all(|b| b.is_ascii_digit());
    let (target, lasts) = match words.as_slice() {
        [target @ .., count, unit] if of_digits(count) => match span(&format!("{count}{unit}")) {
            Some(lasts) => (target, Some(lasts)),
            None => (words.as_slice(), None),
        },
        [target @ .., last] if span(last).is_some() => (target, span(last)),
        all => (all, None),
    };
    Command::Mute(named(target), lasts)
}

/// Words that people put in between.
fn without_fillers<'w>(words: &[&'w str]) -> Vec<&'w str> {
    let filler = |word: &str| {
        ["for", "selama", "until", "server"].iter().any(|f| word.eq_ignore_ascii_case(f))
    };
    words.iter().copied().filter(|word| !filler(word)).collect()
}

/// A name of one or two words, as notices write them: `web-1`, `web-1 nginx`, `web-1/nginx`.
fn named(words: &[&str]) -> Option<String> {
    let words = without_fillers(words);
    (!words.is_empty()).then(|| words.join(" "))
}

/// `2h`, `90m`, `1h30m`, `2jam`; `None` for anything else, and for what is no time at all.
fn span(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut seconds = 0_u64;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (count, behind) = rest.split_at(digits);
        let letters = behind.find(|c: char| c.is_ascii_digit()).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(letters);
        let count: u32 = count.parse().ok()?;
        seconds = seconds.checked_add(u64::from(count).checked_mul(unit_seconds(unit)?)?)?;
        rest = behind;
    }
    (seconds > 0).then(|| Duration::from_secs(seconds))
}

fn unit_seconds(unit: &str) -> Option<u64> {
    Some(match unit.trim_end_matches('.').to_lowercase().as_str() {
        "m" | "min" | "mins" | "minute" | "minutes" | "menit" | "mnt" => 60,
        "h" | "hr" | "hrs" | "hour" | "hours" | "j" | "jam" => 3600,
        "d" | "day" | "days" | "hari" => 86_400,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn minutes(count: u64) -> Option<Duration> {
        Some(Duration::from_secs(60 * count))
    }

    fn name(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn what_people_type_is_understood() {
        use Command::{Acknowledge, Help, Mute, Status, Unclear};
        for (text, expected) in [
            ("ACK 17", Acknowledge(Some(17), None)),
            ("  ack   #17 ", Acknowledge(Some(17), None)),
            ("Ack17", Acknowledge(Some(17), None)),
            ("ACK#17 2h", Acknowledge(Some(17), minutes(120))),
            ("ack 17 for 1h30m", Acknowledge(Some(17), minutes(90))),
            ("ok 17", Acknowledge(Some(17), None)),
            ("tangani 17 2 jam", Acknowledge(Some(17), minutes(120))),
            ("TANGANI 17 selama 1 hari", Acknowledge(Some(17), minutes(1440))),
            ("ACK\r\n17.", Acknowledge(Some(17), None)),
            ("ACK", Acknowledge(None, None)),
            ("ack web-1", Unclear),
            ("ACK 0", Unclear),
            ("ACK -3", Unclear),
            ("ACK +3", Unclear),
            ("ACK 17 18", Unclear),
            ("ACK 17 0m", Unclear),
            ("ACK 99999999999999999999", Unclear),
            ("ACK 17 99999999999h", Unclear),
            ("STATUS", Status(None)),
            ("status web-1", Status(name("web-1"))),
            ("Status: web-1 nginx", Status(name("web-1 nginx"))),
            ("keadaan server web-1", Status(name("web-1"))),
            ("MUTE web-1 30m", Mute(name("web-1"), minutes(30))),
            ("mute web-1 nginx 30 min", Mute(name("web-1 nginx"), minutes(30))),
            ("mute web-1/nginx for 4h", Mute(name("web-1/nginx"), minutes(240))),
            ("DIAM @web 1 jam", Mute(name("@web"), minutes(60))),
            ("MUTE web-1", Mute(name("web-1"), None)),
            ("mute 30m", Mute(None, minutes(30))),
            ("MUTE", Mute(None, None)),
            ("mute web 2 bananas", Mute(name("web 2 bananas"), None)),
            ("HELP", Help),
            ("Bantuan!", Help),
            ("?", Help),
            ("I am in a meeting", Unclear),
            ("<script>", Unclear),
            ("ack17x", Unclear),
        ] {
            assert_eq!(Command::parse(text), Some(expected), "{text}");
        }
        for nothing in ["", "  \r\n\t", "#", "!!", "\u{0}"] {
            assert_eq!(Command::parse(nothing), None, "{nothing:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_is_typed_panics_and_numbers_are_what_they_say(
            text in any::<String>(),
            words in proptest::collection::vec(
                prop_oneof!["ack|mute|status|diam|[0-9]{1,22}|[0-9]{1,12}[mhdj]|#|web-1", ".{0,9}"],
                0..14,
            ),
        ) {
            let typed = words.join(" ");
            for text in [text, typed] {
                match Command::parse(&text) {
                    Some(Command::Acknowledge(Some(number), _)) => {
                        prop_assert!(number > 0 && text.contains(&number.to_string()));
                    }
                    Some(Command::Mute(_, Some(lasts))) => prop_assert!(lasts >= Duration::from_secs(60)),
                    _ => {}
                }
            }
        }

        #[test]
        fn any_incident_can_be_taken_for_any_time(number in 1_i64.., hours in 1_u32..9999) {
            let lasts = Duration::from_secs(3600 * u64::from(hours));
            let expected = Some(Command::Acknowledge(Some(number), Some(lasts)));
            prop_assert_eq!(Command::parse(&format!("ack #{number} {hours}h")), expected);
        }
    }
}
