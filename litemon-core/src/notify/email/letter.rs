//! What a mail says.

use std::time::{Duration, SystemTime};

use lettre::{
    Message,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue},
    },
};

use crate::{
    model::{
        CheckKind, Digest, JobEnd, Language, Notice, Observation, Reason, Status, Timestamp,
        one_line,
    },
    notify::{NotifierSite, text},
};

/// The longest subject, in bytes.
const SUBJECT: usize = 250;

/// The mail for one recipient. The same notice makes the same mail, so that one that comes twice can
/// be told by its number.
pub(super) fn write(
    notice: &Notice,
    from: &Mailbox,
    to: Mailbox,
    site: &NotifierSite,
) -> Result<Message, String> {
    let now = site.clock.now();
    let text = site.text(notice, now);
    // What has several lines stands in the mail; its first one is the subject.
    let subject = one_line(&text, SUBJECT);
    let thread = Thread::of(notice, from.email.domain());
    let mut builder = Message::builder()
        .from(from.clone())
        .to(to)
        .subject(subject)
        .date(moment(now))
        .message_id(Some(thread.own));
    if let Some(first) = thread.first {
        builder = builder.in_reply_to(first.clone()).references(first);
    }
    let text = format!("{text}\n\n{}", details(notice, site));
    let letter = builder.header(ContentType::TEXT_PLAIN).body(text);
    let mut letter = letter.map_err(|error| format!("the mail cannot be written: {error}"))?;
    // RFC 3834: nobody's absence is to answer.
    let name = HeaderName::new_from_ascii_str("Auto-Submitted");
    letter.headers_mut().insert_raw(HeaderValue::new(name, "auto-generated".to_owned()));
    Ok(letter)
}

fn moment(at: Timestamp) -> SystemTime {
    let since = Duration::from_millis(u64::try_from(at.as_millis()).unwrap_or_default());
    SystemTime::UNIX_EPOCH + since
}

/// The numbers by which mail programs put mails of an incident together.
struct Thread {
    own: String,
    /// The mail that began it, when this is another one.
    first: Option<String>,
}

impl Thread {
    fn of(notice: &Notice, domain: &str) -> Self {
        let (since, at) = (notice.since.as_millis(), notice.at.as_millis());
        let own = |root: &str| {
            format!("<{root}.{}.{at}@{domain}>", notice.reason.as_str().replace('_', "-"))
        };
        let Some(incident) = notice.incident else {
            return Self { own: own("litemon"), first: None };
        };
        let root = format!("litemon.{incident}.{since}");
        let first = format!("<{root}@{domain}>");
        match notice.reason {
            Reason::Raised | Reason::RaisedAndRecovered => Self { own: first, first: None },
            _ => Self { own: own(&root), first: Some(first) },
        }
    }
}

/// What is known, one thing a line.
fn details(notice: &Notice, site: &NotifierSite) -> String {
    let words = Words(site.language);
    if notice.reason == Reason::Test {
        return words.pick("This is a test.\n", "Ini pesan uji.\n").to_owned();
    }
    if let Some(end) = &notice.job {
        return job(end, notice, words, site);
    }
    if let Some(digest) = &notice.digest {
        return digest_details(notice, digest, site);
    }
    let time = |at| site.zone.format("%Y-%m-%d %H:%M:%S %Z", at);
    let mut lines = vec![(words.pick("Check", "Pemeriksaan"), notice.check.to_string())];
    if let Some(server) = &notice.server {
        lines.push((words.pick("Server", "Server"), server.to_string()));
    }
    lines.push((words.pick("Status", "Status"), words.status(notice.status).to_owned()));
    if let Some(was) = notice.was {
        lines.push((words.pick("Before", "Sebelumnya"), words.status(was).to_owned()));
    }
    lines.push((words.pick("Since", "Sejak"), time(notice.since)));
    lines.push((words.pick("Told", "Diberitahukan"), time(notice.at)));
    let seen = seen(notice);
    if !seen.is_empty() {
        let over = notice.status == Status::Ok;
        let word = match over {
            true => words.pick("It was", "Tadinya"),
            false => words.pick("Seen", "Terlihat"),
        };
        lines.push((word, seen));
    }
    if let Some(incident) = notice.incident {
        let number = format!("#{incident}");
        let link = site.page.as_ref().map(|page| format!("{page}/incidents/{incident}"));
        lines.push((words.pick("Incident", "Insiden"), link.unwrap_or(number)));
    }
    if notice.unjournaled {
        let text = words.pick("not saved, may come again", "belum tersimpan, bisa terulang");
        lines.push((words.pick("Note", "Catatan"), text.to_owned()));
    }
    lines.iter().map(|(name, value)| format!("{:<14} {value}\n", format!("{name}:"))).collect()
}

/// What is known of a job that ended.
fn job(end: &JobEnd, notice: &Notice, words: Words, site: &NotifierSite) -> String {
    let number = end.number.to_string();
    let link = site.page.as_ref().map(|page| format!("{page}/jobs/{number}"));
    let mut lines = vec![
        (words.pick("Job", "Tugas"), link.unwrap_or(number)),
        (words.pick("What", "Apa"), one_line(&end.name, 500)),
        (words.pick("By", "Oleh"), one_line(&end.by, 200)),
        (words.pick("Ended", "Selesai"), site.zone.format("%Y-%m-%d %H:%M:%S %Z", notice.at)),
        (words.pick("Succeeded", "Berhasil"), end.ok.to_string()),
        (words.pick("Failed", "Gagal"), end.not_ok.to_string()),
    ];
    for failure in &end.failed {
        let exit = failure.exit.map(|exit| format!(" (exit {exit})")).unwrap_or_default();
        lines.push(("-", format!("{} {}{exit}", failure.server, failure.outcome)));
    }
    lines.iter().map(|(name, value)| format!("{:<14} {value}\n", format!("{name}:"))).collect()
}

/// Of several incidents: what happened to which, a paragraph each, and their numbers.
fn digest_details(notice: &Notice, digest: &Digest, site: &NotifierSite) -> String {
    let words = Words(site.language);
    let mut lines = text::digest_parts(notice, site.language);
    lines.push(format!("{}: {}", words.pick("Incidents", "Insiden"), digest.numbers));
    if !digest.groups.is_empty() {
        let groups: Vec<&str> = digest.groups.iter().map(AsRef::as_ref).collect();
        lines.push(format!("{}: {}", words.pick("Groups", "Grup"), groups.join(", ")));
    }
    lines.extend(site.page.as_ref().map(|page| format!("{page}/incidents")));
    if notice.unjournaled {
        let text = words.pick("not saved, may come again", "belum tersimpan, bisa terulang");
        lines.push(text.to_owned());
    }
    lines.join("\n\n") + "\n"
}

/// What was seen, in one line: value, limit, and the line beside it.
fn seen(notice: &Notice) -> String {
    let mut parts = Vec::new();
    match &notice.seen {
        Ok(seen) => {
            if let Observation::Switch { on, .. } = seen
                && notice.kind == CheckKind::Service
            {
                parts.push(if *on { "On" } else { "Off" }.to_owned());
            }
            if let Some(value) = seen.value() {
                let unit = seen.unit();
                let over = notice.limit.map(|limit| format!(" > {limit}{unit}"));
                parts.push(format!("{value}{unit}{}", over.unwrap_or_default()));
            }
            parts.extend(seen.detail().map(|detail| one_line(detail, 500)));
        }
        Err(failure) => parts.push(failure.to_string()),
    }
    parts.join(", ")
}

#[derive(Clone, Copy)]
struct Words(Language);

impl Words {
    const fn pick(self, english: &'static str, indonesian: &'static str) -> &'static str {
        match self.0 {
            Language::English => english,
            Language::Indonesian => indonesian,
        }
    }

    const fn status(self, status: Status) -> &'static str {
        match status {
            Status::Ok => "OK",
            Status::Warning => self.pick("warning", "peringatan"),
            Status::Unknown => self.pick("unknown", "tidak diketahui"),
            Status::Critical => self.pick("critical", "kritis"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Failure, FailureKind},
        notify::{
            fixtures,
            fixtures_site::{ScriptedExec, site},
        },
    };

    fn written(notice: &Notice, language: Language) -> String {
        let nowhere = ScriptedExec::new(Err(Failure::new(FailureKind::Internal, "no")));
        let mut site = site(&nowhere, &nowhere);
        site.language = language;
        site.page = Some("https://litemon.example".to_owned());
        let from = "Litemon <litemon@example.org>".parse().unwrap();
        let letter = write(notice, &from, "oncall@example.org".parse().unwrap(), &site).unwrap();
        String::from_utf8(letter.formatted()).unwrap().replace("\r\n", "\n")
    }

    #[test]
    fn a_problem_and_its_end_are_one_thread() {
        insta::assert_snapshot!("problem", written(&fixtures::off(), Language::English));
        insta::assert_snapshot!("recovery", written(&fixtures::on_again(), Language::Indonesian));
    }

    #[test]
    fn what_comes_from_outside_makes_no_header() {
        let mut notice = fixtures::off();
        let detail = "x\r\nBcc: all@example.org\r\n\r\né";
        notice.seen = Ok(Observation::Switch { on: false, detail: Some(detail.to_owned()) });
        let text = written(&notice, Language::English);
        assert!(!text.lines().any(|line| line.starts_with("Bcc:")), "{text}");
    }
}
