//! The catalogue: every word that a notice is told in, in each language.

use std::time::Duration;

use crate::model::{FailureKind, Happening, Language, Remedied, RemedyOutcome, Status};

/// What is or was wrong, in one of the ways there are words for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Problem {
    /// The server cannot be reached.
    Unreachable,
    /// Its host key is not trusted.
    HostKey,
    /// It refuses the login.
    Login,
    /// It has no room for another session, and has not had for long.
    Busy,
    /// A service or switch is off.
    Off,
    /// A round trip, a request or a part of the monitor failed.
    Failed(Subject),
    /// The monitor cannot reach its own network.
    Isolated,
    /// It could not be told.
    Unknown(Subject),
    /// It says itself that it is not well.
    Judged(Status),
    /// A value is above a limit: `93% > 50%`.
    Over { measured: String, warning: bool },
}

/// What sort of thing is well again after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// It is On or Off.
    Switch,
    /// It is a number.
    Number,
    /// It works or does not.
    Function,
    /// A message comes back or does not.
    RoundTrip,
    /// It is a server.
    Server,
}

/// A problem in words: while it lasts, once it is over, and looking back.
pub(super) struct Phrase {
    pub(super) now: String,
    pub(super) good: &'static str,
    pub(super) was: String,
}

/// The words of one language.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words(pub(super) Language);

impl Words {
    const fn pick(self, english: &'static str, indonesian: &'static str) -> &'static str {
        match self.0 {
            Language::English => english,
            Language::Indonesian => indonesian,
        }
    }

    pub(super) const fn problem_word(self) -> &'static str {
        self.pick("PROBLEM", "GANGGUAN")
    }

    pub(super) const fn ok_word(self) -> &'static str {
        self.pick("OK", "PULIH")
    }

    pub(super) const fn acknowledged_word(self) -> &'static str {
        self.pick("ACK", "DITANGANI")
    }

    pub(super) const fn test_word(self) -> &'static str {
        self.pick("TEST", "UJI")
    }

    pub(super) fn test_body(self, time: &str) -> String {
        format!("{} {time}", self.pick("message of litemon, sent", "pesan dari litemon, dikirim"))
    }

    /// Behind a notice that the journal does not know.
    pub(super) const fn unjournaled(self) -> &'static str {
        self.pick("unsaved, may repeat", "belum tersimpan, bisa terulang")
    }

    pub(super) fn undelivered(self, notifier: &str) -> String {
        format!("{notifier} {}", self.pick("could not deliver this", "gagal mengirim ini"))
    }

    pub(super) const fn job_word(self) -> &'static str {
        self.pick("JOB", "TUGAS")
    }

    /// `job 12`
    pub(super) fn job_number(self, number: i64) -> String {
        format!("{} {number}", self.pick("job", "tugas"))
    }

    /// `ended: 9 ok, 1 failed`
    pub(super) fn job_ended(self, ok: usize, failed: usize) -> String {
        let ended = self.pick("ended", "selesai");
        match (ok, failed) {
            (ok, 0) => format!("{ended}: {ok} ok"),
            (0, failed) => format!("{ended}: {failed} {}", self.pick("failed", "gagal")),
            _ => format!("{ended}: {ok} ok, {failed} {}", self.pick("failed", "gagal")),
        }
    }

    /// `exit 100`: an outcome's fixed word as people read it.
    pub(super) fn job_outcome(self, outcome: &str, exit: Option<i32>) -> String {
        if let Some(exit) = exit {
            return format!("exit {exit}");
        }
        let known = match outcome {
            "unreachable" => self.pick("unreachable", "tidak terjangkau"),
            "host_key" => self.pick("host key not trusted", "kunci host tidak dipercaya"),
            "auth" => self.pick("login refused", "login ditolak"),
            "sudo_refused" => self.pick("refused by sudo", "ditolak sudo"),
            "timed_out" => self.pick("timed out", "waktu habis"),
            "dropped" => self.pick("connection lost", "koneksi terputus"),
            "cancelled" => self.pick("cancelled", "dibatalkan"),
            "signalled" => self.pick("killed", "dihentikan"),
            "failed" => self.pick("failed", "gagal"),
            _ => self.pick("unknown", "tidak diketahui"),
        };
        known.to_owned()
    }

    pub(super) fn since(self, time: &str) -> String {
        format!("{} {time}", self.pick("since", "sejak"))
    }

    /// `Off since 05:33`
    pub(super) fn raised(self, phrase: &Phrase, since: &str) -> String {
        format!("{} {}", phrase.now, self.since(since))
    }

    /// `still Off since 05:33`
    pub(super) fn still(self, phrase: &Phrase, since: &str) -> String {
        format!("{} {}", self.pick("still", "masih"), self.raised(phrase, since))
    }

    /// `Off since 05:33, nobody took it`
    pub(super) fn unacknowledged(self, phrase: &Phrase, since: &str) -> String {
        let nobody = self.pick("nobody took it", "belum ada yang menangani");
        format!("{}, {nobody}", self.raised(phrase, since))
    }

    /// `Off since 05:33, taken by ann`
    pub(super) fn acknowledged(self, phrase: &Phrase, since: &str, by: &str) -> String {
        format!("{}, {} {by}", self.raised(phrase, since), self.pick("taken by", "oleh"))
    }

    /// `flapping since 05:33`
    pub(super) fn flapping(self, since: &str) -> String {
        format!("{} {}", self.pick("comes and goes", "naik turun"), self.since(since))
    }

    /// `93% > 50%, was warning, since 05:33`
    pub(super) fn escalated(self, phrase: &Phrase, was: Status, since: &str) -> String {
        let before = self.pick("was", "tadinya");
        format!("{}, {before} {}, {}", phrase.now, self.status(was), self.since(since))
    }

    /// `On, was Off 4m`
    pub(super) fn recovered(self, phrase: &Phrase, lasted: Duration) -> String {
        let was = self.pick("was ", "");
        format!("{}, {was}{} {}", phrase.good, phrase.was, self.duration(lasted))
    }

    /// `23 servers unreachable`
    pub(super) fn happened(self, what: Happening, count: usize) -> String {
        let (one, many, indonesian) = match what {
            Happening::ServersDown => {
                ("server unreachable", "servers unreachable", "server tidak terjangkau")
            }
            Happening::Flapping => ("comes and goes", "come and go", "naik turun"),
            Happening::Undelivered => ("not delivered", "not delivered", "tidak terkirim"),
            Happening::Unacknowledged => {
                ("taken by nobody", "taken by nobody", "belum ada yang menangani")
            }
            Happening::Reminder => ("still a problem", "still problems", "masih gangguan"),
            Happening::Acknowledged => ("taken", "taken", "ditangani"),
            Happening::Over => ("was a problem", "were problems", "tadinya gangguan"),
            Happening::ServersUp => {
                ("server reachable again", "servers reachable again", "server terjangkau lagi")
            }
            Happening::ChecksUp => ("check OK again", "checks OK again", "pemeriksaan normal lagi"),
            Happening::ChecksDown => ("check", "checks", "pemeriksaan"),
        };
        let said = match self.0 {
            Language::Indonesian => indonesian,
            Language::English if count == 1 => one,
            Language::English => many,
        };
        format!("{count} {said}")
    }

    /// ` in web, db`
    pub(super) fn in_groups(self, groups: &str) -> String {
        format!(" {} {groups}", self.pick("in", "di"))
    }

    /// What there is besides.
    pub(super) fn more(self, count: usize) -> String {
        format!("{count} {}", self.pick("more", "lagi"))
    }

    /// `restarted nginx, On again after 4s`, `restarted nginx 3x, not tried any more`
    pub(super) fn remedied(self, remedy: &Remedied, problem: &Problem) -> String {
        let Remedied { name, says, runs, outcome } = remedy;
        let ran = || format!("{} {name}", self.pick("ran", "menjalankan"));
        let mut did = says.clone().unwrap_or_else(ran);
        if *runs > 1 {
            did = format!("{did} {runs}x");
        }
        match outcome {
            RemedyOutcome::Helped(after) => {
                let good = self.phrase(problem).good;
                // A moment is a second to those who read it.
                let after = self.duration(Duration::from_millis((*after).max(1000)));
                format!("{did}, {good} {} {after}", self.pick("again after", "lagi setelah"))
            }
            RemedyOutcome::DidNotHelp => {
                format!("{did}, {}", self.pick("did not help", "tidak menolong"))
            }
            RemedyOutcome::Failed(why) => {
                format!("{name} {}: {why}", self.pick("failed", "gagal"))
            }
            RemedyOutcome::GivenUp => {
                format!("{did}, {}", self.pick("not tried any more", "tidak dicoba lagi"))
            }
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

    pub(super) fn phrase(self, problem: &Problem) -> Phrase {
        match problem {
            Problem::Unreachable => {
                let bad = self.pick("unreachable", "tidak terjangkau");
                Phrase::same(bad, self.pick("reachable", "terjangkau"))
            }
            Problem::HostKey => Phrase {
                now: self.pick("host key not trusted", "kunci host tidak dipercaya").to_owned(),
                good: self.pick("host key trusted", "kunci host dipercaya"),
                was: self.pick("not trusted", "tidak dipercaya").to_owned(),
            },
            Problem::Login => Phrase {
                now: self.pick("login refused", "login ditolak").to_owned(),
                good: self.pick("login works", "login berhasil"),
                was: self.pick("refused", "ditolak").to_owned(),
            },
            Problem::Busy => Phrase {
                now: self.pick("SSH busy", "SSH sibuk").to_owned(),
                good: self.pick("SSH answers", "SSH menjawab"),
                was: self.pick("busy", "sibuk").to_owned(),
            },
            Problem::Isolated => Phrase {
                now: self.pick("cannot reach its own network", "terputus dari jaringannya").into(),
                good: self.pick("reaches its own network", "terhubung ke jaringannya"),
                was: self.pick("cut off", "terputus").to_owned(),
            },
            Problem::Off => Phrase::same("Off", "On"),
            Problem::Failed(subject) => {
                Phrase::same(self.pick("Failed", "Gagal"), self.good(*subject))
            }
            Problem::Unknown(subject) => {
                Phrase::same(self.status(Status::Unknown), self.good(*subject))
            }
            Problem::Judged(status) => {
                Phrase::same(self.status(*status), self.good(Subject::Number))
            }
            Problem::Over { measured, warning } => Phrase {
                now: if *warning {
                    format!("{} {measured}", self.status(Status::Warning))
                } else {
                    measured.clone()
                },
                good: self.good(Subject::Number),
                was: measured.clone(),
            },
        }
    }

    const fn good(self, subject: Subject) -> &'static str {
        match subject {
            Subject::Switch => "On",
            Subject::Number => "normal",
            Subject::RoundTrip => "OK",
            Subject::Function => self.pick("works", "berfungsi"),
            Subject::Server => self.pick("reachable", "terjangkau"),
        }
    }

    /// Why a server could not be asked, without what its network stack said; `None` where only the
    /// failure's own line can say it.
    pub(super) const fn failure(self, kind: FailureKind) -> Option<&'static str> {
        Some(match kind {
            FailureKind::NotResolved => self.pick("name not resolved", "nama tidak ditemukan"),
            FailureKind::Refused => self.pick("connection refused", "koneksi ditolak"),
            FailureKind::NoRoute => self.pick("no route", "tidak ada rute"),
            FailureKind::Silent => self.pick("no answer", "tidak menjawab"),
            FailureKind::Dropped => self.pick("connection lost", "koneksi terputus"),
            FailureKind::Timeout => self.pick("timed out", "waktu habis"),
            FailureKind::Overrun => {
                self.pick("previous run not done", "proses sebelumnya belum selesai")
            }
            _ => return None,
        })
    }

    /// A failure whose own line says more than its kind does. That line is English, so another language
    /// puts the kind in front in its own words, or in its place where the line adds nothing.
    pub(super) fn reason(self, kind: FailureKind, line: &str) -> String {
        if self.0 == Language::English {
            return line.to_owned();
        }
        if let Some(known) = self.failure(kind) {
            return known.to_owned();
        }
        let why = match kind {
            FailureKind::HostKey => "kunci host tidak dipercaya",
            FailureKind::Auth => "login ditolak",
            FailureKind::Busy => "sibuk",
            FailureKind::Protocol => "kesalahan protokol",
            FailureKind::Output => "jawaban tidak sesuai",
            FailureKind::Internal => "kesalahan monitor",
            FailureKind::Pending => return "menunggu panggilan pertama".to_owned(),
            // How a command ended is the same in every language.
            _ => return line.to_owned(),
        };
        // In which phase of a round trip it was matters less than the words in front of it.
        let said = match line.split_once(": ") {
            Some(("connect" | "login" | "subscribe" | "send" | "receive", rest)) => rest,
            _ => line,
        };
        format!("{why}: {}", self.known_parts(said))
    }

    /// The line of a failure with what litemon itself wrote into it in this language; what a server
    /// said stays as it is.
    pub(super) fn known_parts(self, line: &str) -> String {
        const PARTS: [(&str, &str); 10] = [
            ("no answer from", "tidak ada jawaban dari"),
            (
                ", but the answer lacks what is expected",
                ", tetapi isinya tidak seperti yang diharapkan",
            ),
            (
                ", but the answer has what is not expected",
                ", tetapi isinya memuat yang tidak diharapkan",
            ),
            ("the answer is not JSON", "jawabannya bukan JSON"),
            ("the answer has no number at", "jawabannya tidak memuat angka di"),
            ("there is no such name", "nama itu tidak ada"),
            ("the DNS server answers", "server DNS menjawab"),
            ("no answer before the connection was closed", "koneksi ditutup tanpa jawaban"),
            ("unexpected answer", "jawaban lain"),
            ("the one before came after", "yang sebelumnya tiba setelah"),
        ];
        let replaced = |line: String, (english, own): &(&str, &str)| line.replacen(english, own, 1);
        match self.0 {
            Language::English => line.to_owned(),
            Language::Indonesian => PARTS.iter().fold(line.to_owned(), replaced),
        }
    }

    /// `no message back in 10 s`, and what is to be said behind that.
    pub(super) fn no_message(self, rest: &str) -> String {
        let begins = self.pick("no message back in", "pesan tidak kembali dalam");
        format!("{begins} {}", self.known_parts(rest))
    }

    /// `45s`, `4m`, `3h05m`, `2d3h`: two units at most.
    pub(super) fn duration(self, lasted: Duration) -> String {
        let seconds = lasted.as_secs();
        let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
        let (hour, day) = (self.pick("h", "jam"), self.pick("d", "hari"));
        match (days, hours, minutes) {
            (0, 0, 0) => format!("{seconds}{}", self.pick("s", "d")),
            (0, 0, _) => format!("{minutes}m"),
            (0, _, _) => format!("{hours}{hour}{:02}m", minutes % 60),
            _ => format!("{days}{day}{}{hour}", hours % 24),
        }
    }
}

impl Phrase {
    fn same(bad: &str, good: &'static str) -> Self {
        Self { now: bad.to_owned(), good, was: bad.to_owned() }
    }
}
