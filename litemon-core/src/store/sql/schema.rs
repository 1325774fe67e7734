use async_trait::async_trait;

use super::{Arg, Cause, Dialect, Sql, Work};

/// One statement each, which does no harm when it is run again: MySQL commits each by itself.
struct Step {
    sqlite: &'static str,
    mysql: &'static str,
}

const VERSIONS: &str =
    "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL PRIMARY KEY)";

/// The schema, step by step; its version is how many were made. docs/SCHEMA.md describes it.
const STEPS: &[Step] = &[
    Step {
        sqlite: "CREATE TABLE IF NOT EXISTS checks (
            id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE)",
        mysql: "CREATE TABLE IF NOT EXISTS checks (
            id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(191) NOT NULL UNIQUE
            ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
    },
    Step {
        sqlite: "CREATE TABLE IF NOT EXISTS check_values (
            check_id INTEGER NOT NULL, at INTEGER NOT NULL, value REAL NOT NULL,
            PRIMARY KEY (check_id, at)) WITHOUT ROWID",
        mysql: "CREATE TABLE IF NOT EXISTS check_values (
            check_id BIGINT NOT NULL, at BIGINT NOT NULL, value DOUBLE NOT NULL,
            PRIMARY KEY (check_id, at)
            ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
    },
    Step {
        sqlite: "CREATE TABLE IF NOT EXISTS current_status (
            check_id INTEGER NOT NULL PRIMARY KEY, kind TEXT NOT NULL, status TEXT NOT NULL,
            since INTEGER NOT NULL, at INTEGER NOT NULL, value REAL, failure TEXT, detail TEXT,
            last TEXT NOT NULL)",
        mysql: "CREATE TABLE IF NOT EXISTS current_status (
            check_id BIGINT NOT NULL PRIMARY KEY, kind VARCHAR(32) NOT NULL,
            status VARCHAR(32) NOT NULL, since BIGINT NOT NULL, at BIGINT NOT NULL, value DOUBLE,
            failure VARCHAR(32), detail MEDIUMTEXT, last MEDIUMTEXT NOT NULL
            ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
    },
    Step {
        sqlite: "CREATE TABLE IF NOT EXISTS status_changes (
            check_id INTEGER NOT NULL, at INTEGER NOT NULL, status TEXT NOT NULL,
            detail TEXT NOT NULL, PRIMARY KEY (check_id, at)) WITHOUT ROWID",
        mysql: "CREATE TABLE IF NOT EXISTS status_changes (
            check_id BIGINT NOT NULL, at BIGINT NOT NULL, status VARCHAR(32) NOT NULL,
            detail MEDIUMTEXT NOT NULL, PRIMARY KEY (check_id, at)
            ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
    },
    Step {
        sqlite: "CREATE TABLE IF NOT EXISTS incidents (
            number INTEGER NOT NULL PRIMARY KEY, check_id INTEGER NOT NULL, kind TEXT NOT NULL,
            since INTEGER NOT NULL, raised INTEGER NOT NULL, status TEXT NOT NULL,
            worst TEXT NOT NULL, detail TEXT, last TEXT NOT NULL, close_reason TEXT,
            closed_at INTEGER)",
        mysql: "CREATE TABLE IF NOT EXISTS incidents (
            number BIGINT NOT NULL PRIMARY KEY, check_id BIGINT NOT NULL,
            kind VARCHAR(32) NOT NULL, since BIGINT NOT NULL, raised BIGINT NOT NULL,
            status VARCHAR(32) NOT NULL, worst VARCHAR(32) NOT NULL, detail MEDIUMTEXT,
            last MEDIUMTEXT NOT NULL, close_reason VARCHAR(32), closed_at BIGINT,
            KEY incidents_by_check (check_id, since), KEY incidents_by_time (since)
            ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
    },
    Step {
        sqlite: "CREATE TABLE IF NOT EXISTS notices (
            id INTEGER NOT NULL PRIMARY KEY, incident INTEGER, check_id INTEGER NOT NULL,
            notifier TEXT NOT NULL, recipient TEXT NOT NULL, reason TEXT NOT NULL,
            at INTEGER NOT NULL, state TEXT NOT NULL, state_at INTEGER NOT NULL)",
        mysql: "CREATE TABLE IF NOT EXISTS notices (
            id BIGINT NOT NULL PRIMARY KEY, incident BIGINT, check_id BIGINT NOT NULL,
            notifier VARCHAR(191) NOT NULL, recipient TEXT NOT NULL, reason VARCHAR(32) NOT NULL,
            at BIGINT NOT NULL, state VARCHAR(32) NOT NULL, state_at BIGINT NOT NULL,
            KEY notices_by_incident (incident, id), KEY notices_by_time (at)
            ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
    },
    Step {
        sqlite: "CREATE TABLE IF NOT EXISTS notice_attempts (
            notice INTEGER NOT NULL, attempt INTEGER NOT NULL, at INTEGER NOT NULL,
            took_ms INTEGER NOT NULL, result TEXT NOT NULL, detail TEXT NOT NULL,
            PRIMARY KEY (notice, attempt)) WITHOUT ROWID",
        mysql: "CREATE TABLE IF NOT EXISTS notice_attempts (
            notice BIGINT NOT NULL, attempt BIGINT NOT NULL, at BIGINT NOT NULL,
            took_ms BIGINT NOT NULL, result VARCHAR(32) NOT NULL, detail MEDIUMTEXT NOT NULL,
            PRIMARY KEY (notice, attempt)
            ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
    },
    // MySQL has its indexes in the table, as it knows no CREATE INDEX IF NOT EXISTS.
    Step {
        sqlite: "CREATE INDEX IF NOT EXISTS incidents_by_check ON incidents (check_id, since)",
        mysql: "DO 0",
    },
    Step {
        sqlite: "CREATE INDEX IF NOT EXISTS incidents_by_time ON incidents (since)",
        mysql: "DO 0",
    },
    Step {
        sqlite: "CREATE INDEX IF NOT EXISTS notices_by_incident ON notices (incident, id)",
        mysql: "DO 0",
    },
    Step { sqlite: "CREATE INDEX IF NOT EXISTS notices_by_time ON notices (at)", mysql: "DO 0" },
    Step {
        sqlite: "CREATE TABLE IF NOT EXISTS raw_values (
            slot INTEGER NOT NULL, check_id INTEGER NOT NULL, at INTEGER NOT NULL,
            value REAL NOT NULL, PRIMARY KEY (slot, check_id, at)) WITHOUT ROWID",
        mysql: "CREATE TABLE IF NOT EXISTS raw_values (
            slot BIGINT NOT NULL, check_id BIGINT NOT NULL, at BIGINT NOT NULL,
            value DOUBLE NOT NULL, PRIMARY KEY (slot, check_id, at)
            ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
            PARTITION BY RANGE (at) (PARTITION later VALUES LESS THAN MAXVALUE)",
    },
    Step {
        sqlite: "CREATE TABLE IF NOT EXISTS minute_values (
            check_id INTEGER NOT NULL, at INTEGER NOT NULL, min_value REAL NOT NULL,
            avg_value REAL NOT NULL, max_value REAL NOT NULL, samples INTEGER NOT NULL,
            PRIMARY KEY (check_id, at)) WITHOUT ROWID",
        mysql: "CREATE TABLE IF NOT EXISTS minute_values (
            check_id BIGINT NOT NULL, at BIGINT NOT NULL, min_value DOUBLE NOT NULL,
            avg_value DOUBLE NOT NULL, max_value DOUBLE NOT NULL, samples BIGINT NOT NULL,
            PRIMARY KEY (check_id, at)
            ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
            PARTITION BY RANGE (at) (PARTITION later VALUES LESS THAN MAXVALUE)",
    },
    Step {
        sqlite: "CREATE TABLE IF NOT EXISTS hour_values (
            check_id INTEGER NOT NULL, at INTEGER NOT NULL, min_value REAL NOT NULL,
            avg_value REAL NOT NULL, max_value REAL NOT NULL, samples INTEGER NOT NULL,
            PRIMARY KEY (check_id, at)) WITHOUT ROWID",
        mysql: "CREATE TABLE IF NOT EXISTS hour_values (
            check_id BIGINT NOT NULL, at BIGINT NOT NULL, min_value DOUBLE NOT NULL,
            avg_value DOUBLE NOT NULL, max_value DOUBLE NOT NULL, samples BIGINT NOT NULL,
            PRIMARY KEY (check_id, at)
            ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
            PARTITION BY RANGE (at) (PARTITION later VALUES LESS THAN MAXVALUE)",
    },
    Step {
        sqlite: "CREATE TABLE IF NOT EXISTS status_hours (
            check_id INTEGER NOT NULL, at INTEGER NOT NULL, first_at INTEGER NOT NULL,
            up_ms INTEGER NOT NULL, down_ms INTEGER NOT NULL, unknown_ms INTEGER NOT NULL,
            status TEXT NOT NULL, PRIMARY KEY (check_id, at)) WITHOUT ROWID",
        mysql: "CREATE TABLE IF NOT EXISTS status_hours (
            check_id BIGINT NOT NULL, at BIGINT NOT NULL, first_at BIGINT NOT NULL,
            up_ms BIGINT NOT NULL, down_ms BIGINT NOT NULL, unknown_ms BIGINT NOT NULL,
            status VARCHAR(32) NOT NULL, PRIMARY KEY (check_id, at)
            ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
    },
    Step {
        sqlite: "CREATE TABLE IF NOT EXISTS marks (name TEXT NOT NULL PRIMARY KEY, at INTEGER NOT NULL)",
        mysql: "CREATE TABLE IF NOT EXISTS marks (
            name VARCHAR(32) NOT NULL PRIMARY KEY, at BIGINT NOT NULL
            ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
    },
    Step {
        sqlite: "INSERT OR IGNORE INTO marks (name, at) VALUES
            ('rolled', -1), ('seen', -1), ('raw', 0), ('minute', 0), ('hour', 0)",
        mysql: "INSERT IGNORE INTO marks (name, at) VALUES
            ('rolled', -1), ('seen', -1), ('raw', 0), ('minute', 0), ('hour', 0)",
    },
    Step {
        sqlite: "CREATE TABLE IF NOT EXISTS notice_digests (
            notice INTEGER NOT NULL PRIMARY KEY, digest INTEGER NOT NULL, told INTEGER NOT NULL,
            numbers TEXT NOT NULL)",
        mysql: "CREATE TABLE IF NOT EXISTS notice_digests (
            notice BIGINT NOT NULL PRIMARY KEY, digest BIGINT NOT NULL, told BIGINT NOT NULL,
            numbers TEXT NOT NULL
            ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
    },
];

/// Brings the tables up to date on SQLite, in one transaction that keeps a second starter out.
pub(super) struct MigrateInTransaction;

#[async_trait]
impl Work for MigrateInTransaction {
    type Out = ();
    const WRITES: bool = true;

    async fn on(&self, sql: &mut dyn Sql) -> Result<(), Cause> {
        steps(sql).await
    }
}

/// Brings the tables up to date on MySQL, under a lock of the server that keeps a second starter
/// out. (The lock of a Galera cluster is the node's own; there the steps being idempotent helps.)
pub(super) struct MigrateUnderLock;

#[async_trait]
impl Work for MigrateUnderLock {
    type Out = ();
    const WRITES: bool = false;

    async fn on(&self, sql: &mut dyn Sql) -> Result<(), Cause> {
        // Never a negative time to wait: MariaDB answers that with NULL and no lock.
        let lock = "SELECT CAST(GET_LOCK(CONCAT('litemon.', LEFT(DATABASE(), 40)), 6) AS SIGNED)";
        let given = sql.fetch(lock.into(), &[]).await?;
        if given.first().map(|row| row.maybe_int(0)).transpose()?.flatten() != Some(1) {
            return Err(Cause::Migrating);
        }
        let result = steps(sql).await;
        // The connection ends, or this ends the lock.
        let unlock = sql.run("DO RELEASE_LOCK(CONCAT('litemon.', LEFT(DATABASE(), 40)))").await;
        result.and(unlock)
    }
}

async fn steps(sql: &mut dyn Sql) -> Result<(), Cause> {
    sql.run(VERSIONS).await?;
    let made = version(sql).await?;
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    if made > known {
        return Err(Cause::Newer { found: made, known });
    }
    for (number, step) in (1..).zip(STEPS).filter(|(number, _)| *number > made) {
        sql.run(match sql.dialect() {
            Dialect::Sqlite => step.sqlite,
            Dialect::MySql => step.mysql,
        })
        .await?;
        let insert = "INSERT INTO schema_version (version) VALUES (?)";
        sql.execute(insert.into(), &[Arg::Int(number)]).await?;
    }
    Ok(())
}

async fn version(sql: &mut dyn Sql) -> Result<i64, Cause> {
    let query = "SELECT COALESCE(MAX(version), 0) FROM schema_version";
    let rows = sql.fetch(query.into(), &[]).await?;
    rows.first().map_or(Ok(0), |row| row.int(0))
}
