use super::{Arg, Cause, Dialect, Sql};

/// A column of an [`Upsert`].
#[derive(Clone, Copy, Debug)]
pub(crate) enum Column {
    /// Part of the key.
    Key(&'static str),
    /// Replaced.
    Data(&'static str),
}

impl Column {
    const fn name(self) -> &'static str {
        match self {
            Self::Key(name) | Self::Data(name) => name,
        }
    }
}

/// Rows that are put in, or replace those of the same key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Upsert {
    pub(crate) table: &'static str,
    /// The guard's column, if any, has to be the last one: MySQL assigns from left to right, and
    /// the others still have to see its old value.
    pub(crate) columns: &'static [Column],
    /// When a row replaces one of the same key, with `{new}` before a new column and `{old}`
    /// before an old one. Always when `None`.
    pub(crate) guard: Option<Guard>,
}

/// A condition, as each database writes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Guard {
    pub(crate) sqlite: &'static str,
    pub(crate) mysql: &'static str,
}

impl Upsert {
    fn sql(&self, dialect: Dialect, rows: usize) -> String {
        let names: Vec<_> = self.columns.iter().map(|column| column.name()).collect();
        let row = format!("({})", vec!["?"; names.len()].join(", "));
        let mut sql = format!(
            "INSERT INTO {} ({}) VALUES {}",
            self.table,
            names.join(", "),
            vec![row.as_str(); rows].join(", ")
        );
        match dialect {
            Dialect::Sqlite => self.on_conflict(&mut sql),
            Dialect::MySql => self.on_duplicate_key(&mut sql),
        }
        sql
    }

    fn on_conflict(&self, sql: &mut String) {
        let keys = self.keys().join(", ");
        let sets: Vec<_> =
            self.data().into_iter().map(|name| format!("{name} = excluded.{name}")).collect();
        *sql += &format!(" ON CONFLICT ({keys}) DO UPDATE SET {}", sets.join(", "));
        if let Some(guard) = self.guard {
            *sql += &format!(" WHERE {}", guard.sqlite);
        }
    }

    fn on_duplicate_key(&self, sql: &mut String) {
        let set = |name: &str| match self.guard {
            Some(guard) => format!("{name} = IF({}, VALUES({name}), {name})", guard.mysql),
            None => format!("{name} = VALUES({name})"),
        };
        let sets: Vec<_> = self.data().into_iter().map(set).collect();
        *sql += &format!(" ON DUPLICATE KEY UPDATE {}", sets.join(", "));
    }

    fn keys(&self) -> Vec<&'static str> {
        self.pick(|column| matches!(column, Column::Key(_)))
    }

    fn data(&self) -> Vec<&'static str> {
        self.pick(|column| matches!(column, Column::Data(_)))
    }

    fn pick(&self, which: impl Fn(Column) -> bool) -> Vec<&'static str> {
        self.columns.iter().filter(|column| which(**column)).map(|column| column.name()).collect()
    }

    /// Writes rows, several in a statement.
    pub(crate) async fn rows<'a, const N: usize>(
        &self,
        sql: &mut dyn Sql,
        rows: impl Iterator<Item = [Arg<'a>; N]> + Send,
    ) -> Result<(), Cause> {
        let args: Vec<Arg<'a>> = rows.flatten().collect();
        let dialect = sql.dialect();
        for (count, args) in pieces(&args, N) {
            sql.execute(self.sql(dialect, count), args).await?;
        }
        Ok(())
    }
}

/// Puts rows in a table; several in a statement.
pub(crate) async fn insert<'a, const N: usize>(
    sql: &mut dyn Sql,
    into: &'static str,
    rows: impl Iterator<Item = [Arg<'a>; N]> + Send,
) -> Result<(), Cause> {
    let args: Vec<Arg<'a>> = rows.flatten().collect();
    let row = format!("({})", ["?"; N].join(", "));
    for (count, args) in pieces(&args, N) {
        let values = vec![row.as_str(); count].join(", ");
        sql.execute(format!("{into} VALUES {values}"), args).await?;
    }
    Ok(())
}

/// Cuts rows of `width` into pieces whose sizes are powers of four, so that few different
/// statements have to be prepared and kept.
fn pieces<'s, 'a>(args: &'s [Arg<'a>], width: usize) -> Vec<(usize, &'s [Arg<'a>])> {
    let mut rest = args;
    let mut pieces = Vec::new();
    for count in [256, 64, 16, 4, 1] {
        while let Some((piece, behind)) = rest.split_at_checked(count * width) {
            pieces.push((count, piece));
            rest = behind;
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: Upsert = Upsert {
        table: "t",
        columns: &[Column::Key("k"), Column::Data("v"), Column::Data("at")],
        guard: Some(Guard { sqlite: "excluded.at >= t.at", mysql: "VALUES(at) >= at" }),
    };

    #[test]
    fn each_database_gets_its_words() {
        assert_eq!(
            TABLE.sql(Dialect::Sqlite, 2),
            "INSERT INTO t (k, v, at) VALUES (?, ?, ?), (?, ?, ?) ON CONFLICT (k) DO UPDATE SET \
             v = excluded.v, at = excluded.at WHERE excluded.at >= t.at"
        );
        assert_eq!(
            TABLE.sql(Dialect::MySql, 1),
            "INSERT INTO t (k, v, at) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE \
             v = IF(VALUES(at) >= at, VALUES(v), v), at = IF(VALUES(at) >= at, VALUES(at), at)"
        );
    }

    #[test]
    fn pieces_hold_every_row_once() {
        let args: Vec<_> = (0..2 * 343).map(Arg::Int).collect();
        let sizes: Vec<_> = pieces(&args, 2).iter().map(|(count, _)| *count).collect();
        assert_eq!(sizes, [256, 64, 16, 4, 1, 1, 1]);
        assert!(pieces(&[], 3).is_empty());
    }
}
