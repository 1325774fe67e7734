//! A private RabbitMQ with STOMP, plain and over TLS.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{Process, eventually, free_port, run};

/// How long it may take to be ready: usually 6 to 9 s.
const READY: Duration = Duration::from_secs(90);

/// A broker. Dropping it ends its processes.
#[derive(Debug)]
pub struct RabbitMq {
    broker: Option<Process>,
    /// Erlang's name server. The broker would leave one of its own behind.
    _names: Process,
    folder: TempDir,
    names_port: u16,
    dist_port: u16,
    /// Where it listens for STOMP.
    pub port: u16,
    /// The same over TLS.
    pub tls_port: u16,
}

impl RabbitMq {
    /// The user that may do anything to destinations that begin with `litemon`.
    pub const USER: &str = "litemon";
    /// That user's password.
    pub const PASSWORD: &str = "rabbit-s3cret";

    /// A broker, and its certificate authority.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        certificates(folder.path());
        let names_port = free_port();
        let mut names = Command::new("epmd");
        names.args(["-address", "127.0.0.1", "-port", &names_port.to_string()]);
        let names = Process::start(&mut names, &folder.path().join("epmd.log")).unwrap();
        let mut rabbit = Self {
            broker: None,
            _names: names,
            folder,
            names_port,
            dist_port: free_port(),
            port: free_port(),
            tls_port: free_port(),
        };
        fs::write(rabbit.path("rabbitmq.conf"), rabbit.configuration()).unwrap();
        fs::write(rabbit.path("plugins"), "[rabbitmq_stomp].\n").unwrap();
        fs::write(rabbit.path("definitions.json"), DEFINITIONS).unwrap();
        rabbit.resume().await;
        rabbit
    }

    /// The certificate that signed the broker's.
    pub fn authority(&self) -> PathBuf {
        self.path("ca.pem")
    }

    /// Kills it, and waits until connections are refused.
    pub async fn stop(&mut self) {
        self.broker = None;
        eventually("RabbitMQ to be gone", READY, async || {
            TcpStream::connect(("127.0.0.1", self.port)).await.is_err().then_some(())
        })
        .await;
    }

    /// Starts it again, and waits for nothing.
    pub fn launch(&mut self) {
        let mut command = Command::new("/usr/lib/rabbitmq/bin/rabbitmq-server");
        command
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .env("RABBITMQ_NODENAME", format!("litemon-{}@localhost", self.dist_port))
            .env("RABBITMQ_CONFIG_FILE", self.path("rabbitmq.conf"))
            .env("RABBITMQ_ENABLED_PLUGINS_FILE", self.path("plugins"))
            .env("RABBITMQ_MNESIA_BASE", self.path("mnesia"))
            .env("RABBITMQ_LOG_BASE", self.path("log"))
            .env("RABBITMQ_DIST_PORT", self.dist_port.to_string())
            .env("ERL_EPMD_PORT", self.names_port.to_string())
            .env("ERL_EPMD_ADDRESS", "127.0.0.1");
        self.broker = Some(Process::start(&mut command, &self.path("out")).unwrap());
    }

    /// Starts it again, and waits until it answers.
    pub async fn resume(&mut self) {
        self.launch();
        let (port, tls_port) = (self.port, self.tls_port);
        eventually("RabbitMQ to answer", READY, async || {
            let broker = self.broker.as_mut().unwrap();
            assert!(broker.runs(), "RabbitMQ ended: {}", read(&self.folder.path().join("out")));
            TcpStream::connect(("127.0.0.1", tls_port)).await.ok()?;
            lets_in(port).await
        })
        .await;
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn configuration(&self) -> String {
        format!(
            "listeners.tcp = none\nstomp.listeners.tcp.1 = 127.0.0.1:{}\n\
             stomp.listeners.ssl.1 = 127.0.0.1:{}\nssl_options.cacertfile = {}\n\
             ssl_options.certfile = {}\nssl_options.keyfile = {}\n\
             load_definitions = {}\ndisk_free_limit.absolute = 1MB\n",
            self.port,
            self.tls_port,
            self.path("ca.pem").display(),
            self.path("broker.pem").display(),
            self.path("broker.key").display(),
            self.path("definitions.json").display(),
        )
    }
}

/// It listens a while before it lets anybody in.
async fn lets_in(port: u16) -> Option<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    let login = format!(
        "CONNECT\naccept-version:1.2\nhost:/\nlogin:{}\npasscode:{}\n\n\0",
        RabbitMq::USER,
        RabbitMq::PASSWORD
    );
    stream.write_all(login.as_bytes()).await.ok()?;
    let mut answer = [0; 9];
    stream.read_exact(&mut answer).await.ok()?;
    (&answer == b"CONNECTED").then_some(())
}

/// One user, who may use what begins with `litemon` and nothing else.
const DEFINITIONS: &str = r#"{
    "vhosts": [{ "name": "/" }],
    "users": [{ "name": "litemon", "password": "rabbit-s3cret", "tags": "" }],
    "permissions": [{ "user": "litemon", "vhost": "/", "configure": "^litemon", "write": "^(litemon.*|amq\\.default)$", "read": "^litemon" }]
}"#;

/// An authority, and a certificate for 127.0.0.1 that it signed.
fn certificates(folder: &Path) {
    let openssl = |arguments: &str| {
        run(Command::new("openssl").args(arguments.split_whitespace()).current_dir(folder));
    };
    openssl(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=authority \
         -keyout ca.key -out ca.pem",
    );
    openssl(
        "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=broker \
         -keyout broker.key -out broker.csr",
    );
    fs::write(folder.join("extensions"), "subjectAltName=IP:127.0.0.1\n").unwrap();
    openssl(
        "x509 -req -in broker.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
         -extfile extensions -out broker.pem",
    );
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}
