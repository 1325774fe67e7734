//! Pages, each made of fragments that can be replaced one by one.

mod bar;
mod chart;
mod check;
pub(crate) mod desk;
mod duty;
mod error;
mod filter;
mod gauge;
mod incident;
mod incidents;
pub(crate) mod jobs;
mod mark;
mod matter;
mod messaging;
mod notice;
mod overview;
mod problems;
mod recent;
mod run;
mod search;
mod server;
mod servers;
mod shell;
mod silence;
mod spark;
mod statistics;
mod strip;
mod tile;
mod timeline;
mod told;
mod uptime;
mod verdict;

use std::time::Duration;

use litemon_core::{
    manage::jobs::JobId,
    model::{CheckId, IncidentNumber, Name, Status, Timestamp},
};
use maud::Markup;

use crate::{chart::range::Range, health, scene::Scene};

use bar::Part;
pub(crate) use error::{Trouble, error};
pub(crate) use filter::{Filter, Ordered, Sort, Wanted};
pub(crate) use jobs::JobSearch;
pub(crate) use mark::class as state;
pub(crate) use run::{Asking, AskingPlanned, Chosen, ask, ask_planned, chooses, doubt, not_done};
pub(crate) use search::{Asked, Search};
pub(crate) use shell::shell;

/// A page that is kept up to date.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Page {
    /// `/`
    Overview(Filter),
    /// `/servers`, all of them selected or none.
    Servers(Filter, Sort, bool),
    /// `/servers/NAME`
    Server(Name),
    /// `/checks/SERVER/NAME`
    Check(CheckId, Range),
    /// `/incidents`
    Incidents(Search),
    /// `/incidents/ID`
    Incident(IncidentNumber),
    /// `/jobs`
    Jobs(JobSearch),
    /// `/jobs/ID`
    Job(JobId),
}

/// A part of a page with an id of its own, by which it is found and replaced.
#[derive(Clone, Debug)]
pub(crate) struct Fragment {
    pub(crate) id: String,
    pub(crate) html: Markup,
}

impl Fragment {
    fn new(id: impl Into<String>, html: Markup) -> Self {
        Self { id: id.into(), html }
    }
}

/// A part of a page that is more than one fragment.
pub(crate) enum Block {
    /// It stays as it is until the page is loaded again.
    Fixed(Markup),
    /// One list.
    List(List),
    /// The same below a heading that can be folded.
    Group { key: String, hidden: bool, summary: Fragment, lists: [List; 2] },
    /// A table of a class, its head, and its rows.
    Table(&'static str, Markup, List),
    /// Lines that can be opened.
    Folds(Vec<Fold>),
}

/// A line with something below it that stays as it is until the page is loaded again.
pub(crate) struct Fold {
    pub(crate) id: String,
    pub(crate) open: bool,
    pub(crate) summary: Fragment,
    /// What can be done, above the rest.
    pub(crate) tools: Fragment,
    pub(crate) body: Markup,
}

/// Fragments that come and go, in their order, in the element of that id.
pub(crate) struct List {
    pub(crate) id: String,
    pub(crate) shape: Shape,
    pub(crate) items: Vec<Fragment>,
}

/// What the fragments of a list are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Tiles,
    Names,
    Rows,
}

/// What a page shows now.
pub(crate) struct Drawing {
    pub(crate) title: String,
    pub(crate) state: Status,
    /// Fragments that always exist.
    pub(crate) fixed: Vec<Fragment>,
    /// What stands between the problems and the other fragments.
    pub(crate) tiles: Vec<Block>,
}

impl Page {
    /// Draws the page; `None` when what it is about does not exist.
    pub(crate) fn draw(&self, scene: &Scene) -> Option<Drawing> {
        match self {
            Self::Overview(filter) => Some(overview::draw(scene, filter)),
            Self::Servers(filter, sort, all) => Some(servers::draw(scene, filter, *sort, *all)),
            Self::Server(name) => server::draw(scene, scene.snapshot.server(name.as_str())?),
            Self::Check(id, range) => {
                Some(check::draw(scene, scene.snapshot.check(id.as_str())?, *range))
            }
            Self::Incidents(search) => Some(incidents::draw(scene, search)),
            Self::Incident(number) => incident::draw(scene, *number),
            Self::Jobs(search) => Some(jobs::list(scene, search, scene.work.list.as_deref()?)),
            Self::Job(_) => Some(jobs::job(scene, scene.work.job.as_deref()?)),
        }
    }

    /// Its address.
    pub(crate) fn path(&self) -> String {
        match self {
            Self::Overview(filter) => search::address("/", &filter.query()),
            Self::Servers(filter, sort, all) => servers::link(filter, *sort, *all),
            Self::Server(name) => format!("/servers/{name}"),
            Self::Check(id, range) => format!("/checks/{id}?range={}", range.code()),
            Self::Incidents(search) => search::address("/incidents", &search.query()),
            Self::Incident(number) => format!("/incidents/{number}"),
            Self::Jobs(search) => search.path(),
            Self::Job(id) => format!("/jobs/{id}"),
        }
    }

    /// Whether what runs changes it.
    pub(crate) const fn shows_jobs(&self) -> bool {
        matches!(self, Self::Jobs(_) | Self::Job(_))
    }

    /// When the last result came that the page is about, and how long the next may take.
    pub(crate) fn pulse(&self, scene: &Scene) -> (Option<Timestamp>, Option<Duration>) {
        match self {
            Self::Check(id, _) => {
                let check = scene.snapshot.check(id.as_str());
                let last = check.and_then(|check| check.last.as_ref()).map(|last| last.at);
                (last, check.map(|check| health::freshness(check)))
            }
            // How old what is measured is says nothing of a job.
            Self::Jobs(_) | Self::Job(_) => (None, None),
            _ => (scene.snapshot.last_result, health::patience(&scene.snapshot)),
        }
    }

    /// Why there is nothing to draw.
    pub(crate) fn trouble(&self, scene: &Scene) -> Trouble {
        match self {
            Self::Incident(_) if scene.past.away.is_some() => Trouble::HistoryAway,
            Self::Incident(_) => Trouble::NoIncident,
            Self::Jobs(_) | Self::Job(_) if scene.work.away => Trouble::JobsAway,
            Self::Job(_) => Trouble::NoJob,
            _ => Trouble::NotFound,
        }
    }

    /// The part of the dashboard that it belongs to.
    const fn part(&self) -> Part {
        match self {
            Self::Overview(_) => Part::Overview,
            Self::Servers(..) | Self::Server(_) | Self::Check(..) => Part::Servers,
            Self::Incidents(_) | Self::Incident(_) => Part::Incidents,
            Self::Jobs(_) | Self::Job(_) => Part::Jobs,
        }
    }

    /// Whether it is the very page that the bar leads to.
    const fn is_part(&self) -> bool {
        matches!(self, Self::Overview(_) | Self::Servers(..) | Self::Incidents(_) | Self::Jobs(_))
    }

    /// Where its changes come from.
    pub(crate) fn events(&self) -> String {
        match self {
            Self::Overview(filter) => search::address("/events", &filter.query()),
            Self::Servers(filter, sort, _) => servers::link(filter, *sort, false)
                .replacen('?', "&", 1)
                .replacen("/", "/events?page=", 1),
            Self::Server(name) => format!("/events?server={name}"),
            Self::Check(id, range) => format!("/events?check={id}&range={}", range.code()),
            Self::Incidents(_) | Self::Jobs(_) => {
                self.path().replacen('?', "&", 1).replacen('/', "/events?page=", 1)
            }
            Self::Incident(number) => format!("/events?incident={number}"),
            Self::Job(id) => format!("/events?job={id}"),
        }
    }
}

#[cfg(test)]
mod past_tests;
#[cfg(test)]
pub(crate) mod tests;
