//! A command on this machine whose output is handed on as it comes.

use std::process::Stdio;

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::{Child, ChildStdin},
    time::timeout,
};

use super::{
    Exit,
    local::{Group, PATH, QUIET, exit},
    stream::{Heard, Sink, Streamed, tell},
};
use crate::model::{Failure, FailureKind};

/// Runs it in a session of its own, whose process group is killed when the future is dropped.
pub(super) async fn run(what: &Streamed, sink: &Sink) -> Result<Exit, Failure> {
    if what.pty {
        let line = "commands on litemon's own machine get no terminal";
        return Err(Failure::new(FailureKind::Internal, line));
    }
    let mut child = spawn(&what.line).map_err(|error| Failure::internal(&error))?;
    let _group = Group::of(&child);
    tell(sink, Heard::Began).await?;
    let stdin = child.stdin.take();
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let drain = async {
        tokio::join!(
            feed(stdin, &what.input.0),
            hand_on(out, sink, Heard::Out),
            hand_on(err, sink, Heard::Err)
        );
    };
    let status = ended(&mut child, drain).await;
    status.map(exit).map_err(|error| Failure::internal(&error))
}

/// `setsid`, so that all that it starts can be found and ended, and nothing else.
fn spawn(line: &str) -> std::io::Result<Child> {
    tokio::process::Command::new("setsid")
        .args(["/bin/sh", "-c", line])
        .env_clear()
        .env("PATH", PATH)
        .env("HOME", std::env::var_os("HOME").unwrap_or_else(|| "/".into()))
        .env("LANG", "C.UTF-8")
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
}

async fn ended(
    child: &mut Child,
    drain: impl Future<Output = ()>,
) -> std::io::Result<std::process::ExitStatus> {
    let mut drain = std::pin::pin!(drain);
    tokio::select! {
        status = child.wait() => {
            // What it left in the background may hold the pipes open for ever.
            let _ = timeout(QUIET, drain).await;
            status
        }
        () = &mut drain => child.wait().await,
    }
}

async fn feed(stdin: Option<ChildStdin>, input: &[u8]) {
    if let Some(mut stdin) = stdin {
        // A command that does not read its input is none of our business.
        let _ = stdin.write_all(input).await;
        let _ = stdin.shutdown().await;
    }
}

async fn hand_on(
    stream: Option<impl AsyncRead + Unpin>,
    sink: &Sink,
    heard: impl Fn(Vec<u8>) -> Heard,
) {
    let Some(mut stream) = stream else { return };
    let mut chunk = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = stream.read(&mut chunk).await {
        let bytes = chunk.get(..count).unwrap_or_default().to_vec();
        if tell(sink, heard(bytes)).await.is_err() {
            break;
        }
    }
}
