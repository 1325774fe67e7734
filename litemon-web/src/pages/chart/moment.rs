//! Moments as a chart names them.

use litemon_core::model::Timestamp;

use crate::{
    chart::{Window, range::Range},
    scene::Scene,
};

/// `14 Apr`
fn day(scene: &Scene, at: Timestamp) -> String {
    let month = scene.zone.format("%m", at).parse::<usize>().unwrap_or(1);
    let name = scene.words.months.short(month);
    format!("{}\u{a0}{name}", scene.zone.format("%-d", at))
}

/// Below a chart: a time, where a day begins that day, where a year begins that year.
pub(super) fn tick(scene: &Scene, range: Range, at: Timestamp) -> String {
    match range {
        Range::Hour | Range::Day => match scene.zone.hour_minute(at) {
            midnight if midnight == "00:00" => day(scene, at),
            time => time,
        },
        Range::Week | Range::Month => day(scene, at),
        Range::Year => match scene.zone.format("%m", at).as_str() {
            "01" => scene.zone.format("%Y", at),
            _ => {
                day(scene, at).split_once('\u{a0}').map_or_else(String::new, |(_, m)| m.to_owned())
            }
        },
    }
}

/// Beside a value: as exact as the chart is.
pub(super) fn point(scene: &Scene, range: Range, window: Window, at: Timestamp) -> String {
    let today = scene.zone.date(at) == scene.zone.date(window.to);
    match range {
        Range::Hour if today => scene.zone.clock_time(at),
        Range::Day if today => scene.zone.hour_minute(at),
        Range::Year => format!("{} {}", day(scene, at), scene.zone.format("%Y", at)),
        _ => format!("{} {}", day(scene, at), scene.zone.hour_minute(at)),
    }
}
