//! The end of a job in one line.

use super::{fit::Line, gsm::gsm7, words::Words};
use crate::model::JobEnd;

/// So many servers are named.
const NAMED: usize = 5;

/// `JOB update ended: 9 ok, 1 failed (web-3 exit 100) job 12`
pub(super) fn line(words: Words, end: &JobEnd, unjournaled: bool) -> String {
    Line {
        head: words.job_word().to_owned(),
        names: vec![gsm7(&end.name)],
        body: words.job_ended(end.ok, end.not_ok),
        detail: failed(words, end),
        mark: unjournaled.then(|| words.unjournaled().to_owned()),
        number: None,
        end: Some(words.job_number(end.number)),
    }
    .fitted()
}

/// The first servers where it did not end well: `web-3 exit 100, web-4 unreachable`
pub(super) fn failed(words: Words, end: &JobEnd) -> Option<String> {
    let why = |failure: &crate::model::JobFailure| {
        format!("{} {}", failure.server, words.job_outcome(&failure.outcome, failure.exit))
    };
    let failed: Vec<String> = end.failed.iter().take(NAMED).map(why).collect();
    let more = if end.not_ok > failed.len() { ", .." } else { "" };
    (!failed.is_empty()).then(|| gsm7(&format!("{}{more}", failed.join(", "))))
}

#[cfg(test)]
mod tests {
    use crate::{
        model::{JobEnd, JobFailure, Language, Name, Timestamp, Zone},
        notify::text::{self, SMS_SEPTETS, septets},
    };

    fn told(name: &str, ok: usize, failed: usize, language: Language) -> String {
        let failed: Vec<JobFailure> = (0..failed)
            .map(|nth| {
                let server = Name::new(&format!("web-{nth}")).unwrap();
                let exit = (nth % 2 == 0).then_some(100);
                JobFailure::new(server, if nth % 2 == 0 { "failed" } else { "unreachable" }, exit)
            })
            .collect();
        let at = Timestamp::default();
        let notice = JobEnd::new(12, name, "schedule:nightly", ok, &failed).notice(at);
        text::line(&notice, language, &Zone::utc(), at)
    }

    #[test]
    fn the_end_of_a_job_is_one_line() {
        for (name, ok, failed, english, indonesian) in [
            (
                "update",
                10,
                0,
                "JOB update ended: 10 ok job 12",
                "TUGAS update selesai: 10 ok tugas 12",
            ),
            (
                "update",
                9,
                1,
                "JOB update ended: 9 ok, 1 failed (web-0 exit 100) job 12",
                "TUGAS update selesai: 9 ok, 1 gagal (web-0 exit 100) tugas 12",
            ),
            (
                "nightly",
                0,
                2,
                "JOB nightly ended: 2 failed (web-0 exit 100, web-1 unreachable) job 12",
                "TUGAS nightly selesai: 2 gagal (web-0 exit 100, web-1 tidak terjangkau) tugas 12",
            ),
        ] {
            assert_eq!(told(name, ok, failed, Language::English), english);
            assert_eq!(told(name, ok, failed, Language::Indonesian), indonesian);
        }
    }

    #[test]
    fn it_fits_into_one_sms_and_keeps_its_numbers() {
        let name = "find / -name '*.log' -mtime +30 -exec rm {} ; # \u{1f4a5} ".repeat(5);
        for language in [Language::English, Language::Indonesian] {
            let line = told(&name, 9_876, 1_234, language);
            assert!(septets(&line).unwrap() <= SMS_SEPTETS, "{line}");
            assert!(line.ends_with(" 12") && line.contains("9876") && line.contains("1234"));
        }
    }
}
