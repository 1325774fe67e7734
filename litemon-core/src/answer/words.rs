//! Every word of an answer, in each language.

use std::time::Duration;

use crate::{
    model::{IncidentNumber, Language},
    notify::text,
};

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

    pub(super) const fn acknowledged(self) -> &'static str {
        self.pick("ACK", "DITANGANI")
    }

    /// `taken until 07:33, was ann's`
    pub(super) fn taken(self, until: Option<&str>, before: Option<&str>) -> String {
        let mut text = self.pick("taken", "diterima").to_owned();
        if let Some(until) = until {
            text.push_str(&format!(" {}", self.until(until)));
        }
        if let Some(before) = before {
            text.push_str(&format!(", {} {before}", self.pick("before by", "tadinya oleh")));
        }
        text
    }

    pub(super) fn until(self, time: &str) -> String {
        format!("{} {time}", self.pick("until", "sampai"))
    }

    pub(super) fn not_open(self, number: IncidentNumber) -> String {
        format!("#{number} {}", self.pick("is over or unknown", "sudah selesai atau tidak ada"))
    }

    pub(super) const fn which(self) -> &'static str {
        self.pick("Which one? Send ACK and its number", "Yang mana? Kirim TANGANI dan nomornya")
    }

    pub(super) const fn nothing_open(self) -> &'static str {
        self.pick("There is no open problem", "Tidak ada gangguan")
    }

    pub(super) fn all_run(self, servers: usize) -> String {
        match (servers, self.0) {
            (1, Language::English) => "The server runs".to_owned(),
            (n, Language::English) => format!("All {n} servers run"),
            (n, Language::Indonesian) => format!("Semua {n} server berjalan"),
        }
    }

    pub(super) fn all_good(self, checks: usize) -> String {
        match (checks, self.0) {
            (1, Language::English) => "The check is OK".to_owned(),
            (n, Language::English) => format!("All {n} checks are OK"),
            (n, Language::Indonesian) => format!("Semua {n} pemeriksaan baik"),
        }
    }

    pub(super) fn but_not_ok(self, checks: usize) -> String {
        match (checks, self.0) {
            (1, Language::English) => "No problems, but 1 check is not OK".to_owned(),
            (n, Language::English) => format!("No problems, but {n} checks are not OK"),
            (n, Language::Indonesian) => format!("Tidak ada gangguan, tetapi {n} belum baik"),
        }
    }

    pub(super) fn problems(self, count: usize) -> String {
        match (count, self.0) {
            (1, Language::English) => "1 problem".to_owned(),
            (n, Language::English) => format!("{n} problems"),
            (n, Language::Indonesian) => format!("{n} gangguan"),
        }
    }

    /// Behind a problem that somebody looks after.
    pub(super) const fn in_hands(self) -> &'static str {
        self.pick("taken", "ditangani")
    }

    pub(super) const fn unknown(self) -> &'static str {
        self.pick("unknown", "tidak diketahui")
    }

    pub(super) const fn warning(self) -> &'static str {
        self.pick("warning", "peringatan")
    }

    pub(super) const fn critical(self) -> &'static str {
        self.pick("critical", "kritis")
    }

    pub(super) const fn no_checks(self) -> &'static str {
        self.pick("Nothing is checked", "Tidak ada yang diperiksa")
    }

    pub(super) const fn muted(self) -> &'static str {
        self.pick("MUTE", "DIAM")
    }

    pub(super) fn how_to_mute(self) -> String {
        let most = self.duration(super::LONGEST_MUTE);
        match self.0 {
            Language::English => {
                format!("Send MUTE web-1 30m: what, and for how long (1m to {most})")
            }
            Language::Indonesian => {
                format!("Kirim DIAM web-1 30m: apa, dan berapa lama (1m sampai {most})")
            }
        }
    }

    pub(super) fn how_long(self) -> String {
        let most = self.duration(super::LONGEST_ACK);
        match self.0 {
            Language::English => {
                format!("A problem is taken for 1m to {most}, or until it is over")
            }
            Language::Indonesian => {
                format!("Gangguan ditangani selama 1m sampai {most}, atau sampai selesai")
            }
        }
    }

    pub(super) const fn not_all(self) -> &'static str {
        self.pick(
            "Not everything can be muted by SMS: name a server, a check or @group",
            "Tidak semua bisa didiamkan lewat SMS: sebut server, pemeriksaan atau @grup",
        )
    }

    pub(super) fn nothing_called(self, name: &str) -> String {
        format!(
            "{} \"{name}\"",
            self.pick("There is no server or check", "Tidak ada server atau pemeriksaan")
        )
    }

    pub(super) const fn help(self) -> &'static str {
        self.pick(
            "ACK 17 or ACK 17 2h: I look after it. STATUS or STATUS web-1: how is it? MUTE web-1 30m: do not tell (max 4h). HELP",
            "TANGANI 17 atau TANGANI 17 2jam: saya tangani. STATUS atau STATUS web-1: keadaan. DIAM web-1 30m: jangan kabari (maks 4jam). BANTUAN",
        )
    }

    pub(super) const fn unclear(self) -> &'static str {
        self.pick(
            "Not understood. Send ACK 17, STATUS, STATUS web-1, MUTE web-1 30m or HELP",
            "Tidak dimengerti. Kirim TANGANI 17, STATUS, STATUS web-1, DIAM web-1 30m atau BANTUAN",
        )
    }

    pub(super) const fn failed(self) -> &'static str {
        self.pick(
            "That failed, and nothing was done. Please send it again",
            "Gagal, tidak ada yang dilakukan. Kirim lagi",
        )
    }

    pub(super) fn late(self, by: Duration) -> String {
        let by = self.duration(by);
        match self.0 {
            Language::English => {
                format!("Not done: it was sent at another time ({by} apart). Send it again")
            }
            Language::Indonesian => {
                format!("Tidak dilakukan: waktu pengirimannya lain (beda {by}). Kirim lagi")
            }
        }
    }

    /// `4h`, `7d`, and what is not round as notices write it.
    pub(super) fn duration(self, lasted: Duration) -> String {
        let seconds = lasted.as_secs();
        match (seconds % 86_400, seconds % 3600) {
            (0, _) => format!("{}{}", seconds / 86_400, self.pick("d", "hari")),
            (_, 0) => format!("{}{}", seconds / 3600, self.pick("h", "jam")),
            _ => text::duration(lasted, self.0),
        }
    }
}
