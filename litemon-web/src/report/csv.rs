//! A report as one table for spreadsheets (RFC 4180).

use std::time::Duration;

use litemon_core::{
    model::{Timestamp, Zone},
    report::{Availability, Busy, Counted, IncidentLine, JobLine, Report, Told, percent},
};

/// The columns. Each row fills those of its section.
const HEAD: [&str; 23] = [
    "section",
    "name",
    "available_percent",
    "up_s",
    "down_s",
    "unknown_s",
    "planned_s",
    "number",
    "status",
    "since",
    "until",
    "told",
    "told_after_s",
    "lasted_s",
    "mean",
    "max",
    "max_at",
    "unit",
    "new",
    "total",
    "days_counted",
    "operator",
    "outcomes",
];

/// A report as CSV. A column `section` says what a row is about: `server`, `service`, `incident`,
/// `resource`, `statistic`, `job`. Times are of the zone, durations whole or decimal seconds.
///
/// Text that a spreadsheet would take for a formula has an apostrophe before it.
#[must_use]
pub fn csv(report: &Report, zone: &Zone) -> String {
    let mut rows = vec![HEAD.map(str::to_owned).to_vec()];
    let available = |section, list: &[Availability]| -> Vec<Row> {
        list.iter().map(|one| availability(section, one)).collect()
    };
    let mut add = |list: Vec<Row>| rows.extend(list.into_iter().map(Row::cells));
    add(available("server", &report.servers));
    add(available("service", &report.services));
    add(report.incidents.list.iter().map(|one| incident(one, zone)).collect());
    add(report.resources.iter().map(|one| resource(one, zone)).collect());
    add(report.statistics.iter().map(statistic).collect());
    add(report.jobs.iter().flatten().map(|one| job(one, zone)).collect());
    written(&rows)
}

fn written(rows: &[Vec<String>]) -> String {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .flexible(false)
        .from_writer(Vec::new());
    for row in rows {
        // Memory takes every write, and every row is as long as the head.
        let _ = writer.write_record(row);
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// The cells of a row, by column.
struct Row(Vec<(&'static str, String)>);

impl Row {
    fn of(section: &'static str, name: &str) -> Self {
        Self(vec![("section", section.to_owned()), ("name", text(name))])
    }

    fn with(mut self, column: &'static str, cell: impl Into<String>) -> Self {
        debug_assert!(HEAD.contains(&column), "{column}");
        self.0.push((column, cell.into()));
        self
    }

    fn cells(self) -> Vec<String> {
        let cell = |column: &str| self.0.iter().find(|(name, _)| *name == column);
        HEAD.iter()
            .map(|column| cell(column).map_or_else(String::new, |(_, c)| c.clone()))
            .collect()
    }
}

/// Text from elsewhere in one line, and nothing that a spreadsheet would work out.
fn text(given: &str) -> String {
    let clean = crate::text::Clean(given).to_string();
    let formula = clean.trim_start().starts_with(['=', '+', '-', '@']);
    if formula { format!("'{clean}") } else { clean }
}

fn seconds(time: Duration) -> String {
    format!("{}", time.as_secs_f64())
}

fn time(at: Timestamp, zone: &Zone) -> String {
    zone.date_time(at)
}

fn availability(section: &'static str, one: &Availability) -> Row {
    Row::of(section, one.check.as_str())
        .with("available_percent", one.share().map(percent).unwrap_or_default())
        .with("up_s", seconds(one.up))
        .with("down_s", seconds(one.down))
        .with("unknown_s", seconds(one.unknown))
        .with("planned_s", seconds(one.planned))
}

fn incident(one: &IncidentLine, zone: &Zone) -> Row {
    let (told, after) = match one.told {
        Told::After(time) => ("yes", seconds(time)),
        Told::NotYet => ("no", String::new()),
        _ => ("nobody", String::new()),
    };
    Row::of("incident", one.check.as_str())
        .with("number", one.number.to_string())
        .with("status", one.worst.as_str())
        .with("since", time(one.since, zone))
        .with("until", one.closed.map(|(end, _)| time(end, zone)).unwrap_or_default())
        .with("told", told)
        .with("told_after_s", after)
        .with("lasted_s", one.lasted().map(seconds).unwrap_or_default())
}

fn resource(one: &Busy, zone: &Zone) -> Row {
    Row::of("resource", one.check.as_str())
        .with("mean", one.mean.to_string())
        .with("max", one.max.to_string())
        .with("max_at", time(one.max_at, zone))
        .with("unit", text(&one.unit))
}

fn statistic(one: &Counted) -> Row {
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    Row::of("statistic", one.check.as_str())
        .with("new", number(one.growth))
        .with("total", number(one.total))
        .with("days_counted", one.days.0.to_string())
}

fn job(one: &JobLine, zone: &Zone) -> Row {
    let outcomes = one.outcomes.iter().map(|(word, count)| format!("{count} {word}"));
    Row::of("job", &one.what)
        .with("number", one.id.to_string())
        .with("since", time(one.created, zone))
        .with("until", one.ended.map(|end| time(end, zone)).unwrap_or_default())
        .with("operator", text(&one.by))
        .with("outcomes", outcomes.collect::<Vec<_>>().join(", "))
}
