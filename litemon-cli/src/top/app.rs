//! What is looked at, and what keys do.

use std::{cmp::Reverse, sync::Arc};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use litemon_core::{clock::Clock, model::Status};
use litemon_web::api::types::{Check, Server, StatusReport};
use ratatui::widgets::TableState;

use super::feed::News;
use crate::commands::status::{age, concern, seen, state, zone};

/// What follows from a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Go {
    On,
    Away,
}

/// What is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// All servers, and the checks that belong to none.
    Home,
    /// The checks of a server.
    Server(String),
    /// One check; where one came from.
    Check(String, Option<String>),
}

/// In which order rows stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    Worst,
    Name,
    Changed,
}

impl Sort {
    const fn next(self) -> Self {
        match self {
            Self::Worst => Self::Name,
            Self::Name => Self::Changed,
            Self::Changed => Self::Worst,
        }
    }

    pub const fn word(self) -> &'static str {
        match self {
            Self::Worst => "worst first",
            Self::Name => "by name",
            Self::Changed => "last change first",
        }
    }
}

/// A line of the table, and where it leads.
#[derive(Clone, Debug)]
pub struct Row {
    pub leads: Place,
    pub name: String,
    pub state: String,
    pub status: Status,
    pub since: String,
    pub seen: String,
    concern: (u8, Status),
    changed: i64,
}

pub struct App {
    clock: Arc<dyn Clock>,
    pub colour: bool,
    pub news: News,
    pub place: Place,
    pub sort: Sort,
    pub filter: String,
    /// Whether keys go into the filter.
    pub typing: bool,
    pub table: TableState,
}

impl App {
    pub fn new(clock: Arc<dyn Clock>, colour: bool) -> Self {
        Self {
            clock,
            colour,
            news: News::default(),
            place: Place::Home,
            sort: Sort::Worst,
            filter: String::new(),
            typing: false,
            table: TableState::default().with_selected(0),
        }
    }

    pub fn take(&mut self, news: News) {
        self.news = news;
    }

    pub fn report(&self) -> Option<&StatusReport> {
        self.news.report.as_deref()
    }

    /// The zone of the monitor, once it has answered.
    pub fn zone(&self) -> litemon_core::model::Zone {
        zone(self.report().and_then(|report| report.monitor.timezone.as_deref()))
    }

    /// How long nobody has answered, and since when.
    pub fn gone(&self) -> Option<(litemon_core::model::Timestamp, std::time::Duration)> {
        let (since, _) = self.news.gone.as_ref()?;
        Some((*since, self.clock.now().since(*since)))
    }

    /// The check whose values are to be shown.
    pub fn wanted(&self) -> Option<String> {
        match &self.place {
            Place::Check(id, _) => Some(id.clone()),
            _ => None,
        }
    }

    /// The check that is looked at.
    pub fn check(&self) -> Option<&Check> {
        let Place::Check(id, _) = &self.place else { return None };
        let report = self.report()?;
        let checks = report.servers.iter().flat_map(|server| &server.checks);
        checks.chain(&report.others).find(|check| check.id == *id)
    }

    pub fn key(&mut self, key: KeyEvent) -> Go {
        if key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c') {
            return Go::Away;
        }
        if self.typing {
            self.type_filter(key.code);
            return Go::On;
        }
        match key.code {
            KeyCode::Char('q') => return Go::Away,
            KeyCode::Char('s') => self.sort = self.sort.next(),
            KeyCode::Char('/') => self.typing = true,
            KeyCode::Down | KeyCode::Char('j') => self.table.select_next(),
            KeyCode::Up | KeyCode::Char('k') => self.table.select_previous(),
            KeyCode::PageDown => self.table.scroll_down_by(10),
            KeyCode::PageUp => self.table.scroll_up_by(10),
            KeyCode::Home => self.table.select_first(),
            KeyCode::End => self.table.select_last(),
            KeyCode::Enter | KeyCode::Right => self.enter(),
            KeyCode::Esc | KeyCode::Backspace | KeyCode::Left => self.back(),
            _ => {}
        }
        Go::On
    }

    fn type_filter(&mut self, key: KeyCode) {
        match key {
            KeyCode::Enter => self.typing = false,
            KeyCode::Esc => {
                self.typing = false;
                self.filter.clear();
            }
            KeyCode::Backspace => {
                self.filter.pop();
            }
            KeyCode::Char(c) if self.filter.len() < 64 => self.filter.push(c),
            _ => {}
        }
        self.table.select(Some(0));
    }

    fn enter(&mut self) {
        let chosen = self.table.selected().and_then(|at| self.rows().into_iter().nth(at));
        if let Some(row) = chosen {
            self.go(row.leads);
        }
    }

    fn back(&mut self) {
        match std::mem::replace(&mut self.place, Place::Home) {
            Place::Check(_, Some(server)) => self.go(Place::Server(server)),
            Place::Home if !self.filter.is_empty() => self.filter.clear(),
            _ => self.go(Place::Home),
        }
    }

    fn go(&mut self, place: Place) {
        self.place = place;
        // What was looked for among the servers says nothing about their checks.
        self.filter.clear();
        self.table.select(Some(0));
    }

    /// The lines of the table, filtered and in order.
    pub fn rows(&self) -> Vec<Row> {
        let Some(report) = self.report() else { return Vec::new() };
        let mut rows: Vec<Row> = match &self.place {
            Place::Home => {
                let servers = report.servers.iter().map(|server| server_row(report, server));
                servers
                    .chain(report.others.iter().map(|one| check_row(report, one, None)))
                    .collect()
            }
            Place::Server(name) => {
                let of_it = report.servers.iter().filter(|server| server.name == *name);
                let checks = of_it.flat_map(|server| &server.checks);
                checks.map(|check| check_row(report, check, Some(name))).collect()
            }
            Place::Check(..) => Vec::new(),
        };
        let wanted = self.filter.to_lowercase();
        rows.retain(|row| {
            [&row.name, &row.state, &row.seen]
                .iter()
                .any(|text| text.to_lowercase().contains(&wanted))
        });
        match self.sort {
            Sort::Worst => rows.sort_by_key(|row| Reverse(row.concern)),
            Sort::Name => rows.sort_by(|a, b| a.name.cmp(&b.name)),
            Sort::Changed => rows.sort_by_key(|row| Reverse(row.changed)),
        }
        rows
    }
}

fn check_row(report: &StatusReport, check: &Check, server: Option<&str>) -> Row {
    Row {
        leads: Place::Check(check.id.clone(), server.map(str::to_owned)),
        name: check.id.clone(),
        state: state(check),
        status: check.status,
        since: check.since.map_or_else(String::new, |since| age(report.monitor.now, since)),
        seen: seen(check),
        concern: concern(check),
        changed: check.since.map_or(0, |since| since.0.as_millis()),
    }
}

/// A server as its worst check makes it.
fn server_row(report: &StatusReport, server: &Server) -> Row {
    let worst = server.checks.iter().max_by_key(|check| concern(check));
    let problems = server.checks.iter().filter(|check| concern(check).0 > 1).count();
    let name = server.name.clone();
    let base = worst.map(|check| check_row(report, check, None));
    let (state, seen) = match (&base, problems) {
        (None, _) => ("no checks".to_owned(), String::new()),
        (Some(_), 0) if worst.is_some_and(|check| check.pending) => {
            ("waits".to_owned(), String::new())
        }
        // The way to it is away: nothing is known of it.
        (Some(_), 0) if worst.is_some_and(|check| check.blocked) => {
            ("unknown".to_owned(), format!("{} checks", server.checks.len()))
        }
        (Some(_), 0) => ("well".to_owned(), format!("{} checks", server.checks.len())),
        (Some(row), _) if server.unreachable => (row.state.clone(), row.seen.clone()),
        (Some(row), n) => {
            let what = row.name.rsplit('/').next().unwrap_or_default();
            let more = if n > 1 { format!("  and {} more", n - 1) } else { String::new() };
            (format!("{what} {}", row.state), format!("{}{more}", row.seen))
        }
    };
    let latest = server.checks.iter().filter_map(|check| check.since).max();
    Row {
        leads: Place::Server(name.clone()),
        name,
        state,
        status: server.status,
        since: base.as_ref().map_or_else(String::new, |row| row.since.clone()),
        seen,
        concern: base.map_or((0, Status::Ok), |row| row.concern),
        changed: latest.map_or(0, |since| since.0.as_millis()),
    }
}
