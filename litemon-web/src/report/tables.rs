//! The tables of a report, made to be printed.

use std::collections::BTreeMap;

use litemon_core::report::{
    Availability, Busy, Counted, IncidentLine, Incidents, JobLine, Told, by_operator,
};
use maud::{Markup, html};

use super::told::Reader;
use crate::text::Clean;

/// Servers of one resource, and jobs, that are shown: what is printed is read.
const MOST: usize = 10;
/// Incidents that are shown.
const MOST_INCIDENTS: usize = 50;

pub(super) fn servers(reader: Reader<'_>, list: &[Availability]) -> Markup {
    let words = reader.words;
    section(
        reader,
        words.servers,
        list.is_empty(),
        html! {
            table.data.report.shares {
                (available_head(reader, words.report.server))
                tbody { @for one in list { (available(reader, one.check.owner(), one)) } }
            }
        },
    )
}

pub(super) fn services(reader: Reader<'_>, list: &[Availability]) -> Markup {
    let words = &reader.words.report;
    section(
        reader,
        words.services,
        list.is_empty(),
        html! {
            table.data.report.shares {
                (available_head(reader, words.service))
                tbody { @for one in list { (available(reader, &Reader::name(&one.check), one)) } }
            }
        },
    )
}

fn section(reader: Reader<'_>, title: &str, empty: bool, table: Markup) -> Markup {
    html! {
        section.report {
            h2.section { (title) }
            @if empty { p.soft { (reader.words.report.none) } } @else { div.scroll { (table) } }
        }
    }
}

fn available_head(reader: Reader<'_>, name: &str) -> Markup {
    let words = &reader.words.report;
    html! {
        thead { tr {
            th scope="col" { (name) }
            th.right scope="col" { (words.available) }
            th.right scope="col" { (words.down) }
            th.right scope="col" { (words.unknown) }
            th.right scope="col" { (words.planned) }
        } }
    }
}

fn available(reader: Reader<'_>, name: &str, one: &Availability) -> Markup {
    html! {
        tr {
            th scope="row" { (name) }
            td.right { (reader.share(one.share())) }
            td.right { (reader.time_or_dash(one.down)) }
            td.right { (reader.time_or_dash(one.unknown)) }
            td.right { (reader.time_or_dash(one.planned)) }
        }
    }
}

pub(super) fn incidents(reader: Reader<'_>, incidents: &Incidents) -> Markup {
    let words = &reader.words.report;
    let table = html! {
        table.data.report {
            thead { tr {
                th scope="col" { (words.number) }
                th scope="col" { (reader.words.check) }
                th scope="col" { (words.since) }
                th.right scope="col" { (words.lasted) }
                th.right scope="col" { (words.told_after) }
            } }
            tbody { @for one in incidents.list.iter().take(MOST_INCIDENTS) { (incident(reader, one)) } }
        }
        (more(reader, incidents.count, MOST_INCIDENTS))
    };
    section(reader, words.incidents, incidents.list.is_empty(), table)
}

fn incident(reader: Reader<'_>, one: &IncidentLine) -> Markup {
    let words = &reader.words.report;
    let lasted = one.lasted().map_or_else(|| words.open.to_owned(), |time| reader.lasting(time));
    let told = match one.told {
        Told::After(time) => reader.lasting(time),
        Told::NotYet => words.not_told.to_owned(),
        _ => words.nobody.to_owned(),
    };
    html! {
        tr {
            td { "#" (one.number) }
            th scope="row" { (Reader::name(&one.check)) }
            td.nowrap { (reader.moment(one.since)) }
            td.right { (lasted) }
            td.right { (told) }
        }
    }
}

fn more(reader: Reader<'_>, count: usize, shown: usize) -> Markup {
    let left = count.saturating_sub(shown);
    html! { @if left > 0 { p.soft { (reader.words.report.more(left)) } } }
}

/// A table for each resource, the busiest servers first.
pub(super) fn resources(reader: Reader<'_>, resources: &[Busy]) -> Markup {
    let mut by_name: BTreeMap<&str, Vec<&Busy>> = BTreeMap::new();
    for one in resources {
        by_name.entry(one.check.name()).or_default().push(one);
    }
    let tables = html! {
        @for (name, list) in &by_name {
            (resource(reader, name, list))
            (more(reader, list.len(), MOST))
        }
    };
    section(reader, reader.words.report.resources, by_name.is_empty(), tables)
}

fn resource(reader: Reader<'_>, name: &str, list: &[&Busy]) -> Markup {
    let words = &reader.words.report;
    html! {
        table.data.report {
            caption { (name) }
            thead { tr {
                th scope="col" { (words.server) }
                th.right scope="col" { (words.mean) }
                th.right scope="col" { (words.highest) }
                th.right scope="col" { (words.at) }
            } }
            tbody { @for one in list.iter().take(MOST) { tr {
                th scope="row" { (one.check.owner()) }
                td.right { (reader.amount(one.mean, &Clean(&one.unit).to_string())) }
                td.right { (reader.amount(one.max, &Clean(&one.unit).to_string())) }
                td.right.nowrap { (reader.moment(one.max_at)) }
            } } }
        }
    }
}

pub(super) fn statistics(reader: Reader<'_>, list: &[Counted]) -> Markup {
    let words = &reader.words.report;
    let table = html! {
        table.data.report {
            thead { tr {
                th scope="col" { (reader.words.numbers.statistics) }
                th.right scope="col" { (words.new) }
                th.right scope="col" { (words.total) }
                th.right scope="col" { (words.days) }
            } }
            tbody { @for one in list { tr {
                th scope="row" { (one.check.name()) }
                td.right { (reader.count(one.growth)) }
                td.right { (reader.count(one.total)) }
                td.right { (words.days_of(one.days.0, one.days.1)) }
            } } }
        }
    };
    section(reader, reader.words.numbers.statistics, list.is_empty(), table)
}

/// Jobs by who had them run, and the newest.
pub(super) fn jobs(reader: Reader<'_>, jobs: &[JobLine]) -> Markup {
    let words = &reader.words.report;
    let tables = html! {
        table.data.report {
            thead { tr {
                th scope="col" { (words.operator) }
                th.right scope="col" { (words.jobs) }
                th scope="col" { (words.outcomes) }
            } }
            tbody { @for one in by_operator(jobs) { tr {
                th scope="row" { (Clean(&one.name)) }
                td.right { (one.jobs) }
                td { (outcomes(reader, &one.outcomes)) }
            } } }
        }
        table.data.report {
            thead { tr {
                th scope="col" { (words.number) }
                th scope="col" { (words.what) }
                th scope="col" { (words.since) }
                th scope="col" { (words.operator) }
                th scope="col" { (words.outcomes) }
            } }
            tbody { @for one in jobs.iter().take(MOST_INCIDENTS) { tr {
                td { (one.id) }
                th scope="row" { (Clean(&one.what)) }
                td.nowrap { (reader.moment(one.created)) }
                td { (Clean(&one.by)) }
                td { (outcomes(reader, &one.outcomes)) }
            } } }
        }
        (more(reader, jobs.len(), MOST_INCIDENTS))
    };
    section(reader, words.jobs, jobs.is_empty(), tables)
}

fn outcomes(reader: Reader<'_>, outcomes: &BTreeMap<String, usize>) -> String {
    let told =
        |(word, count): (&String, &usize)| reader.words.report.outcome(word.as_str(), *count);
    outcomes.iter().map(told).collect::<Vec<_>>().join(", ")
}
