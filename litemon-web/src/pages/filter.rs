//! Which servers a reader wants to see, as the address of a page says it.

use std::{cmp::Reverse, collections::BTreeSet};

use litemon_core::{
    model::{Name, Status},
    monitor::ServerView,
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{JobSearch, search::query, verdict};
use crate::{
    scene::{Scene, is_problem},
    text::Clean,
};

/// The longest text that is looked for.
const LONGEST: usize = 100;
/// The most labels that can be chosen from.
const MOST_LABELS: usize = 200;
/// So few servers need no filter.
const FEW: usize = 12;

/// `?q=&group=&label=&state=` as it came.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    q: String,
    group: String,
    label: String,
    state: String,
}

impl Wanted {
    /// The same fields for the list of jobs.
    pub(crate) fn of_jobs(&self, before: &str) -> JobSearch {
        JobSearch::new(before, &self.q, &self.state)
    }
}

/// What is wanted; nothing means all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Filter {
    /// In lower case: a part of the name of the server, of a group or of a check.
    text: String,
    group: Option<String>,
    /// As `key=text`. Not for readers to whom only names and states are shown.
    label: Option<String>,
    state: Option<State>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum State {
    Problem,
    Is(Status),
}

impl State {
    const ALL: [Self; 5] = [
        Self::Problem,
        Self::Is(Status::Critical),
        Self::Is(Status::Unknown),
        Self::Is(Status::Warning),
        Self::Is(Status::Ok),
    ];

    const fn word(self) -> &'static str {
        match self {
            Self::Problem => "problem",
            Self::Is(status) => status.as_str(),
        }
    }

    fn name(self, scene: &Scene) -> &'static str {
        let words = scene.words;
        match self {
            Self::Problem => words.list.with_problem,
            Self::Is(Status::Critical) => words.critical,
            Self::Is(Status::Unknown) => words.unknown,
            Self::Is(Status::Warning) => words.warning,
            Self::Is(Status::Ok) => words.ok,
        }
    }
}

impl From<Wanted> for Filter {
    fn from(wanted: Wanted) -> Self {
        let cut = |text: &str| text.trim().chars().take(LONGEST).collect::<String>();
        let (group, label) = (cut(&wanted.group), cut(&wanted.label));
        Self {
            text: cut(&wanted.q).to_lowercase(),
            group: (!group.is_empty()).then_some(group),
            label: (!label.is_empty()).then_some(label),
            state: State::ALL.into_iter().find(|state| state.word() == wanted.state),
        }
    }
}

/// How a server is: the worst that is known to be wrong; unknown while results are awaited, or the way
/// to it is away.
pub(super) fn status(server: &ServerView) -> Status {
    let worst = server.checks.iter().filter(|check| is_problem(check)).map(|check| check.status);
    let rest = if verdict::waits(server) || verdict::unseen(server) {
        Status::Unknown
    } else {
        Status::Ok
    };
    worst.max().unwrap_or(rest)
}

impl Filter {
    /// Whether a server is wanted.
    fn finds(&self, scene: &Scene, server: &ServerView) -> bool {
        let group = |name: &str| server.groups.iter().any(|group| group.as_str() == name);
        let label = |wanted: &str| scene.detail && labels_of(server).any(|label| label == wanted);
        self.group.as_deref().is_none_or(group)
            && self.label.as_deref().is_none_or(label)
            && self.state_fits(server)
            && self.text_fits(server)
    }

    fn state_fits(&self, server: &ServerView) -> bool {
        match self.state {
            None => true,
            Some(State::Problem) => server.checks.iter().any(|check| is_problem(check)),
            Some(State::Is(wanted)) => status(server) == wanted,
        }
    }

    fn text_fits(&self, server: &ServerView) -> bool {
        let has = |text: &str| text.to_lowercase().contains(&self.text);
        self.text.is_empty()
            || has(server.name.as_str())
            || server.groups.iter().any(|group| has(group.as_str()))
            || server.checks.iter().any(|check| has(check.id.name()))
    }

    pub(super) fn narrows(&self) -> bool {
        *self != Self::default()
    }

    /// As the end of an address, behind a question mark; empty when all is shown.
    pub(super) fn query(&self) -> String {
        let text = Some(self.text.as_str()).filter(|text| !text.is_empty());
        let state = self.state.map(State::word);
        let (group, label) = (self.group.as_deref(), self.label.as_deref());
        query(&[("q", text), ("group", group), ("label", label), ("state", state)])
    }

    /// The wanted servers, worst first.
    pub(super) fn of<'a>(&self, scene: &'a Scene) -> Vec<&'a ServerView> {
        let mut servers = scene.servers();
        servers.retain(|server| self.finds(scene, server));
        servers
    }
}

/// The groups of all servers: in the order in which the configuration first names them.
pub(super) fn groups(scene: &Scene) -> Vec<&Name> {
    let mut seen = BTreeSet::new();
    let all = scene.snapshot.servers.iter().flat_map(|server| &server.groups);
    all.filter(|group| seen.insert(group.as_str())).collect()
}

/// The labels of a server, as `key=text`.
fn labels_of(server: &ServerView) -> impl Iterator<Item = String> {
    server.labels.iter().map(|(key, text)| format!("{key}={text}"))
}

/// The labels of all servers in order, for whoever may see them; the first [`MOST_LABELS`], as a
/// longer list is of no use.
fn labels(scene: &Scene) -> BTreeSet<String> {
    let all = scene.snapshot.servers.iter().filter(|_| scene.detail);
    let mut labels: BTreeSet<String> = all.flat_map(|server| labels_of(server)).collect();
    while labels.len() > MOST_LABELS {
        labels.pop_last();
    }
    labels
}

/// The form, where there is something to narrow. Without scripts it is sent; with them, what it
/// says counts as it is typed. `keep` are fields to be sent with it.
pub(super) fn form(scene: &Scene, filter: &Filter, path: &str, keep: &[(&str, &str)]) -> Markup {
    let words = &scene.words.list;
    let (groups, labels) = (groups(scene), labels(scene));
    let few = scene.snapshot.servers.len() <= FEW;
    if few && groups.is_empty() && labels.is_empty() && !filter.narrows() {
        return html! {};
    }
    html! {
        form.filter.live action=(path) method="get" role="search" {
            label {
                span { (words.find) }
                input type="search" name="q" value=(filter.text) maxlength=(LONGEST) autocomplete="off" spellcheck="false";
            }
            @if !groups.is_empty() {
                label {
                    span { (words.group) }
                    select name="group" {
                        option value="" { (words.all) }
                        @for group in groups {
                            option value=(group) selected[filter.group.as_deref() == Some(group.as_str())] { (group) }
                        }
                    }
                }
            }
            @if !labels.is_empty() {
                label {
                    span { (words.label) }
                    select name="label" {
                        option value="" { (words.all) }
                        @for label in labels {
                            option value=(label) selected[filter.label.as_ref() == Some(&label)] { (Clean(&label)) }
                        }
                    }
                }
            }
            label {
                span { (scene.words.state) }
                select name="state" {
                    option value="" { (words.all) }
                    @for state in State::ALL {
                        option value=(state.word()) selected[filter.state == Some(state)] { (state.name(scene)) }
                    }
                }
            }
            @for (name, value) in keep { input type="hidden" name=(name) value=(value); }
            button.button type="submit" { (words.show) }
            @if filter.narrows() { a.button.plain href=(path) { (words.show_all) } }
        }
    }
}

/// A column by which servers are put in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Column {
    #[default]
    State,
    Name,
    Groups,
    Cpu,
    Mem,
    Hdd,
    Off,
    Since,
}

impl Column {
    pub(super) const ALL: [Self; 8] = [
        Self::State,
        Self::Name,
        Self::Groups,
        Self::Cpu,
        Self::Mem,
        Self::Hdd,
        Self::Off,
        Self::Since,
    ];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Name => "name",
            Self::Groups => "groups",
            Self::Cpu => "cpu",
            Self::Mem => "mem",
            Self::Hdd => "hdd",
            Self::Off => "off",
            Self::Since => "since",
        }
    }

    /// Whether the greatest comes first when one asks for it: where great is bad.
    pub(super) const fn falls(self) -> bool {
        matches!(self, Self::State | Self::Cpu | Self::Mem | Self::Hdd | Self::Off)
    }
}

/// `?sort=&dir=` as it came.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Ordered {
    sort: String,
    dir: String,
}

/// In which order servers are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Sort {
    pub(super) by: Column,
    pub(super) falling: bool,
}

impl Default for Sort {
    fn default() -> Self {
        Self { by: Column::State, falling: true }
    }
}

impl From<Ordered> for Sort {
    fn from(ordered: Ordered) -> Self {
        let found = Column::ALL.into_iter().find(|column| column.word() == ordered.sort);
        let by = found.unwrap_or_default();
        let falling = match ordered.dir.as_str() {
            "asc" => false,
            "desc" => true,
            _ => by.falls(),
        };
        Self { by, falling }
    }
}

impl Sort {
    pub(super) const fn word(self) -> &'static str {
        if self.falling { "desc" } else { "asc" }
    }

    /// Puts servers, which come worst first, in order; equals stay as they came, and those without
    /// a value come last either way.
    pub(super) fn order(self, scene: &Scene, servers: &mut [&ServerView]) {
        let key = |server: &&ServerView| {
            let (known, value) = super::servers::key(scene, server, self.by);
            // What is not known comes last either way.
            (
                !known,
                if self.falling { Order::Falling(Reverse(value)) } else { Order::Rising(value) },
            )
        };
        servers.sort_by_cached_key(key);
    }
}

/// A value in the order that is asked for; all of a list are of one sort.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Order<K> {
    Rising(K),
    Falling(Reverse<K>),
}
