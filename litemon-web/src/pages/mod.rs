//! Pages, each made of fragments that can be replaced one by one.

mod bar;
mod error;
mod gauge;
mod mark;
mod overview;
mod problems;
mod server;
mod shell;
mod strip;
mod tile;
mod verdict;

use litemon_core::model::{Name, Status};
use maud::Markup;

use crate::scene::Scene;

use bar::Part;
pub(crate) use error::{Trouble, error};
pub(crate) use mark::class as state;
pub(crate) use shell::shell;

/// A page that is kept up to date.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Page {
    /// `/`
    Overview,
    /// `/servers/NAME`
    Server(Name),
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

/// What a page shows now.
pub(crate) struct Drawing {
    pub(crate) title: String,
    pub(crate) state: Status,
    /// Fragments that always exist.
    pub(crate) fixed: Vec<Fragment>,
    /// Tiles, in their order; they come and go.
    pub(crate) tiles: Vec<Fragment>,
}

impl Page {
    /// Draws the page; `None` when the server that it is about does not exist.
    pub(crate) fn draw(&self, scene: &Scene) -> Option<Drawing> {
        match self {
            Self::Overview => Some(overview::draw(scene)),
            Self::Server(name) => server::draw(scene, scene.snapshot.server(name.as_str())?),
        }
    }

    /// Its address.
    pub(crate) fn path(&self) -> String {
        match self {
            Self::Overview => "/".to_owned(),
            Self::Server(name) => format!("/servers/{name}"),
        }
    }

    /// The part of the dashboard that it belongs to.
    const fn part(&self) -> Part {
        match self {
            Self::Overview => Part::Overview,
            Self::Server(_) => Part::Servers,
        }
    }

    /// Where its changes come from.
    pub(crate) fn events(&self) -> String {
        match self {
            Self::Overview => "/events".to_owned(),
            Self::Server(name) => format!("/events?server={name}"),
        }
    }
}

#[cfg(test)]
mod tests;
