use std::{net::IpAddr, path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use sqlx::{
    ConnectOptions, Connection, MySql, MySqlConnection,
    mysql::{MySqlArguments, MySqlConnectOptions, MySqlDatabaseError, MySqlRow, MySqlSslMode},
};

use super::sql::{
    Backend, Cause, Dialect, Sql, Tables, from_sqlx, sql_on_connection, store_in_tables,
};
use crate::secret::Secret;

/// The longest that connecting may take, out of the time of the call that needs it.
const CONNECT: Duration = Duration::from_secs(3);

/// Where a MySQL or MariaDB server is and how to log in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MySqlSettings {
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// The database; it has to exist.
    pub database: String,
    /// The user; it needs CREATE, SELECT, INSERT, UPDATE there, and ALTER, DROP, DELETE to
    /// remove what is old.
    pub user: String,
    /// Its password.
    pub password: Option<Secret>,
    /// How the connection is protected.
    pub tls: MySqlTls,
}

impl MySqlSettings {
    /// Port 3306, no password, TLS as by default.
    #[must_use]
    pub fn new(host: &str, database: &str, user: &str) -> Self {
        Self {
            host: host.to_owned(),
            port: 3306,
            database: database.to_owned(),
            user: user.to_owned(),
            password: None,
            tls: MySqlTls::default(),
        }
    }

    fn loopback(&self) -> bool {
        let address = self.host.trim_matches(['[', ']']).parse::<IpAddr>();
        self.host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|ip| ip.is_loopback())
    }

    fn options(&self) -> MySqlConnectOptions {
        let host = self.host.trim_matches(['[', ']']);
        let mut options = MySqlConnectOptions::new()
            .host(host)
            .port(self.port)
            .database(&self.database)
            .username(&self.user)
            .charset("utf8mb4")
            .collation("utf8mb4_bin")
            .disable_statement_logging();
        if let Some(password) = &self.password {
            options = options.password(password.expose());
        }
        match &self.tls {
            // On loopback nobody listens in; MySQL 8 takes no password without TLS all the same.
            MySqlTls::VerifiedUnlessLoopback if self.loopback() => {
                options.ssl_mode(MySqlSslMode::Preferred)
            }
            MySqlTls::VerifiedUnlessLoopback => options.ssl_mode(MySqlSslMode::VerifyIdentity),
            MySqlTls::Roots(file) => options.ssl_mode(MySqlSslMode::VerifyIdentity).ssl_ca(file),
            MySqlTls::Off => options.ssl_mode(MySqlSslMode::Disabled),
        }
    }
}

/// How the connection to MySQL is protected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum MySqlTls {
    /// TLS with a certificate that the machine's roots vouch for, and the right name in it;
    /// on a loopback address and `localhost` TLS if the server has it, unverified.
    #[default]
    VerifiedUnlessLoopback,
    /// Verified TLS with the root certificates of a PEM file as well, on loopback too.
    Roots(PathBuf),
    /// No TLS.
    Off,
}

/// History in a MySQL or MariaDB database.
#[derive(Debug)]
pub struct MySqlStore {
    tables: Tables,
}

impl MySqlStore {
    /// A store in this database. Nothing is connected yet, so the server need not be there: the
    /// first call connects, and so does each that finds the connection gone.
    #[must_use]
    pub fn connect(settings: MySqlSettings) -> Self {
        Self { tables: Tables::new(Dialect::MySql, Arc::new(settings)) }
    }
}

store_in_tables!(MySqlStore);

#[async_trait]
impl Backend for MySqlSettings {
    async fn connect(&self) -> Result<Box<dyn Sql>, Cause> {
        let options = self.options();
        let connecting = MySqlConnection::connect_with(&options);
        let connected = tokio::time::timeout(CONNECT, connecting).await;
        let connection = connected.map_err(|_| Cause::Hanging(CONNECT))?.map_err(connect_cause)?;
        let mut sql = MySqlSql(connection);
        sql.bound_statements().await?;
        Ok(Box::new(sql))
    }

    fn place(&self) -> String {
        format!("mysql://{}:{}/{}", self.host, self.port, self.database)
    }

    fn begin(&self) -> &'static str {
        "START TRANSACTION"
    }

    fn outlives_cancel(&self) -> bool {
        false
    }
}

struct MySqlSql(MySqlConnection);

impl MySqlSql {
    /// Lets the server itself end what nobody waits for any more.
    async fn bound_statements(&mut self) -> Result<(), Cause> {
        self.run("SET SESSION innodb_lock_wait_timeout = 3").await?;
        let rows = self.fetch("SELECT VERSION()".into(), &[]).await?;
        let version = rows.first().map(|row| row.text(0)).transpose()?.unwrap_or_default();
        // MariaDB bounds every statement, in seconds; MySQL only SELECT, in milliseconds.
        self.run(if version.contains("MariaDB") {
            "SET SESSION max_statement_time = 5"
        } else {
            "SET SESSION max_execution_time = 5000"
        })
        .await
    }
}

sql_on_connection!(MySqlSql, MySql, MySqlArguments, MySqlRow, Dialect::MySql, cause);

fn connect_cause(error: sqlx::Error) -> Cause {
    match error {
        // What rustls refuses, as a certificate, comes as this kind of I/O error.
        sqlx::Error::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            Cause::Tls(sqlx::Error::Io(error))
        }
        sqlx::Error::Io(error) => Cause::Connect(error),
        error => cause(error),
    }
}

/// Numbers: <https://mariadb.com/kb/en/mariadb-error-codes/>.
fn cause(error: sqlx::Error) -> Cause {
    let Some((number, message)) = error
        .as_database_error()
        .and_then(|error| error.try_downcast_ref::<MySqlDatabaseError>())
        .map(|error| (error.number(), error.message().to_owned()))
    else {
        return from_sqlx(error);
    };
    match number {
        // Deadlock (in a Galera cluster at COMMIT too); lock wait.
        1213 | 1205 => Cause::Contended(message),
        1049 => Cause::NoDatabase(message),
        1044 | 1045 | 1142 | 1143 | 1370 | 1698 => Cause::Denied(message),
        1021 | 1114 => Cause::Full,
        // Shut down or killed; too many connections; no quorum; outcome unknown.
        1053 | 1077 | 1079 | 1040 | 1047 | 1152 | 1180 | 1927 | 2006 | 2013 => Cause::Gone(error),
        // Too long, out of range, no such character, NULL, larger than a packet.
        1048 | 1153 | 1264 | 1366 | 1406 | 3140 => Cause::Refused(message),
        _ => from_sqlx(error),
    }
}
