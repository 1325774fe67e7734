use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::{
    model::{CheckId, Name, Remedied, RemedyOutcome},
    notify::fixtures::name,
};

const SINCE: Timestamp = Timestamp::from_millis(1_460_611_980_000); // 2016-04-14 05:33:00 UTC

fn ago(seconds: u64) -> Timestamp {
    SINCE.plus(Duration::from_secs(seconds))
}

fn notice(kind: CheckKind, check: &str, seen: Result<Observation, Failure>) -> Notice {
    let check = CheckId::parse(check).unwrap();
    Notice {
        reason: Reason::Raised,
        incident: Some(17),
        server: Name::new(check.owner()).ok(),
        check,
        kind,
        status: Status::Critical,
        was: None,
        seen,
        limit: None,
        since: SINCE,
        at: ago(10),
        unjournaled: false,
        by: None,
        job: None,
        digest: None,
        remedy: None,
    }
}

fn off() -> Notice {
    let seen = Observation::Switch { on: false, detail: Some("exit 3: inactive".into()) };
    notice(CheckKind::Service, "web-1/nginx", Ok(seen))
}

fn cpu() -> Notice {
    let seen = Observation::percent(93.2, None);
    Notice { limit: Some(50.0), ..notice(CheckKind::Resource, "web-1/cpu", Ok(seen)) }
}

fn failed(kind: CheckKind, check: &str, why: FailureKind, message: &str) -> Notice {
    notice(kind, check, Err(Failure::new(why, message)))
}

fn unknown(notice: Notice) -> Notice {
    Notice { status: Status::Unknown, ..notice }
}

fn recovered(notice: Notice) -> Notice {
    let was = Some(notice.status);
    Notice { reason: Reason::Recovered, status: Status::Ok, was, at: ago(240), ..notice }
}

fn english(notice: &Notice) -> String {
    line(notice, Language::English, &Zone::utc(), notice.at)
}

fn indonesian(notice: &Notice) -> String {
    line(notice, Language::Indonesian, &Zone::utc(), notice.at)
}

#[test]
fn what_is_said_while_a_problem_lasts() {
    for (reason, in_english, in_indonesian) in [
        (
            Reason::Reminder,
            "PROBLEM web-1 nginx still Off since 05:33 #17",
            "GANGGUAN web-1 nginx masih Off sejak 05:33 #17",
        ),
        (
            Reason::Unacknowledged,
            "PROBLEM web-1 nginx Off since 05:33, nobody took it #17",
            "GANGGUAN web-1 nginx Off sejak 05:33, belum ada yang menangani #17",
        ),
        (
            Reason::Acknowledged,
            "ACK web-1 nginx Off since 05:33, taken by ann_b #17",
            "DITANGANI web-1 nginx Off sejak 05:33, oleh ann_b #17",
        ),
        (
            Reason::Flapping,
            "PROBLEM web-1 nginx comes and goes since 05:33 #17",
            "GANGGUAN web-1 nginx naik turun sejak 05:33 #17",
        ),
    ] {
        let notice = Notice { reason, by: Some("ann b".to_owned()), ..off() };
        assert_eq!(english(&notice), in_english);
        assert_eq!(indonesian(&notice), in_indonesian);
    }
}

#[test]
fn the_monitors_own_network() {
    let why = "no answer from gateway, resolver";
    let cut = failed(CheckKind::Own, "litemon:network", FailureKind::Internal, why);
    assert_eq!(
        english(&cut),
        "PROBLEM litemon cannot reach its own network since 05:33 (no answer from gateway, resolver) #17"
    );
    assert_eq!(
        indonesian(&cut),
        "GANGGUAN litemon terputus dari jaringannya sejak 05:33 (tidak ada jawaban dari gateway, resolver) #17"
    );
    let over = recovered(cut);
    assert_eq!(english(&over), "OK litemon reaches its own network, was cut off 4m #17");
    assert_eq!(indonesian(&over), "PULIH litemon terhubung ke jaringannya, terputus 4m #17");
    let both = Notice { reason: Reason::RaisedAndRecovered, ..over };
    let told = "OK litemon reaches its own network, was cut off 4m since 05:33 #17";
    assert_eq!(english(&both), told);
}

#[test]
fn what_a_remedy_did_is_told() {
    let table = [
        (
            (Reason::Recovered, 1, RemedyOutcome::Helped(4000)),
            "OK web-1 nginx On, was Off 4m (restarted nginx, On again after 4s) #17",
            "PULIH web-1 nginx On, Off 4m (restarted nginx, On lagi setelah 4d) #17",
        ),
        (
            (Reason::RemedyFailed, 2, RemedyOutcome::DidNotHelp),
            "PROBLEM web-1 nginx still Off since 05:33 (restarted nginx 2x, did not help) #17",
            "GANGGUAN web-1 nginx masih Off sejak 05:33 (restarted nginx 2x, tidak menolong) #17",
        ),
        (
            (Reason::RemedyFailed, 1, RemedyOutcome::Failed("exit 3: no such unit".into())),
            "PROBLEM web-1 nginx still Off since 05:33 (fix failed: exit 3: no such unit) #17",
            "GANGGUAN web-1 nginx masih Off sejak 05:33 (fix gagal: exit 3: no such unit) #17",
        ),
        (
            (Reason::Raised, 3, RemedyOutcome::GivenUp),
            "PROBLEM web-1 nginx Off since 05:33 (restarted nginx 3x, not tried any more) #17",
            "GANGGUAN web-1 nginx Off sejak 05:33 (restarted nginx 3x, tidak dicoba lagi) #17",
        ),
    ];
    for ((reason, runs, outcome), in_english, in_indonesian) in table {
        let says = Some("restarted nginx".to_owned());
        let remedy = Some(Remedied::new(name("fix"), says, runs, outcome));
        let told = if reason == Reason::Recovered { recovered(off()) } else { off() };
        let notice = Notice { reason, remedy, ..told };
        assert_eq!(english(&notice), in_english);
        assert_eq!(indonesian(&notice), in_indonesian);
    }
    let unnamed = Remedied::new(name("fix"), None, 1, RemedyOutcome::DidNotHelp);
    let notice = Notice { reason: Reason::RemedyFailed, remedy: Some(unnamed), ..off() };
    assert!(english(&notice).ends_with("(ran fix, did not help) #17"));
    assert!(indonesian(&notice).ends_with("(menjalankan fix, tidak menolong) #17"));
}

#[test]
fn the_contract_word_for_word() {
    let ssh = failed(CheckKind::Ssh, "web-1/ssh", FailureKind::Refused, "connection refused");
    let hdd =
        failed(CheckKind::Resource, "web-1/hdd", FailureKind::Exit, "exit 127: sh: df: not found");
    let numbered = |number, notice| Notice { incident: Some(number), ..notice };
    for (notice, expected) in [
        (off(), "PROBLEM web-1 nginx Off since 05:33 #17"),
        (numbered(18, ssh), "PROBLEM web-1 unreachable since 05:33 (connection refused) #18"),
        (numbered(19, cpu()), "PROBLEM web-1 cpu 93% > 50% since 05:33 #19"),
        (numbered(20, unknown(hdd)), "PROBLEM web-1 hdd unknown since 05:33 (exit 127) #20"),
        (recovered(off()), "OK web-1 nginx On, was Off 4m #17"),
    ] {
        assert_eq!(english(&notice), expected);
    }
    assert_eq!(indonesian(&off()), "GANGGUAN web-1 nginx Off sejak 05:33 #17");
    assert_eq!(indonesian(&recovered(off())), "PULIH web-1 nginx On, Off 4m #17");
}

#[test]
fn what_judges_itself_is_told_with_its_own_words() {
    let seen = |status, text| Ok(Observation::judged(status, [], text));
    let disk = |status| Notice {
        status,
        ..notice(CheckKind::Other, "web-1/disk", seen(status, "DISK - free space: / 3% of 10GB"))
    };
    let escalated =
        Notice { reason: Reason::Escalated, was: Some(Status::Warning), ..disk(Status::Critical) };
    for (notice, expected) in [
        (
            disk(Status::Critical),
            "PROBLEM web-1 disk critical since 05:33 (DISK - free space: / 3% of 10GB) #17",
        ),
        (
            disk(Status::Warning),
            "PROBLEM web-1 disk warning since 05:33 (DISK - free space: / 3% of 10GB) #17",
        ),
        (
            disk(Status::Unknown),
            "PROBLEM web-1 disk unknown since 05:33 (DISK - free space: / 3% of 10GB) #17",
        ),
        (
            escalated,
            "PROBLEM web-1 disk critical, was warning, since 05:33 (DISK - free space: / 3% of 10GB) #17",
        ),
        (recovered(disk(Status::Critical)), "OK web-1 disk normal, was critical 4m #17"),
    ] {
        assert_eq!(english(&notice), expected);
    }
    assert_eq!(
        indonesian(&disk(Status::Critical)),
        "GANGGUAN web-1 disk kritis sejak 05:33 (DISK - free space: / 3% of 10GB) #17"
    );
    assert_eq!(
        indonesian(&recovered(disk(Status::Warning))),
        "PULIH web-1 disk normal, peringatan 4m #17"
    );
}

fn subjects() -> Vec<(CheckKind, &'static str)> {
    vec![
        (CheckKind::Ssh, "web-1/ssh"),
        (CheckKind::Resource, "web-1/hdd"),
        (CheckKind::Service, "web-1/nginx"),
        (CheckKind::Messaging, "messaging/msg1"),
        (CheckKind::Statistic, "stats/new-users"),
        (CheckKind::Other, "checks/shop"),
        (CheckKind::Own, "litemon:journal"),
        (CheckKind::Own, "litemon:store"),
        (CheckKind::Own, "litemon:network"),
    ]
}

/// Every problem there are words for: kind × what was seen × status.
fn problems() -> Vec<Notice> {
    let mut all = Vec::new();
    for (kind, check) in subjects() {
        let seen = [
            Ok(Observation::Switch { on: false, detail: Some("exit 3: inactive".into()) }),
            Ok(Observation::percent(93.2, Some("/var".into()))),
        ];
        let failures = FailureKind::ALL.map(|kind| Err(Failure::new(kind, format!("{kind} said"))));
        for seen in seen.into_iter().chain(failures) {
            for status in [Status::Warning, Status::Unknown, Status::Critical] {
                let limit = seen.as_ref().ok().and_then(Observation::value).map(|_| 50.0);
                all.push(Notice { status, limit, ..notice(kind, check, seen.clone()) });
            }
        }
    }
    all
}

/// Every reason for a problem.
fn reasons(problem: &Notice) -> Vec<Notice> {
    let escalated =
        Notice { reason: Reason::Escalated, was: Some(Status::Warning), ..problem.clone() };
    let over = recovered(problem.clone());
    let both = Notice { reason: Reason::RaisedAndRecovered, ..over.clone() };
    vec![problem.clone(), escalated, over, both]
}

#[test]
fn the_catalogue() {
    let mut text = String::new();
    for problem in problems() {
        let seen = match &problem.seen {
            Ok(Observation::Switch { .. }) => "switch".to_owned(),
            Ok(_) => "value".to_owned(),
            Err(failure) => failure.kind.to_string(),
        };
        writeln!(text, "{} {} {seen}", problem.kind.as_str(), problem.status).unwrap();
        for notice in reasons(&problem) {
            writeln!(text, "  {}\n  {}", english(&notice), indonesian(&notice)).unwrap();
        }
    }
    insta::assert_snapshot!("catalogue", text);
}

#[test]
fn the_rarer_forms() {
    let long_ago = Notice { at: ago(200_000), ..off() };
    let long_over = Notice { at: ago(200_000), ..recovered(off()) };
    let brief = Notice { at: ago(45), ..recovered(off()) };
    let hours = Notice { at: ago(11_100), ..recovered(off()) };
    let unsaved = Notice { unjournaled: true, ..off() };
    let of_oncall = Ok(Observation::Switch { on: false, detail: Some("oncall".into()) });
    let undelivered = Notice { reason: Reason::Undelivered, seen: of_oncall, ..off() };
    let undelivered_ok = Notice {
        status: Status::Ok,
        was: Some(Status::Critical),
        at: ago(240),
        ..undelivered.clone()
    };
    let test = Notice {
        reason: Reason::Test,
        incident: None,
        ..notice(CheckKind::Own, "litemon:test", Ok(Observation::Switch { on: true, detail: None }))
    };
    let hostile = failed(
        CheckKind::Messaging,
        "messaging/msg1",
        FailureKind::Protocol,
        "\u{202e}evil\u{1b}[31m Привет €uro 🚨",
    );
    let mut text = String::new();
    for notice in
        [long_ago, long_over, brief, hours, unsaved, undelivered, undelivered_ok, test, hostile]
    {
        writeln!(text, "{}\n{}", english(&notice), indonesian(&notice)).unwrap();
    }
    for (kind, said) in [
        (FailureKind::Refused, "connect: connection refused"),
        (FailureKind::Protocol, "connect: TLS: invalid peer certificate: UnknownIssuer"),
        (FailureKind::Silent, "login: no answer in 5 s"),
        (FailureKind::Auth, "login: ERROR Bad CONNECT: Access refused for user 'guest'"),
        (FailureKind::Dropped, "receive: connection lost"),
        (FailureKind::Timeout, "receive: no message back in 10 s"),
        (
            FailureKind::Timeout,
            "receive: no message back in 10 s; the one before came after 14.2 s",
        ),
    ] {
        let lost = failed(CheckKind::Messaging, "messaging/msg1", kind, said);
        writeln!(text, "{}\n{}", english(&lost), indonesian(&lost)).unwrap();
    }
    let slow = Observation::Value { value: 7.25, unit: "s".into(), detail: None };
    let slow = notice(CheckKind::Messaging, "messaging/msg1", Ok(slow));
    let slow = Notice { limit: Some(5.0), ..slow };
    let over = recovered(failed(
        CheckKind::Messaging,
        "messaging/msg1",
        FailureKind::Timeout,
        "receive: no message back in 10 s",
    ));
    for notice in [slow.clone(), recovered(slow), over] {
        writeln!(text, "{}\n{}", english(&notice), indonesian(&notice)).unwrap();
    }
    let late = line(&off(), Language::English, &Zone::utc(), ago(86_400));
    writeln!(text, "{late}").unwrap();
    insta::assert_snapshot!("rarer", text);
}

/// Of each kind a line as probes write them, and how it is told in each language.
const REASONS: [(FailureKind, &str, &str, &str); 15] = [
    (FailureKind::NotResolved, "name not resolved", "name not resolved", "nama tidak ditemukan"),
    (FailureKind::Refused, "connection refused", "connection refused", "koneksi ditolak"),
    (FailureKind::NoRoute, "no route to host", "no route to host", "tidak ada rute"),
    (FailureKind::Silent, "no answer in 5 s", "no answer in 5 s", "tidak menjawab"),
    (
        FailureKind::HostKey,
        "the host key has changed",
        "the host key has changed",
        "kunci host tidak dipercaya: the host key has changed",
    ),
    (
        FailureKind::Auth,
        "HTTP 401 Unauthorized",
        "HTTP 401 Unauthorized",
        "login ditolak: HTTP 401 Unauthorized",
    ),
    (FailureKind::Busy, "HTTP 503", "HTTP 503", "sibuk: HTTP 503"),
    (FailureKind::Dropped, "connection lost", "connection lost", "koneksi terputus"),
    (
        FailureKind::Protocol,
        "TLS: UnknownIssuer",
        "TLS: UnknownIssuer",
        "kesalahan protokol: TLS: UnknownIssuer",
    ),
    (FailureKind::Timeout, "not done in 5 s", "not done in 5 s", "waktu habis"),
    (FailureKind::Exit, "exit 127: sh: foo: not found", "exit 127", "exit 127"),
    (
        FailureKind::Output,
        "HTTP 200 OK, but the answer lacks what is expected",
        "HTTP 200 OK, but the answer lacks what is expected",
        "jawaban tidak sesuai: HTTP 200 OK, tetapi isinya tidak seperti yang diharapkan",
    ),
    (
        FailureKind::Overrun,
        "the run before had not ended",
        "the run before had not ended",
        "proses sebelumnya belum selesai",
    ),
    (FailureKind::Internal, "out of memory", "out of memory", "kesalahan monitor: out of memory"),
    (
        FailureKind::Pending,
        "waits for its first call",
        "waits for its first call",
        "menunggu panggilan pertama",
    ),
];

#[test]
fn every_reason_is_told_in_the_language_of_the_notice() {
    assert_eq!(REASONS.map(|(kind, ..)| kind), FailureKind::ALL);
    for (why, said, in_english, in_indonesian) in REASONS {
        let notice = failed(CheckKind::Other, "checks/shop", why, said);
        let told =
            |text: &str| text.split_once('(').unwrap().1.rsplit_once(')').unwrap().0.to_owned();
        assert_eq!(told(&english(&notice)), in_english);
        assert_eq!(told(&indonesian(&notice)), in_indonesian);
    }
}

prop_compose! {
    fn hostile_seen()(
        pick in 0..17usize, text in "\\PC{0,400}|[\\x00-\\x{ffff}]{0,200}", value in any::<f64>(), unit in ".{0,20}", on: bool,
    ) -> Result<Observation, Failure> {
        match pick {
            0 => Ok(Observation::Switch { on, detail: Some(text) }),
            1 => Ok(Observation::Value { value, unit, detail: Some(text) }),
            n => Err(Failure { kind: FailureKind::ALL[n - 2], message: text }),
        }
    }
}

fn hostile_remedy() -> impl Strategy<Value = Remedied> {
    let outcome = prop_oneof![
        any::<u64>().prop_map(RemedyOutcome::Helped),
        Just(RemedyOutcome::DidNotHelp),
        ".{0,300}".prop_map(RemedyOutcome::Failed),
        Just(RemedyOutcome::GivenUp),
    ];
    let says = proptest::option::of(".{0,300}");
    (says, any::<u32>(), outcome)
        .prop_map(|(says, runs, outcome)| Remedied::new(name("restart-nginx"), says, runs, outcome))
}

prop_compose! {
    fn hostile_notice()(
        seen in hostile_seen(),
        kind in 0..7usize,
        reason in 0..11usize,
        remedy in proptest::option::of(hostile_remedy()),
        by in proptest::option::of(".{0,100}"),
        status in 0..4usize,
        was in 0..5usize,
        check in prop_oneof![
            "[a-z]{1,63}/[a-z]{1,63}".boxed(),
            ".{0,200}".boxed(),
            Just(format!("{}/{}", "[".repeat(63), "€".repeat(63))).boxed(),
        ],
        limit in proptest::option::of(any::<f64>()),
        since: i64, at: i64, number: i64, unjournaled: bool,
    ) -> Notice {
        let statuses = [Status::Ok, Status::Warning, Status::Unknown, Status::Critical];
        Notice {
            by,
            job: None,
            digest: None,
            remedy,
            reason: [
                Reason::Raised, Reason::Escalated, Reason::Recovered, Reason::RaisedAndRecovered,
                Reason::Undelivered, Reason::Reminder, Reason::Unacknowledged, Reason::Acknowledged,
                Reason::Flapping, Reason::Remedy, Reason::RemedyFailed,
            ][reason],
            incident: Some(number),
            check: serde_json::from_value(check.into()).unwrap(),
            kind: [CheckKind::Ssh, CheckKind::Resource, CheckKind::Service, CheckKind::Messaging, CheckKind::Statistic, CheckKind::Other, CheckKind::Own][kind],
            server: None,
            status: statuses[status],
            was: statuses.get(was).copied(),
            seen,
            limit,
            since: Timestamp::from_millis(since),
            at: Timestamp::from_millis(at),
            unjournaled,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_sms_whatever_comes(notice in hostile_notice(), indonesian: bool, now: i64) {
        let language = if indonesian { Language::Indonesian } else { Language::English };
        let text = line(&notice, language, &Zone::utc(), Timestamp::from_millis(now));
        let septets = septets(&text);
        prop_assert!(septets.is_some_and(|septets| septets <= SMS_SEPTETS), "{septets:?} {text}");
        prop_assert!(text.ends_with(&format!(" #{}", notice.incident.unwrap())), "{text}");
        let head = text.split(' ').next().unwrap();
        let heads = ["PROBLEM", "OK", "ACK", "GANGGUAN", "PULIH", "DITANGANI"];
        prop_assert!(heads.contains(&head), "{text}");
        prop_assert!(!text.contains(char::is_control), "{text:?}");
    }
}

mod digests {
    use super::*;
    use crate::model::{Digest, DigestPart, Happening};

    fn part(what: Happening, count: usize, first: &[&str]) -> DigestPart {
        DigestPart::new(
            what,
            count,
            first.iter().map(|name| CheckId::parse(name).unwrap()).collect(),
        )
    }

    fn told(reason: Reason, parts: Vec<DigestPart>, numbers: impl Iterator<Item = i64>) -> Notice {
        let digest = Digest::new(parts, numbers.collect(), Vec::new());
        let status = if reason == Reason::Recovered { Status::Ok } else { Status::Critical };
        Notice { reason, status, incident: None, digest: Some(Box::new(digest)), ..off() }
    }

    #[test]
    fn several_in_one_line() {
        let down = || part(Happening::ServersDown, 23, &["web-1/ssh", "web-2/ssh"]);
        let checks = || part(Happening::ChecksDown, 2, &["db-1/cpu", "messaging/msg1"]);
        let up = |count| part(Happening::ServersUp, count, &["web-1/ssh"]);
        let name = format!("{}/{}", "s".repeat(63), "c".repeat(63));
        let long = part(Happening::ChecksDown, 40, &[&name, "db-1/cpu"]);
        let all: Vec<DigestPart> = [
            Happening::ServersDown,
            Happening::ChecksDown,
            Happening::Flapping,
            Happening::Undelivered,
            Happening::Unacknowledged,
            Happening::Reminder,
            Happening::Acknowledged,
            Happening::Over,
            Happening::ServersUp,
            Happening::ChecksUp,
        ]
        .map(|what| part(what, 100, &["web-1/ssh"]))
        .into();
        let mut failed = told(Reason::Undelivered, vec![down()], 40..63);
        failed.seen = Err(Failure::new(FailureKind::Refused, "oncall"));
        let mut taken = told(
            Reason::Acknowledged,
            vec![part(Happening::Acknowledged, 2, &["web-1/ssh", "web-2/nginx"])],
            40..42,
        );
        taken.by = Some("ann".to_owned());
        let unsaved = Notice { unjournaled: true, ..told(Reason::Raised, vec![down()], 40..63) };
        let grouped = |groups: &[&str], notice: Notice| {
            let mut digest = notice.digest.clone().unwrap();
            digest.groups = groups.iter().map(|name| Name::new(name).unwrap()).collect();
            Notice { digest: Some(digest), ..notice }
        };
        let both = part(Happening::ServersDown, 2, &["web-1/ssh", "web-2/ssh"]);
        let mut lines = String::new();
        for notice in [
            told(Reason::Raised, vec![down()], 40..63),
            grouped(&["web"], told(Reason::Raised, vec![down()], 40..63)),
            grouped(&["app", "db", "mail", "web"], told(Reason::Raised, vec![down()], 40..63)),
            grouped(&[&"g".repeat(63), "web"], told(Reason::Raised, vec![down(), up(3)], 40..66)),
            grouped(&["web"], told(Reason::Raised, vec![both], 40..42)),
            told(Reason::Raised, vec![down(), checks(), up(3)], (40..63).chain([70, 71, 80])),
            told(Reason::Raised, vec![long], 1..41),
            told(Reason::Raised, vec![down()], (0..60).map(|n| 2 * n + 1000)),
            told(Reason::Raised, all, 1..1001),
            told(
                Reason::Recovered,
                vec![up(1), part(Happening::ChecksUp, 4, &["db-1/cpu"])],
                40..45,
            ),
            failed,
            taken,
            unsaved,
        ] {
            for language in [Language::English, Language::Indonesian] {
                let line = line(&notice, language, &Zone::utc(), notice.at);
                assert!(septets(&line).unwrap() <= SMS_SEPTETS, "{line}");
                writeln!(lines, "{line}").unwrap();
            }
        }
        insta::assert_snapshot!("digests", lines);
    }
}
