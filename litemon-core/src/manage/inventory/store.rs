//! The table of servers.

use rand::RngExt;
use serde_json::{Value, json};

use super::{Change, ServerDraft, Stored};
use crate::{
    manage::{ManageError, Office, Vault, VaultError, vault::Sealed},
    store::sql::Arg,
};

/// See [`Database`](crate::manage::database::Database).
pub(in crate::manage) const TABLES: &str = "\
    CREATE TABLE servers (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, definition TEXT NOT NULL,
        password TEXT, sudo_password TEXT, private_key TEXT, added INTEGER NOT NULL,
        changed INTEGER NOT NULL);
    CREATE TABLE inventory (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL);
    INSERT INTO inventory (id, version) VALUES (1, 0);
    CREATE TABLE facts (server TEXT PRIMARY KEY, at INTEGER NOT NULL, facts TEXT NOT NULL);";

/// The columns that hold sealed secrets.
pub(in crate::manage) const SEALED: &[Sealed] = &[
    Sealed {
        read: "SELECT id, password FROM servers WHERE password IS NOT NULL",
        write: "UPDATE servers SET password = ? WHERE id = ? AND password = ?",
        context: |id| context(id, "password"),
    },
    Sealed {
        read: "SELECT id, sudo_password FROM servers WHERE sudo_password IS NOT NULL",
        write: "UPDATE servers SET sudo_password = ? WHERE id = ? AND sudo_password = ?",
        context: |id| context(id, "sudo_password"),
    },
    Sealed {
        read: "SELECT id, private_key FROM servers WHERE private_key IS NOT NULL",
        write: "UPDATE servers SET private_key = ? WHERE id = ? AND private_key = ?",
        context: |id| context(id, "private_key"),
    },
];

const CHANGED: &str = "UPDATE inventory SET version = version + 1";

fn context(id: i64, column: &str) -> String {
    format!("server/{id}/{column}")
}

/// A server as it is stored.
#[derive(Clone, Debug)]
pub(super) struct Row {
    id: i64,
    pub(super) draft: ServerDraft,
    password: Option<String>,
    sudo_password: Option<String>,
    private_key: Option<String>,
}

impl Row {
    /// A new one. Its number is random, so that a sealed text of one that was removed does not open
    /// in one that is added later.
    pub(super) fn new(draft: ServerDraft, vault: &Vault) -> Result<Self, VaultError> {
        let id = rand::rng().random_range(1..1_i64 << 52);
        let empty = Self {
            id,
            draft: draft.clone(),
            password: None,
            sudo_password: None,
            private_key: None,
        };
        empty.changed(draft, vault)
    }

    /// The same server, with what is said of it now.
    pub(super) fn changed(&self, draft: ServerDraft, vault: &Vault) -> Result<Self, VaultError> {
        let seal = |key: &str, old: &Option<String>, change: &Change| match change {
            Change::Keep => Ok(old.clone()),
            Change::Remove => Ok(None),
            Change::Set(secret) => vault.seal(&self.context(key), secret).map(Some),
        };
        Ok(Self {
            id: self.id,
            password: seal("password", &self.password, &draft.password)?,
            sudo_password: seal("sudo_password", &self.sudo_password, &draft.sudo_password)?,
            private_key: seal("private_key", &self.private_key, &draft.private_key)?,
            draft: ServerDraft {
                password: Change::Keep,
                sudo_password: Change::Keep,
                private_key: Change::Keep,
                ..draft
            },
        })
    }

    pub(super) fn context(&self, key: &str) -> String {
        context(self.id, key)
    }

    /// The keys of `[servers.NAME.ssh]` that are sealed.
    pub(super) fn sealed(&self) -> [(&'static str, Option<&str>); 3] {
        [
            ("password", self.password.as_deref()),
            ("sudo_password", self.sudo_password.as_deref()),
            ("private_key", self.private_key.as_deref()),
        ]
    }

    pub(super) const fn stored(&self) -> Stored {
        Stored {
            password: self.password.is_some(),
            sudo_password: self.sudo_password.is_some(),
            private_key: self.private_key.is_some(),
        }
    }

    /// What the audit trail says of it: no secrets, but which there are.
    pub(super) fn told(&self) -> Value {
        let stored: Vec<&str> =
            self.sealed().iter().filter_map(|(key, sealed)| sealed.map(|_| *key)).collect();
        json!({ "definition": self.draft, "stored": stored })
    }
}

impl Office {
    pub(super) async fn server_rows(&self) -> Result<Vec<Row>, ManageError> {
        let sql = "SELECT id, definition, password, sudo_password, private_key FROM servers
            ORDER BY name";
        let rows = self.database.rows(sql, &[]).await?;
        let unreadable = |cause| self.database.unreadable(cause);
        let mut servers = Vec::with_capacity(rows.len());
        for row in rows {
            let text = row.text(1).map_err(unreadable)?;
            let draft = serde_json::from_str(&text).map_err(|_| {
                let message = "a stored server cannot be read: the database is damaged";
                ManageError::Conflict(message.to_owned())
            })?;
            servers.push(Row {
                id: row.int(0).map_err(unreadable)?,
                draft,
                password: row.maybe_text(2).map_err(unreadable)?,
                sudo_password: row.maybe_text(3).map_err(unreadable)?,
                private_key: row.maybe_text(4).map_err(unreadable)?,
            });
        }
        Ok(servers)
    }

    pub(super) async fn inventory_version(&self) -> Result<i64, ManageError> {
        let rows = self.database.rows("SELECT version FROM inventory", &[]).await?;
        let version = rows.first().map_or(Ok(0), |row| row.int(0));
        version.map_err(|cause| self.database.unreadable(cause))
    }

    pub(super) async fn insert_servers(&self, rows: &[Row]) -> Result<(), ManageError> {
        let now = self.clock.now().as_millis();
        let definitions: Vec<String> = rows.iter().map(definition).collect();
        let args: Vec<[Arg<'_>; 8]> = rows
            .iter()
            .zip(&definitions)
            .map(|(row, definition)| {
                [
                    Arg::Int(row.id),
                    Arg::Text(row.draft.name.as_str()),
                    Arg::Text(definition),
                    row.password.as_deref().into(),
                    row.sudo_password.as_deref().into(),
                    row.private_key.as_deref().into(),
                    Arg::Int(now),
                    Arg::Int(now),
                ]
            })
            .collect();
        let sql = "INSERT INTO servers (id, name, definition, password, sudo_password, private_key,
            added, changed) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        let mut statements: Vec<_> = args.iter().map(|args| (sql, &args[..])).collect();
        statements.push((CHANGED, &[]));
        self.database.write(&statements).await.map(drop)
    }

    pub(super) async fn update_server(&self, row: &Row) -> Result<(), ManageError> {
        let sql = "UPDATE servers SET definition = ?, password = ?, sudo_password = ?,
            private_key = ?, changed = ? WHERE id = ?";
        let definition = definition(row);
        let args = [
            Arg::Text(&definition),
            row.password.as_deref().into(),
            row.sudo_password.as_deref().into(),
            row.private_key.as_deref().into(),
            Arg::Int(self.clock.now().as_millis()),
            Arg::Int(row.id),
        ];
        let touched = self.database.write(&[(sql, &args), (CHANGED, &[])]).await?;
        there(row, &touched)
    }

    pub(super) async fn delete_server(&self, row: &Row) -> Result<(), ManageError> {
        let (id, name) = ([Arg::Int(row.id)], [Arg::Text(row.draft.name.as_str())]);
        let touched = self
            .database
            .write(&[
                ("DELETE FROM servers WHERE id = ?", &id),
                ("DELETE FROM facts WHERE server = ?", &name),
                (CHANGED, &[]),
            ])
            .await?;
        there(row, &touched)
    }
}

fn definition(row: &Row) -> String {
    json!(row.draft).to_string()
}

/// Somebody else may have removed it meanwhile.
fn there(row: &Row, touched: &[u64]) -> Result<(), ManageError> {
    match touched.first() {
        Some(1..) => Ok(()),
        _ => Err(super::no_server(row.draft.name.as_str())),
    }
}
