use std::time::Duration;

use proptest::prelude::*;

use super::{
    super::availability::{apart, windows},
    *,
};
use crate::model::{CheckId, CheckKind, Name, Status, StatusChange, Timestamp, Uptime};

fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

fn planned(from: i64, to: Option<i64>, until_back: bool) -> Planned {
    Planned { server: Name::new("a").unwrap(), from: at(from), to: to.map(at), until_back }
}

fn change(seconds: i64, status: Status) -> StatusChange {
    let check = CheckId::parse("a/ssh").unwrap();
    StatusChange { check, at: at(seconds), status, detail: String::new() }
}

#[test]
fn shares_are_never_better_than_they_were() {
    for (share, expected) in [
        (1.0, "100"),
        (0.999_999_999, "99.9999"),
        (0.999_97, "99.9970"),
        (0.9999, "99.9900"),
        (0.999_89, "99.98"),
        (0.5, "50.00"),
        (0.29, "29.00"),
        (0.126_79, "12.67"),
        (0.0, "0.00"),
    ] {
        assert_eq!(percent(share), expected, "{share}");
    }
}

#[test]
fn planned_times_end_when_the_server_is_back() {
    let changes =
        [change(110, Status::Critical), change(150, Status::Ok), change(160, Status::Unknown)];
    let of = |planned: &[Planned]| {
        let windows = windows(planned, (at(100), at(1000)), &changes);
        windows
            .iter()
            .map(|(from, to)| (from.as_millis() / 1000, to.as_millis() / 1000))
            .collect::<Vec<_>>()
    };
    assert_eq!(of(&[planned(105, Some(700), true)]), [(105, 150)]);
    assert_eq!(of(&[planned(105, Some(120), true)]), [(105, 120)], "at most so long");
    assert_eq!(of(&[planned(105, Some(700), false)]), [(105, 700)], "a window is a window");
    assert_eq!(of(&[planned(155, None, true)]), [(155, 1000)], "not seen again");
    assert_eq!(of(&[planned(170, None, true)]), [], "it never went away");
    assert_eq!(of(&[planned(0, Some(110), false), planned(50, None, true)]), [(100, 150)]);
    assert_eq!(of(&[planned(0, Some(100), false), planned(1000, None, false)]), [], "outside");
}

proptest! {
    /// Whatever was planned, the parts add up to the whole and none of them gains what it had not.
    #[test]
    fn parts_add_up(
        (up, down, unknown) in (0_u64..10_000, 0_u64..10_000, 0_u64..10_000),
        parts in proptest::collection::vec((0_u64..5_000, 0_u64..5_000, 0_u64..5_000), 0..4),
    ) {
        let uptime = |(up, down, unknown)| Uptime { up: s(up), down: s(down), unknown: s(unknown) };
        let parts: Vec<_> = parts.into_iter().map(uptime).collect();
        let whole = uptime((up, down, unknown));
        let check = CheckId::parse("a/ssh").unwrap();
        let one = apart(&check, CheckKind::Ssh, &whole, &parts);
        prop_assert_eq!(one.up + one.down + one.unknown + one.planned, s(up + down + unknown));
        prop_assert_eq!(one.up, whole.up);
        prop_assert!(one.down <= whole.down && one.unknown <= whole.unknown);
    }

    /// Windows are in order, apart, and inside.
    #[test]
    fn windows_are_apart(
        given in proptest::collection::vec((0_i64..2_000, proptest::option::of(0_i64..2_000), any::<bool>()), 0..8),
        changes in proptest::collection::btree_map(0_i64..2_000, any::<bool>(), 0..8),
    ) {
        let given: Vec<_> = given.into_iter().map(|(from, to, back)| planned(from, to, back)).collect();
        let status = |ok| if ok { Status::Ok } else { Status::Critical };
        let changes: Vec<_> = changes.into_iter().map(|(at, ok)| change(at, status(ok))).collect();
        let mut end = at(500);
        for (index, (from, to)) in windows(&given, (at(500), at(1500)), &changes).into_iter().enumerate() {
            prop_assert!(from < to && to <= at(1500));
            prop_assert!(from > end || (index == 0 && from >= end));
            end = to;
        }
    }

    /// A share below one is never shown as 100, and more is never shown as less.
    #[test]
    fn percents_are_in_order(a in 0.0_f64..1.0, b in 0.0_f64..1.0) {
        let shown = |share| percent(share).parse::<f64>().unwrap();
        prop_assert!(shown(a) < 100.0);
        prop_assert!(shown(a) <= a.mul_add(100.0, 1e-6));
        if a <= b { prop_assert!(shown(a) <= shown(b)); }
    }
}
