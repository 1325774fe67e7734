use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::Serialize;

use crate::{
    journal::Batch,
    model::{Incident, OutboxEntry, Timestamp},
    policy::{Channel, Flow},
    store::sql::{
        Arg, Cause,
        Column::{Data, Key},
        Sql, Upsert, Work,
    },
};

const STATES: Upsert =
    Upsert { table: "states", columns: &[Key("check_name"), Data("body")], guard: None };
const INCIDENTS: Upsert = Upsert {
    table: "incidents",
    columns: &[Key("number"), Data("closed"), Data("body")],
    guard: None,
};
const OUTBOX: Upsert = Upsert {
    table: "outbox",
    columns: &[Key("id"), Data("settled"), Data("at"), Data("incident"), Data("body")],
    guard: None,
};
const HOLDS: Upsert =
    Upsert { table: "holds", columns: &[Key("server"), Data("body")], guard: None };
const TELLINGS: Upsert =
    Upsert { table: "tellings", columns: &[Key("incident"), Data("body")], guard: None };
const WINDOWS: Upsert =
    Upsert { table: "windows", columns: &[Key("id"), Data("body")], guard: None };
const FLOWS: Upsert = Upsert {
    table: "flows",
    columns: &[Key("notifier"), Key("recipient"), Data("body")],
    guard: None,
};
const NUMBERS: Upsert =
    Upsert { table: "numbers", columns: &[Key("name"), Data("next")], guard: None };

/// Among the numbers: when the newest result came, in milliseconds.
pub(super) const LAST_RESULT: &str = "last_result";

/// A batch as rows.
pub(super) struct Commit<'a> {
    states: Vec<(&'a str, String)>,
    forgotten: Vec<&'a str>,
    holds: Vec<(&'a str, String)>,
    released: Vec<&'a str>,
    tellings: Numbered,
    windows: Numbered,
    incidents: Vec<(&'a Incident, String)>,
    outbox: Vec<(&'a OutboxEntry, String)>,
    flows: Vec<(&'a Channel, String)>,
    numbers: Vec<(&'static str, i64)>,
}

impl<'a> Commit<'a> {
    pub(super) fn new(batch: &'a Batch) -> Result<Self, Cause> {
        let mut states = Vec::new();
        let mut forgotten = Vec::new();
        for (check, state) in &batch.states {
            match state {
                Some(state) => states.push((check.as_str(), json(state)?)),
                None => forgotten.push(check.as_str()),
            }
        }
        let (mut holds, mut released) = (Vec::new(), Vec::new());
        for (server, hold) in &batch.holds {
            match hold {
                Some(hold) => holds.push((server.as_str(), json(hold)?)),
                None => released.push(server.as_str()),
            }
        }
        let tellings = numbered(&batch.tellings)?;
        let windows = numbered(&batch.windows)?;
        let incident = |incident: &'a Incident| Ok((incident, json(incident)?));
        let entry = |entry: &'a OutboxEntry| Ok((entry, json(entry)?));
        let flow = |(channel, flow): (&'a Channel, &Flow)| Ok((channel, json(flow)?));
        let next_incident = batch.next_incident.map(|next| ("incident", next));
        let next_notice = batch.next_notice.map(|next| ("notice", next));
        let next_window = batch.next_window.map(|next| ("window", next));
        let next = next_incident.into_iter().chain(next_notice).chain(next_window);
        let last_result = batch.last_result.map(|at| (LAST_RESULT, at.as_millis()));
        Ok(Self {
            states,
            forgotten,
            holds,
            released,
            tellings,
            windows,
            incidents: batch.incidents.values().map(incident).collect::<Result<_, Cause>>()?,
            outbox: batch.outbox.values().map(entry).collect::<Result<_, Cause>>()?,
            flows: batch.flows.iter().map(flow).collect::<Result<_, Cause>>()?,
            numbers: next.chain(last_result).collect(),
        })
    }

    /// Forgets what ended long ago. Journals read no clock: what is written now says about what
    /// time it is.
    async fn prune(&self, sql: &mut dyn Sql) -> Result<(), Cause> {
        let told = self.outbox.iter().map(|(entry, _)| entry.notice.at);
        let closed = self.incidents.iter().filter_map(|(incident, _)| closed_at(incident));
        let Some(newest) = told.chain(closed).max() else { return Ok(()) };
        let before = newest.minus(super::super::KEPT).as_millis();
        sql.execute("DELETE FROM incidents WHERE closed < ?".into(), &[Arg::Int(before)]).await?;
        let delete = "DELETE FROM outbox WHERE settled = 1 AND at < ?
            AND incident NOT IN (SELECT number FROM incidents WHERE closed IS NULL)";
        sql.execute(delete.into(), &[Arg::Int(before)]).await?;
        Ok(())
    }
}

#[async_trait]
impl Work for Commit<'_> {
    type Out = ();
    const WRITES: bool = true;

    async fn on(&self, sql: &mut dyn Sql) -> Result<(), Cause> {
        self.prune(sql).await?;
        for check in &self.forgotten {
            sql.execute("DELETE FROM states WHERE check_name = ?".into(), &[Arg::Text(check)])
                .await?;
        }
        for server in &self.released {
            sql.execute("DELETE FROM holds WHERE server = ?".into(), &[Arg::Text(server)]).await?;
        }
        let holds = self.holds.iter().map(|(server, body)| [Arg::Text(server), Arg::Text(body)]);
        HOLDS.rows(sql, holds).await?;
        write(sql, "DELETE FROM tellings WHERE incident = ?", &TELLINGS, &self.tellings).await?;
        write(sql, "DELETE FROM windows WHERE id = ?", &WINDOWS, &self.windows).await?;
        let states = self.states.iter().map(|(check, body)| [Arg::Text(check), Arg::Text(body)]);
        STATES.rows(sql, states).await?;
        let incidents = self.incidents.iter().map(|(incident, body)| {
            let closed = closed_at(incident).map_or(Arg::NoInt, |at| Arg::Int(at.as_millis()));
            [Arg::Int(incident.number), closed, Arg::Text(body)]
        });
        INCIDENTS.rows(sql, incidents).await?;
        OUTBOX.rows(sql, self.outbox.iter().map(|(entry, body)| outbox_row(entry, body))).await?;
        let flows = self.flows.iter().map(|(channel, body)| {
            [Arg::Text(channel.notifier.as_str()), Arg::Text(&channel.recipient), Arg::Text(body)]
        });
        FLOWS.rows(sql, flows).await?;
        NUMBERS
            .rows(sql, self.numbers.iter().map(|(name, next)| [Arg::Text(name), Arg::Int(*next)]))
            .await
    }
}

/// Rows by number; those without a body are over.
type Numbered = Vec<(i64, Option<String>)>;

fn numbered<T: Serialize>(entries: &BTreeMap<i64, Option<T>>) -> Result<Numbered, Cause> {
    entries
        .iter()
        .map(|(number, entry)| Ok((*number, entry.as_ref().map(json).transpose()?)))
        .collect()
}

async fn write(
    sql: &mut dyn Sql,
    delete: &'static str,
    upsert: &Upsert,
    rows: &Numbered,
) -> Result<(), Cause> {
    for (number, _) in rows.iter().filter(|(_, body)| body.is_none()) {
        sql.execute(delete.into(), &[Arg::Int(*number)]).await?;
    }
    let kept = rows.iter().filter_map(|(number, body)| Some((*number, body.as_deref()?)));
    upsert.rows(sql, kept.map(|(number, body)| [Arg::Int(number), Arg::Text(body)])).await
}

fn outbox_row<'a>(entry: &OutboxEntry, body: &'a str) -> [Arg<'a>; 5] {
    let settled = !entry.state.is_open() && !entry.awaits_report();
    let at: Timestamp = entry.next_at.max(entry.notice.at);
    [
        Arg::Int(entry.id),
        Arg::Int(i64::from(settled)),
        Arg::Int(at.as_millis()),
        // Numbers begin at 1: 0 is no incident.
        Arg::Int(entry.notice.incident.unwrap_or(0)),
        Arg::Text(body),
    ]
}

fn closed_at(incident: &Incident) -> Option<Timestamp> {
    incident.closed.map(|(at, _)| at)
}

fn json(value: &impl Serialize) -> Result<String, Cause> {
    serde_json::to_string(value).map_err(Cause::row)
}
