//! `/jobs`: what was run, by whom, and how it ended.

use litemon_core::{
    manage::jobs::{Job, JobId, Outcome, Stage, What},
    model::Name,
};
use maud::{Markup, html};

use super::{
    super::{
        Block, Drawing, Fragment, List, Shape, bar,
        search::{address, query},
    },
    Listing,
    job::who,
    outcome::{self, Tally},
    planned, what,
};
use crate::{scene::Scene, text::Clean};

/// The longest text that is looked for.
const LONGEST: usize = 100;
/// So many servers are named in a row; the others are counted.
const NAMED: usize = 3;

/// What a reader looks for, as the address says it; nothing means all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Search {
    /// Only numbers below this one.
    pub(crate) before: Option<JobId>,
    /// In lower case: a part of what was run, of who asked, or of a server's name.
    text: String,
    state: Option<State>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum State {
    Running,
    Failed,
    Done,
}

impl State {
    const ALL: [Self; 3] = [Self::Running, Self::Failed, Self::Done];

    const fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Failed => "failed",
            Self::Done => "done",
        }
    }

    const fn name(self, scene: &Scene) -> &'static str {
        let words = &scene.words.jobs;
        match self {
            Self::Running => words.running_ones,
            Self::Failed => words.failed_ones,
            Self::Done => words.done_ones,
        }
    }
}

impl Search {
    /// From the values of an address.
    pub(crate) fn new(before: &str, text: &str, state: &str) -> Self {
        Self {
            before: before.parse().ok().filter(|number| *number > 0),
            text: text.trim().chars().take(LONGEST).collect::<String>().to_lowercase(),
            state: State::ALL.into_iter().find(|one| one.word() == state),
        }
    }

    /// Whether a job is looked for.
    pub(crate) fn finds(&self, job: &Job) -> bool {
        let failed = |stage: &Stage| matches!(stage, Stage::Done(end) if !matches!(end, Outcome::Ok | Outcome::Cancelled | Outcome::NotStarted(_)));
        let state = match self.state {
            None => true,
            Some(State::Running) => job.ended.is_none(),
            Some(State::Done) => job.ended.is_some(),
            Some(State::Failed) => job.results.iter().any(|one| failed(&one.stage)),
        };
        state && self.text_fits(job)
    }

    fn text_fits(&self, job: &Job) -> bool {
        let has = |text: &str| text.to_lowercase().contains(&self.text);
        let run = match &job.order.what {
            What::Action { name, params } => has(name.as_str()) || params.values().any(|v| has(v)),
            What::Command(command) => has(command),
            _ => false,
        };
        self.text.is_empty()
            || run
            || has(&job.by.name)
            || job.order.servers.iter().any(|server| has(server.as_str()))
    }

    /// Whether anything is left out but for what an earlier page has.
    pub(crate) fn narrows(&self) -> bool {
        !self.text.is_empty() || self.state.is_some()
    }

    fn below(&self, before: JobId) -> Self {
        Self { before: Some(before), ..self.clone() }
    }

    /// Its address.
    pub(crate) fn path(&self) -> String {
        let before = self.before.map(|number| number.to_string());
        let text = Some(self.text.as_str()).filter(|text| !text.is_empty());
        let pairs =
            [("q", text), ("state", self.state.map(State::word)), ("before", before.as_deref())];
        address("/jobs", &query(&pairs))
    }
}

pub(crate) fn draw(scene: &Scene, search: &Search, listing: &Listing) -> Drawing {
    let words = &scene.words.jobs;
    let running = scene.running.unwrap_or_default();
    let title = if running > 0 { words.running_count(running) } else { words.jobs.to_owned() };
    let none = listing.jobs.is_empty();
    let first = none && !search.narrows() && search.before.is_none();
    let rows = listing.jobs.iter().map(|job| row(scene, job)).collect();
    let list = List { id: "rows".to_owned(), shape: Shape::Rows, items: rows };
    let mut tiles = Vec::new();
    if !scene.work.planned.is_empty() {
        tiles.push(Block::Fixed(planned::form(scene)));
    }
    if !first {
        if !scene.work.planned.is_empty() {
            tiles.push(Block::Fixed(html! { h2.section { (words.ran) } }));
        }
        tiles.push(Block::Fixed(filter(scene, search)));
        tiles.push(Block::Table("jobs", head(scene), list));
    }
    let mut fixed = vec![
        Fragment::new("verdict", html! { h1 #verdict { (title) } }),
        Fragment::new("running", bar::running(scene.words, running)),
        Fragment::new("none", empty(scene, none, first)),
        Fragment::new("older", older(scene, search, listing)),
    ];
    let plans = &scene.work.planned;
    if !plans.is_empty() {
        fixed.insert(1, Fragment::new("planned", planned::section(scene, plans)));
    }
    Drawing { state: scene.worst(), fixed, tiles, title }
}

fn empty(scene: &Scene, none: bool, first: bool) -> Markup {
    let words = &scene.words.jobs;
    html! {
        div #none {
            @if first {
                p.card.hint { b { (words.none_yet) ". " } (words.none_yet_hint) " " a.link href="/servers" { (words.to_servers) } }
            } @else if none {
                p.card.hint { (words.none_found) " " a.link href="/jobs" { (words.show_all) } }
            }
        }
    }
}

fn older(scene: &Scene, search: &Search, listing: &Listing) -> Markup {
    let words = &scene.words.jobs;
    html! {
        p.pages #older {
            @if search.before.is_some() {
                a.button.plain href=(Search { before: None, ..search.clone() }.path()) { (words.newest) }
            }
            @if let Some(number) = listing.older {
                a.button href=(search.below(number).path()) { (words.older) }
            }
        }
    }
}

fn filter(scene: &Scene, search: &Search) -> Markup {
    let words = &scene.words.jobs;
    html! {
        form.filter.live action="/jobs" method="get" role="search" {
            label {
                span { (words.find) }
                input type="search" name="q" value=(search.text) maxlength=(LONGEST) autocomplete="off" spellcheck="false";
            }
            label {
                span { (words.state) }
                select name="state" {
                    option value="" { (words.all) }
                    @for state in State::ALL {
                        option value=(state.word()) selected[search.state == Some(state)] { (state.name(scene)) }
                    }
                }
            }
            button.button type="submit" { (words.show) }
            @if search.narrows() { a.button.plain href="/jobs" { (words.show_all) } }
        }
    }
}

fn head(scene: &Scene) -> Markup {
    let words = &scene.words.jobs;
    html! {
        thead { tr {
            th scope="col" { (words.what) }
            th scope="col" { (words.servers) }
            th scope="col" { (words.results) }
            th scope="col" { (words.who) }
            th scope="col" { (words.when) }
            th.right scope="col" { (words.took) }
        } }
    }
}

fn row(scene: &Scene, job: &Job) -> Fragment {
    let tally = Tally::of(job);
    let id = format!("j-{}", job.id);
    let took = job.ended.unwrap_or(scene.now).since(job.created);
    let html = html! {
        tr.(tally.class()) #(id) {
            th scope="row" {
                a href={ "/jobs/" (job.id) } { (Clean(&what::short(scene.words, &job.order.what))) }
                " " span.soft { "#" (job.id) }
            }
            td.on { (servers(scene, &job.order.servers)) }
            td.state { (outcome::mark(tally.class())) " " (tally.counts(scene.words)) }
            td.who { (Clean(&who(job))) }
            td.at { (scene.moment(job.created, false)) }
            td.right.took { (scene.words.duration(took)) }
        }
    };
    Fragment::new(id, html)
}

/// Their names, or how many they are.
pub(super) fn servers(scene: &Scene, servers: &[Name]) -> String {
    if servers.len() > NAMED {
        return scene.words.jobs.servers_count(servers.len());
    }
    servers.iter().map(Name::as_str).collect::<Vec<_>>().join(", ")
}
