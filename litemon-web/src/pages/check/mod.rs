//! `/checks/SERVER/NAME`

mod course;
mod facts;
mod sight;

use litemon_core::{model::Status, monitor::CheckView};

use super::{Drawing, Fragment};
use crate::{chart::range::Range, health::Health, scene::Scene};

pub(super) fn draw(scene: &Scene, check: &CheckView, range: Range) -> Drawing {
    let state = if check.since.is_some() { check.status } else { Status::Unknown };
    Drawing {
        title: check.id.to_string(),
        state: if scene.health() == Health::Ok { state } else { scene.worst() },
        fixed: vec![
            Fragment::new("verdict", sight::heading(scene, check)),
            Fragment::new("summary", sight::summary(scene, check)),
            Fragment::new("sight", sight::sight(scene, check)),
            Fragment::new("course", course::course(scene, check, range)),
            Fragment::new("record", facts::record(scene)),
            Fragment::new("facts", facts::facts(scene, check)),
        ],
        tiles: Vec::new(),
    }
}
