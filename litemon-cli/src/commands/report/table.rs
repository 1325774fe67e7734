//! A report for a terminal: the sum of it, then a table for each part.

use std::{collections::BTreeMap, time::Duration};

use litemon_core::{
    model::Zone,
    report::{
        Availability, Busy, Counted, IncidentLine, JobLine, Report, Times, Told, by_operator,
        percent, share_of,
    },
};

use crate::terminal::{self, age, clean_line};

pub fn text(report: &Report, zone: &Zone) -> String {
    let mut parts = vec![heading(report, zone)];
    let mut add = |title: &str, head: &[&str], rows: Vec<Vec<String>>| {
        if !rows.is_empty() {
            parts.push(format!("{title}\n{}", terminal::table(head, &rows)));
        }
    };
    let head = ["NAME", "AVAILABLE", "DOWN", "UNKNOWN", "PLANNED"];
    let owner = |one: &Availability| available(one.check.owner(), one);
    let name = |one: &Availability| available(one.check.as_str(), one);
    add("Servers", &head, report.servers.iter().map(owner).collect());
    add("Services and other checks", &head, report.services.iter().map(name).collect());
    let head = ["#", "CHECK", "SINCE", "LASTED", "TOLD AFTER"];
    let lines = report.incidents.list.iter().map(|one| incident(one, zone));
    add("Incidents", &head, lines.collect());
    let head = ["CHECK", "MEAN", "HIGHEST", "AT"];
    add("Busiest resources", &head, report.resources.iter().map(|r| busy(r, zone)).collect());
    let head = ["NAME", "NEW", "IN ALL", "DAYS COUNTED"];
    add("Statistics", &head, report.statistics.iter().map(counted).collect());
    let jobs = report.jobs.as_deref().unwrap_or_default();
    let head = ["OPERATOR", "JOBS", "OUTCOMES"];
    let operator = |one: litemon_core::report::Operator| {
        vec![clean_line(&one.name), one.jobs.to_string(), outcomes(&one.outcomes)]
    };
    add("Jobs by operator", &head, by_operator(jobs).into_iter().map(operator).collect());
    let head = ["#", "SINCE", "BY", "OUTCOMES", "WHAT"];
    add("Jobs", &head, jobs.iter().map(|one| job(one, zone)).collect());
    parts.join("\n")
}

fn heading(report: &Report, zone: &Zone) -> String {
    let span = &report.span;
    let moment = |at| zone.format("%Y-%m-%d %H:%M", at);
    let time = if !span.is_whole_days(zone) {
        format!("{} to {}", moment(span.from), moment(span.to))
    } else if span.first_day(zone) == span.last_day(zone) {
        span.first_day(zone)
    } else {
        format!("{} to {}", span.first_day(zone), span.last_day(zone))
    };
    let mut text = format!("Report {time} ({})\n", zone.abbreviation(span.from));
    if report.until < span.to {
        text.push_str(&format!("As of {}: this time is not over.\n", moment(report.until)));
    }
    let count = report.servers.len();
    let servers =
        if count == 1 { "1 server was".to_owned() } else { format!("{count} servers were") };
    text.push_str(&match share_of(&report.servers) {
        Some(share) => format!("{servers} available {} % of the known time.\n", percent(share)),
        None => "Nothing is known of any server in this time.\n".to_owned(),
    });
    text.push_str(&match report.incidents.count {
        0 => "No incident.\n".to_owned(),
        1 => format!("1 incident.{}\n", times(report)),
        n => format!("{n} incidents.{}\n", times(report)),
    });
    text
}

fn times(report: &Report) -> String {
    let told = |what: &str, times: &Times| match times.count {
        0 => String::new(),
        _ => {
            format!(" {what} after {} on average, {} at most.", age(times.mean), age(times.longest))
        }
    };
    told("Told", &report.incidents.told) + &told("Over", &report.incidents.lasted)
}

fn available(name: &str, one: &Availability) -> Vec<String> {
    let share = one.share().map_or_else(|| "-".to_owned(), |share| format!("{} %", percent(share)));
    let [down, unknown, planned] = [one.down, one.unknown, one.planned].map(lasting);
    vec![name.to_owned(), share, down, unknown, planned]
}

fn lasting(time: Duration) -> String {
    if time.is_zero() { "-".to_owned() } else { age(time) }
}

fn incident(one: &IncidentLine, zone: &Zone) -> Vec<String> {
    let told = match one.told {
        Told::After(time) => age(time),
        Told::NotYet => "not told".to_owned(),
        _ => "nobody".to_owned(),
    };
    vec![
        one.number.to_string(),
        one.check.to_string(),
        zone.date_time(one.since),
        one.lasted().map_or_else(|| "open".to_owned(), age),
        told,
    ]
}

fn busy(one: &Busy, zone: &Zone) -> Vec<String> {
    let unit = clean_line(&one.unit);
    let number = |value: f64| format!("{value:.1} {unit}").trim_end().to_owned();
    let at = zone.format("%Y-%m-%d %H:%M", one.max_at);
    vec![one.check.to_string(), number(one.mean), number(one.max), at]
}

fn counted(one: &Counted) -> Vec<String> {
    let number = |value: Option<f64>| {
        value.map_or_else(|| "-".to_owned(), |v| terminal::short(v).to_string())
    };
    let days = format!("{} of {}", one.days.0, one.days.1);
    vec![one.check.name().to_owned(), number(one.growth), number(one.total), days]
}

fn job(one: &JobLine, zone: &Zone) -> Vec<String> {
    vec![
        one.id.to_string(),
        zone.date_time(one.created),
        clean_line(&one.by),
        outcomes(&one.outcomes),
        clean_line(&one.what),
    ]
}

fn outcomes(outcomes: &BTreeMap<String, usize>) -> String {
    let told = |(word, count): (&String, &usize)| format!("{count} {}", word.replace('_', " "));
    outcomes.iter().map(told).collect::<Vec<_>>().join(", ")
}
