//! Pages, each made of fragments that can be replaced one by one.

mod bar;
mod chart;
mod check;
pub(crate) mod desk;
mod error;
mod filter;
mod gauge;
mod incident;
mod incidents;
mod mark;
mod matter;
mod messaging;
mod notice;
mod overview;
mod problems;
mod recent;
mod search;
mod server;
mod servers;
mod shell;
mod spark;
mod statistics;
mod strip;
mod tile;
mod timeline;
mod uptime;
mod verdict;

use std::time::Duration;

use litemon_core::model::{CheckId, IncidentNumber, Name, Status, Timestamp};
use maud::Markup;

use crate::{chart::range::Range, health, scene::Scene};

use bar::Part;
pub(crate) use error::{Trouble, error};
pub(crate) use filter::{Filter, Ordered, Sort, Wanted};
pub(crate) use mark::class as state;
pub(crate) use search::{Asked, Search};
pub(crate) use shell::shell;

/// A page that is kept up to date.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Page {
    /// `/`
    Overview(Filter),
    /// `/servers`
    Servers(Filter, Sort),
    /// `/servers/NAME`
    Server(Name),
    /// `/checks/SERVER/NAME`
    Check(CheckId, Range),
    /// `/incidents`
    Incidents(Search),
    /// `/incidents/ID`
    Incident(IncidentNumber),
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
    /// The head of a table, and its rows.
    Table(Markup, List),
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
            Self::Servers(filter, sort) => Some(servers::draw(scene, filter, *sort)),
            Self::Server(name) => server::draw(scene, scene.snapshot.server(name.as_str())?),
            Self::Check(id, range) => {
                Some(check::draw(scene, scene.snapshot.check(id.as_str())?, *range))
            }
            Self::Incidents(search) => Some(incidents::draw(scene, search)),
            Self::Incident(number) => incident::draw(scene, *number),
        }
    }

    /// Its address.
    pub(crate) fn path(&self) -> String {
        match self {
            Self::Overview(filter) => search::address("/", &filter.query()),
            Self::Servers(filter, sort) => servers::link(filter, *sort),
            Self::Server(name) => format!("/servers/{name}"),
            Self::Check(id, range) => format!("/checks/{id}?range={}", range.code()),
            Self::Incidents(search) => search::address("/incidents", &search.query()),
            Self::Incident(number) => format!("/incidents/{number}"),
        }
    }

    /// When the last result came that the page is about, and how long the next may take.
    pub(crate) fn pulse(&self, scene: &Scene) -> (Option<Timestamp>, Option<Duration>) {
        match self {
            Self::Check(id, _) => {
                let check = scene.snapshot.check(id.as_str());
                let last = check.and_then(|check| check.last.as_ref()).map(|last| last.at);
                (last, check.map(|check| health::freshness(check)))
            }
            _ => (scene.snapshot.last_result, health::patience(&scene.snapshot)),
        }
    }

    /// Why there is nothing to draw.
    pub(crate) fn trouble(&self, scene: &Scene) -> Trouble {
        match self {
            Self::Incident(_) if scene.past.away.is_some() => Trouble::HistoryAway,
            Self::Incident(_) => Trouble::NoIncident,
            _ => Trouble::NotFound,
        }
    }

    /// The part of the dashboard that it belongs to.
    const fn part(&self) -> Part {
        match self {
            Self::Overview(_) => Part::Overview,
            Self::Servers(..) | Self::Server(_) | Self::Check(..) => Part::Servers,
            Self::Incidents(_) | Self::Incident(_) => Part::Incidents,
        }
    }

    /// Whether it is the very page that the bar leads to.
    const fn is_part(&self) -> bool {
        matches!(self, Self::Overview(_) | Self::Servers(..) | Self::Incidents(_))
    }

    /// Where its changes come from.
    pub(crate) fn events(&self) -> String {
        match self {
            Self::Overview(filter) => search::address("/events", &filter.query()),
            Self::Servers(filter, sort) => {
                servers::link(filter, *sort).replacen('?', "&", 1).replacen("/", "/events?page=", 1)
            }
            Self::Server(name) => format!("/events?server={name}"),
            Self::Check(id, range) => format!("/events?check={id}&range={}", range.code()),
            Self::Incidents(_) => {
                self.path().replacen('?', "&", 1).replacen('/', "/events?page=", 1)
            }
            Self::Incident(number) => format!("/events?incident={number}"),
        }
    }
}

#[cfg(test)]
mod past_tests;
#[cfg(test)]
mod tests;
