//! A history that is filled by SQL, on either database.

use std::{path::Path, sync::Arc};

use litemon_core::store::{MySqlSettings, MySqlStore, SqliteStore, Store};
use sqlx::{
    AssertSqlSafe, Connection, Executor, MySqlConnection, Row, SqliteConnection,
    mysql::MySqlConnectOptions,
};

/// The present hour of the made-up history, and the end of it.
pub const END: i64 = 1_700_002_800_000;

enum Sql {
    Sqlite(SqliteConnection),
    MySql(MySqlConnection),
}

/// A database with the tables of a store.
pub struct Database {
    pub name: &'static str,
    pub store: Arc<dyn Store>,
    sql: Sql,
}

impl Database {
    pub async fn sqlite(path: &Path) -> Self {
        let store = SqliteStore::open(path);
        store.migrate().await.unwrap();
        let url = format!("sqlite:{}", path.display());
        let sql = Sql::Sqlite(SqliteConnection::connect(&url).await.unwrap());
        Self { name: "SQLite", store: Arc::new(store), sql }
    }

    pub async fn mysql(settings: MySqlSettings) -> Self {
        let store = MySqlStore::connect(settings.clone());
        store.migrate().await.unwrap();
        let mut options = MySqlConnectOptions::new()
            .host(&settings.host)
            .port(settings.port)
            .database(&settings.database)
            .username(&settings.user);
        if let Some(password) = &settings.password {
            options = options.password(password.expose());
        }
        let sql = Sql::MySql(MySqlConnection::connect_with(&options).await.unwrap());
        Self { name: "MariaDB", store: Arc::new(store), sql }
    }

    async fn run(&mut self, text: String) {
        let text = sqlx::raw_sql(AssertSqlSafe(text));
        match &mut self.sql {
            Sql::Sqlite(sql) => drop(sql.execute(text).await.unwrap()),
            Sql::MySql(sql) => drop(sql.execute(text).await.unwrap()),
        }
    }

    async fn number(&mut self, text: &'static str) -> i64 {
        match &mut self.sql {
            Sql::Sqlite(sql) => sqlx::query(text).fetch_one(sql).await.unwrap().get(0),
            Sql::MySql(sql) => sqlx::query(text).fetch_one(sql).await.unwrap().get(0),
        }
    }

    fn random(&self) -> &'static str {
        match self.sql {
            Sql::Sqlite(_) => "abs(random() % 10000) / 100.0",
            Sql::MySql(_) => "RAND() * 100",
        }
    }

    /// `0 <= n < count` as rows.
    fn numbers(&self, count: i64) -> String {
        let last = count - 1;
        match self.sql {
            Sql::Sqlite(_) => format!(
                "(WITH RECURSIVE s(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n < {last}) \
                 SELECT n FROM s) AS s"
            ),
            Sql::MySql(_) => format!("(SELECT seq AS n FROM seq_0_to_{last}) AS s"),
        }
    }

    pub async fn checks(&mut self, count: i64) {
        let name = match self.sql {
            Sql::Sqlite(_) => "'server-' || (n / 10) || '/check-' || (n % 10)",
            Sql::MySql(_) => "CONCAT('server-', n DIV 10, '/check-', n % 10)",
        };
        let numbers = self.numbers(count);
        self.run(format!("INSERT INTO checks (id, name) SELECT n + 1, {name} FROM {numbers}"))
            .await;
    }

    /// Rows of minutes or hours of all checks, as they come: time by time.
    pub async fn rows(&mut self, table: &str, long: i64, count: i64) {
        let random = self.random();
        for group in (0..count).collect::<Vec<_>>().chunks(100) {
            self.begin().await;
            for n in group {
                let at = END - (count - n) * long;
                self.run(format!(
                    "INSERT INTO {table} SELECT id, {at}, {random}, {random}, {random}, 360 FROM checks"
                ))
                .await;
            }
            self.run("COMMIT".into()).await;
        }
    }

    /// Raw values of the first checks, one each ten seconds.
    pub async fn raw(&mut self, checks: i64, days: i64) {
        let random = self.random();
        let numbers = self.numbers(8640);
        for day in 0..days {
            let from = END - (days - day) * 86_400_000;
            let at = format!("({from} + n * 10000 + id)");
            let slot = format!("({} + n)", from / 10_000);
            self.run(format!(
                "INSERT INTO raw_values SELECT {slot}, id, {at}, {random} FROM {numbers} \
                 JOIN checks WHERE id <= {checks} ORDER BY n, id"
            ))
            .await;
        }
    }

    /// Everything up to the end was worked out.
    pub async fn all_rolled(&mut self) {
        self.run(format!("UPDATE marks SET at = {END} WHERE name = 'rolled'")).await;
    }

    async fn begin(&mut self) {
        let begin = match self.sql {
            Sql::Sqlite(_) => "BEGIN IMMEDIATE",
            Sql::MySql(_) => "START TRANSACTION",
        };
        self.run(begin.into()).await;
    }

    /// What the database takes on disk, in bytes.
    pub async fn size(&mut self) -> i64 {
        match self.sql {
            Sql::Sqlite(_) => {
                self.number(
                    "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
                )
                .await
            }
            Sql::MySql(_) => {
                self.run("ANALYZE TABLE raw_values, minute_values, hour_values".into()).await;
                self.number(
                    "SELECT CAST(SUM(data_length + index_length) AS SIGNED) \
                     FROM information_schema.tables WHERE table_schema = DATABASE()",
                )
                .await
            }
        }
    }
}
