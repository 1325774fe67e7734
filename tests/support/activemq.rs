//! A private ActiveMQ that speaks STOMP and nothing else, in memory.

use std::{fs, process::Command, time::Duration};

use tempfile::TempDir;

use super::{Process, eventually, free_port};

const READY: Duration = Duration::from_secs(60);

/// A broker. Dropping it ends it.
#[derive(Debug)]
pub struct ActiveMq {
    _broker: Process,
    _folder: TempDir,
    /// Where it listens for STOMP.
    pub port: u16,
}

impl ActiveMq {
    /// The user.
    pub const USER: &str = "litemon";
    /// That user's password.
    pub const PASSWORD: &str = "active-s3cret";

    /// Starts one.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (base, port) = (folder.path().display(), free_port());
        fs::create_dir(folder.path().join("conf")).unwrap();
        fs::write(folder.path().join("conf/activemq.xml"), configuration(port)).unwrap();
        let mut command = Command::new("java");
        command.current_dir(folder.path()).args(["-Xmx128m", "-XX:TieredStopAtLevel=1"]);
        for package in ["java.util", "java.util.concurrent", "java.lang"] {
            command.args(["--add-opens", &format!("java.base/{package}=ALL-UNNAMED")]);
        }
        command.args([
            "-Djava.awt.headless=true",
            "-Dactivemq.home=/usr/share/activemq",
            &format!("-Dactivemq.base={base}"),
            &format!("-Dactivemq.conf={base}/conf"),
            &format!("-Dactivemq.data={base}/data"),
            &format!("-Dactivemq.classpath={base}/conf"),
        ]);
        command.args(["-jar", "/usr/share/activemq/bin/activemq.jar", "start"]);
        command.arg("xbean:activemq.xml");
        let log = folder.path().join("log");
        let mut broker = Process::start(&mut command, &log).unwrap();
        eventually("ActiveMQ to answer", READY, async || {
            let said = || fs::read_to_string(&log).unwrap_or_default();
            assert!(broker.runs(), "ActiveMQ ended: {}", said());
            tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok()
        })
        .await;
        Self { _broker: broker, _folder: folder, port }
    }
}

fn configuration(port: u16) -> String {
    format!(
        r#"<beans xmlns="http://www.springframework.org/schema/beans"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xsi:schemaLocation="http://www.springframework.org/schema/beans http://www.springframework.org/schema/beans/spring-beans-2.0.xsd
    http://activemq.apache.org/schema/core http://activemq.apache.org/schema/core/activemq-core.xsd">
  <broker xmlns="http://activemq.apache.org/schema/core" useJmx="false" persistent="false" brokerName="test">
    <plugins>
      <simpleAuthenticationPlugin>
        <users>
          <authenticationUser username="{}" password="{}" groups="users"/>
        </users>
      </simpleAuthenticationPlugin>
    </plugins>
    <transportConnectors>
      <transportConnector name="stomp" uri="stomp://127.0.0.1:{port}"/>
    </transportConnectors>
  </broker>
</beans>
"#,
        ActiveMq::USER,
        ActiveMq::PASSWORD
    )
}
