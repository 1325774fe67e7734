//! Words of lists of servers and of what narrows them.

/// See [`Words`](super::Words).
pub(crate) struct ListWords {
    pub(crate) find: &'static str,
    pub(crate) group: &'static str,
    pub(crate) groups: &'static str,
    pub(crate) no_group: &'static str,
    pub(crate) all: &'static str,
    pub(crate) with_problem: &'static str,
    pub(crate) show: &'static str,
    pub(crate) show_all: &'static str,
    pub(crate) found: fn(&str, &str) -> String,
    pub(crate) none: &'static str,
    pub(crate) more: fn(&str) -> String,
    pub(crate) off: &'static str,
    pub(crate) count: fn(usize, &str) -> String,
}

pub(super) const ENGLISH: ListWords = ListWords {
    find: "Find",
    group: "Group",
    groups: "Groups",
    no_group: "In no group",
    all: "all",
    with_problem: "with a problem",
    show: "Show",
    show_all: "Show all",
    found: |count, of| format!("{count} of {of}"),
    none: "No server is as you asked.",
    more: |count| format!("and {count} more problems: see the servers that have one"),
    off: "Services off",
    count: |count, text| if count == 1 { "1 server".to_owned() } else { format!("{text} servers") },
};

pub(super) const INDONESIAN: ListWords = ListWords {
    find: "Cari",
    group: "Grup",
    groups: "Grup",
    no_group: "Tanpa grup",
    all: "semua",
    with_problem: "dengan gangguan",
    show: "Tampilkan",
    show_all: "Tampilkan semua",
    found: |count, of| format!("{count} dari {of}"),
    none: "Tidak ada server yang sesuai.",
    more: |count| format!("dan {count} gangguan lagi: lihat server yang mengalaminya"),
    off: "Layanan off",
    count: |_, text| format!("{text} server"),
};
