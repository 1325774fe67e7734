use async_trait::async_trait;
use serde::de::DeserializeOwned;

use super::commit::LAST_RESULT;

use crate::{
    journal::Image,
    model::{CheckId, Name, Timestamp},
    policy::Channel,
    store::sql::{Arg, Cause, Row, Sql, Work},
};

/// Reads the image.
pub(super) struct Load;

#[async_trait]
impl Work for Load {
    type Out = Image;
    // Not for writing, but for one moment in which all of it is seen.
    const WRITES: bool = true;

    async fn on(&self, sql: &mut dyn Sql) -> Result<Image, Cause> {
        let mut image = Image {
            next_incident: next(sql, "incident").await?.unwrap_or(1),
            next_notice: next(sql, "notice").await?.unwrap_or(1),
            next_window: next(sql, "window").await?.unwrap_or(1),
            last_result: next(sql, LAST_RESULT).await?.map(Timestamp::from_millis),
            ..Image::default()
        };
        for row in sql.fetch("SELECT body, check_name FROM states".into(), &[]).await? {
            let check = CheckId::parse(&row.text(1)?).map_err(Cause::row)?;
            image.states.insert(check, body(&*row)?);
        }
        for row in sql.fetch("SELECT body, server FROM holds".into(), &[]).await? {
            let server = Name::new(&row.text(1)?).map_err(Cause::row)?;
            image.holds.insert(server, body(&*row)?);
        }
        for row in sql.fetch("SELECT body, incident FROM tellings".into(), &[]).await? {
            image.tellings.insert(row.int(1)?, body(&*row)?);
        }
        for row in sql.fetch("SELECT body, id FROM windows".into(), &[]).await? {
            image.windows.insert(row.int(1)?, body(&*row)?);
        }
        for row in sql.fetch("SELECT body, notifier, recipient FROM flows".into(), &[]).await? {
            let notifier = Name::new(&row.text(1)?).map_err(Cause::row)?;
            image.flows.insert(Channel::new(notifier, row.text(2)?), body(&*row)?);
        }
        for row in sql.fetch("SELECT body, number FROM incidents".into(), &[]).await? {
            image.incidents.insert(row.int(1)?, body(&*row)?);
        }
        let wanted = "SELECT body, id FROM outbox WHERE settled = 0
            OR incident IN (SELECT number FROM incidents WHERE closed IS NULL)";
        for row in sql.fetch(wanted.into(), &[]).await? {
            image.outbox.insert(row.int(1)?, body(&*row)?);
        }
        Ok(image)
    }
}

async fn next(sql: &mut dyn Sql, name: &str) -> Result<Option<i64>, Cause> {
    let query = "SELECT next FROM numbers WHERE name = ?";
    let rows = sql.fetch(query.into(), &[Arg::Text(name)]).await?;
    rows.first().map(|row| row.int(0)).transpose()
}

fn body<T: DeserializeOwned>(row: &dyn Row) -> Result<T, Cause> {
    serde_json::from_str(&row.text(0)?).map_err(Cause::row)
}
