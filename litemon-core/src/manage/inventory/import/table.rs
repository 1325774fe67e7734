//! Comma-separated values with a header.

use super::{ImportError, MOST, address, name};
use crate::{
    manage::inventory::{Change, ServerDraft},
    model::{Device, Name},
    secret::Secret,
};

const COLUMNS: &str = "name, address, port, groups, labels, profiles, device, user, identity, jump, \
     password, sudo_password";

/// The servers of a table: `name` and `address` have to be there; lists are separated by `;` or
/// spaces, labels are `key=text`.
///
/// # Errors
/// [`ImportError`] for the first line that is not understood.
pub fn csv(text: &str) -> Result<Vec<ServerDraft>, ImportError> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .comment(Some(b'#'))
        .from_reader(text.as_bytes());
    let head = reader.headers().map_err(|error| unreadable(&error))?.clone();
    let mut servers = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| unreadable(&error))?;
        let line = row.position().map_or(1, |at| usize::try_from(at.line()).unwrap_or(1));
        let cells: Vec<(&str, &str)> =
            head.iter().zip(row.iter()).filter(|(_, cell)| !cell.is_empty()).collect();
        servers.push(server(&cells).map_err(|message| ImportError::at(line, message))?);
        if servers.len() > MOST {
            return Err(ImportError::too_many());
        }
    }
    Ok(servers)
}

fn unreadable(error: &csv::Error) -> ImportError {
    let line = error.position().and_then(|at| usize::try_from(at.line()).ok());
    // Its own words may repeat a cell, which may be a password.
    ImportError { line, message: "not as many cells as the header has, or not UTF-8".to_owned() }
}

fn server(cells: &[(&str, &str)]) -> Result<ServerDraft, String> {
    let cell = |column: &str| cells.iter().find(|(head, _)| *head == column).map(|(_, cell)| *cell);
    let called = cell("name").ok_or("name is missing")?;
    let host = cell("address").ok_or("address is missing")?;
    let mut draft = ServerDraft::new(name(called)?, address(host, cell("port")));
    for (column, cell) in cells {
        let text = || Some((*cell).to_owned());
        let secret = || Change::Set(Secret::new((*cell).to_owned()));
        match *column {
            "name" | "address" | "port" => {}
            "groups" => draft.groups = names(cell)?,
            "profiles" => draft.profiles = names(cell)?,
            "labels" => {
                for label in list(cell) {
                    let (key, text) = label.split_once('=').ok_or("a label is KEY=TEXT")?;
                    draft.labels.insert(key.to_owned(), text.to_owned());
                }
            }
            "device" => {
                let words = || format!("device: expected {}", Device::words());
                draft.device = Device::parse(cell).ok_or_else(words)?;
            }
            "user" => draft.user = text(),
            "identity" => draft.identity = text(),
            "jump" => draft.jump = text(),
            "password" => draft.password = secret(),
            "sudo_password" => draft.sudo_password = secret(),
            other => return Err(format!("no column {other:?}; expected {COLUMNS}")),
        }
    }
    Ok(draft)
}

fn list(cell: &str) -> impl Iterator<Item = &str> {
    cell.split([';', ' ']).filter(|word| !word.is_empty())
}

fn names(cell: &str) -> Result<Vec<Name>, String> {
    list(cell).map(name).collect()
}
