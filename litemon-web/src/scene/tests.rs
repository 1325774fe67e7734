//! The scene of the original paper, and what is read from it.

pub(crate) use litemon_core::testing::paper::AT;
use litemon_core::{
    model::{Language, NoticeState},
    monitor::Told,
    testing::{
        paper::{self, Stage},
        snapshot::SnapshotBuilder,
    },
};

use super::*;
use crate::words::Words;

pub(crate) fn paper() -> SnapshotBuilder {
    paper::paper(AT).unwrap()
}

pub(crate) fn before(seconds: u64) -> Timestamp {
    Stage(AT).before(seconds)
}

pub(crate) fn ssh(server: &str) -> CheckView {
    Stage(AT).ssh(server).unwrap()
}

pub(crate) fn service(id: &str, on: bool) -> CheckView {
    Stage(AT).service(id, on).unwrap()
}

pub(crate) fn told(state: NoticeState, seconds: u64) -> Vec<Told> {
    Stage(AT).told(state, seconds)
}

pub(crate) fn scene(snapshot: Snapshot) -> Scene {
    Scene {
        snapshot: Arc::new(snapshot),
        now: AT,
        zone: Zone::named("Asia/Jakarta").unwrap(),
        words: Words::of(Language::English),
        detail: true,
        strips: Arc::default(),
        past: Arc::default(),
        kept: Kept::default(),
        running: None,
        work: Arc::default(),
        csrf: String::new(),
    }
}

#[test]
fn the_worst_comes_first_and_the_rest_as_configured() {
    let scene = scene(paper().build());
    let problems: Vec<_> = scene.problems().iter().map(|p| p.check.id.as_str()).collect();
    assert_eq!(problems, ["server4/ssh", "server3/chat", "server5/cpu"]);
    let servers: Vec<_> = scene.servers().iter().map(|server| server.name.as_str()).collect();
    assert_eq!(servers, ["server4", "server3", "server5", "server1", "server2", "gateway"]);
    assert_eq!(scene.worst(), Status::Critical);
}

#[test]
fn a_reader_without_a_right_is_told_no_reason() {
    let mut scene = scene(paper().build());
    let refused = Err(Failure::new(FailureKind::Refused, "connect to 10.0.0.4: refused"));
    assert_eq!(scene.reason(&refused).as_deref(), Some("connection refused"));
    scene.detail = false;
    assert_eq!(scene.reason(&refused), None);
}
