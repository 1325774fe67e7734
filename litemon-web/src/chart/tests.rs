use litemon_core::model::{CheckId, Status, StatusChange, Zone};
use proptest::prelude::*;

use super::{axis::Axis, calendar, range::Range, rows, spans, spans::Changes, *};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn window(from: i64, to: i64) -> Window {
    Window { from: at(from), to: at(to) }
}

#[test]
fn values_are_named_in_steps_that_people_count_in() {
    for (values, ticks, decimals) in [
        (&[0.0, 100.0][..], &[0.0, 25.0, 50.0, 75.0, 100.0][..], 0),
        (&[63.0, 50.0], &[0.0, 20.0, 40.0, 60.0, 80.0], 0),
        (&[0.012], &[0.0, 0.005, 0.010, 0.015], 3),
        (&[1.0], &[0.0, 0.25, 0.5, 0.75, 1.0], 2),
        (&[], &[0.0, 0.25, 0.5, 0.75, 1.0], 2),
        (&[f64::NAN, f64::INFINITY, 4.0], &[0.0, 1.0, 2.0, 3.0, 4.0], 0),
        (&[-3.0, 3.0], &[-4.0, -2.0, 0.0, 2.0, 4.0], 0),
        (&[48_310.0], &[0.0, 20_000.0, 40_000.0, 60_000.0], 0),
    ] {
        let axis = Axis::of(values.iter().copied());
        let near = axis.ticks().iter().zip(ticks).all(|(a, b)| (a - b).abs() < 1e-9);
        assert!(near && axis.ticks().len() == ticks.len(), "{values:?}: {:?}", axis.ticks());
        assert_eq!(axis.decimals(), decimals, "{values:?}");
    }
}

#[test]
fn times_are_named_as_they_begin_where_the_reader_lives() {
    let jakarta = Zone::named("Asia/Jakarta").unwrap();
    let berlin = Zone::named("Europe/Berlin").unwrap();
    let now = crate::scene::tests::AT;
    let named = |zone: &Zone, to: Timestamp, range: Range, format| {
        let window = Window { from: to.minus(range.span()), to };
        let ticks = calendar::ticks(zone, window, range);
        ticks.iter().map(|at| zone.format(format, *at)).collect::<Vec<_>>().join(" ")
    };
    let day = "06:00 09:00 12:00 15:00 18:00 21:00 00:00 03:00";
    assert_eq!(named(&jakarta, now, Range::Day, "%H:%M"), day);
    let hour = "04:40 04:50 05:00 05:10 05:20 05:30";
    assert_eq!(named(&jakarta, now, Range::Hour, "%H:%M"), hour);
    let month = "Mon21 Mon28 Mon04 Mon11";
    assert_eq!(named(&jakarta, now, Range::Month, "%a%d"), month);
    let year = "05-01 06-01 07-01 08-01 09-01 10-01 11-01 12-01 01-01 02-01 03-01 04-01";
    assert_eq!(named(&jakarta, now, Range::Year, "%m-%d"), year);
    // Midnight stays midnight over the change to summer time, 2016-03-27.
    let spring = Timestamp::from_millis(1_459_249_200_000);
    let week = "23T00:00 24T00:00 25T00:00 26T00:00 27T00:00 28T00:00 29T00:00";
    assert_eq!(named(&berlin, spring, Range::Week, "%dT%H:%M"), week);
}

fn sample(at_s: i64, value: f64) -> Sample {
    Sample { at: at(at_s), min: value, avg: value, max: value, count: 1 }
}

#[test]
fn where_nothing_was_measured_a_run_ends() {
    let samples: Vec<_> =
        [0, 10, 20, 90, 100, 300].into_iter().map(|at_s| sample(at_s, 1.0)).collect();
    let rows = rows::fold(&samples, window(0, 400), s(15), 0);
    let starts: Vec<_> = rows.iter().map(|row| row.at.as_millis() / 1000).collect();
    assert_eq!(starts, [0, 15, 90, 300]);
    let lengths = |patience| -> Vec<usize> {
        rows::runs(&rows, s(15), s(patience)).iter().map(|run| run.len()).collect()
    };
    assert_eq!(lengths(35), [2, 1, 1]);
    assert_eq!(lengths(60), [3, 1]);
    assert!(rows::runs(&[], s(15), s(35)).is_empty());
}

#[test]
fn rows_begin_where_the_readers_days_do() {
    let samples = [sample(16 * 3600, 1.0), sample(18 * 3600, 3.0)];
    let days = |offset: i64| rows::fold(&samples, window(0, 90_000), s(86_400), offset * 3_600_000);
    assert_eq!(days(0).len(), 1);
    assert_eq!(
        days(7).iter().map(|day| day.at.as_millis() / 3_600_000).collect::<Vec<_>>(),
        [-7, 17]
    );
}

fn changes(before: Option<Status>, list: &[(i64, Status)], cut: bool) -> Changes {
    let check = CheckId::parse("a/b").unwrap();
    let change = |&(at_s, status): &(i64, Status)| StatusChange {
        check: check.clone(),
        at: at(at_s),
        status,
        detail: String::new(),
    };
    Changes { before, changes: list.iter().map(change).collect(), cut }
}

#[test]
fn a_state_holds_until_the_next_and_what_is_not_known_is_said() {
    use Status::{Critical, Ok, Unknown};
    let list = [(20, Critical), (30, Ok)];
    let of = |known: &Changes, now| {
        let spans = spans::spans(known, now, window(0, 100));
        spans.iter().map(|span| (span.to.as_millis() / 1000, span.status)).collect::<Vec<_>>()
    };
    for (before, cut, now, expected) in [
        (Some(Ok), false, None, vec![(20, Some(Ok)), (30, Some(Critical)), (100, Some(Ok))]),
        (None, false, None, vec![(20, None), (30, Some(Critical)), (100, Some(Ok))]),
        (
            None,
            true,
            Some((at(80), Unknown)),
            vec![(20, None), (30, Some(Critical)), (80, None), (100, Some(Unknown))],
        ),
    ] {
        assert_eq!(of(&changes(before, &list, cut), now), expected);
    }
    assert_eq!(of(&Changes::default(), Some((at(-50), Ok))), [(100, Some(Ok))]);
    assert_eq!(of(&Changes::default(), None), [(100, None)]);
}

fn any_sample() -> impl Strategy<Value = Sample> {
    let number = prop_oneof![any::<f64>(), -1e3..1e3_f64];
    (any::<i32>(), number.clone(), number.clone(), number)
        .prop_map(|(at_s, min, avg, max)| Sample { at: at(at_s.into()), min, avg, max, count: 1 })
}

fn any_status() -> impl Strategy<Value = Status> {
    prop_oneof![
        Just(Status::Ok),
        Just(Status::Warning),
        Just(Status::Unknown),
        Just(Status::Critical)
    ]
}

proptest! {
    #[test]
    fn an_axis_holds_every_value_and_few_ticks(
        values in prop::collection::vec(prop_oneof![any::<f64>(), -1e3..1e3_f64], 0..20),
        other in any::<f64>(),
    ) {
        let axis = Axis::of(values.iter().copied());
        let ticks = axis.ticks();
        prop_assert!((2..=12).contains(&ticks.len()), "{:?}", ticks);
        prop_assert!(ticks.iter().all(|tick| tick.is_finite()));
        prop_assert!(ticks.windows(2).all(|pair| pair[0] < pair[1]));
        for value in values.into_iter().chain(ticks).chain([other, f64::NAN]) {
            let y = axis.y(value, 200.0);
            prop_assert!((0.0..=200.0).contains(&y), "{} at {}", value, y);
        }
    }

    #[test]
    fn rows_are_few_finite_and_in_order(
        mut samples in prop::collection::vec(any_sample(), 0..200), patience in 0_u64..100_000,
    ) {
        samples.sort_by_key(|sample| sample.at);
        let window = window(-1_000_000_000, 1_000_000_000);
        let width = s(86_400 * 100);
        let rows = rows::fold(&samples, window, width, 25_200_000);
        prop_assert!(rows.len() <= 2_000_000_000 / (86_400 * 100) + 2);
        prop_assert!(rows.windows(2).all(|pair| pair[0].at < pair[1].at));
        prop_assert!(rows.iter().all(|row| row.min.is_finite() && row.max.is_finite() && row.avg.is_finite()));
        let runs = rows::runs(&rows, width, s(patience));
        prop_assert_eq!(runs.iter().map(|run| run.len()).sum::<usize>(), rows.len());
        for row in &rows {
            prop_assert!((0.0..=WIDTH).contains(&window.x(row.at)));
        }
    }

    #[test]
    fn spans_fill_the_window_without_a_hole(
        before in prop::option::of(any_status()),
        mut list in prop::collection::vec((-100_i64..1100, any_status()), 0..600),
        cut in any::<bool>(),
        now in prop::option::of((-100_i64..1100, any_status())),
    ) {
        list.sort_by_key(|(at_s, _)| *at_s);
        let window = window(0, 1000);
        let now = now.map(|(at_s, status)| (at(at_s), status));
        let spans = spans::spans(&changes(before, &list, cut), now, window);
        prop_assert!(!spans.is_empty() && spans.len() <= 240);
        prop_assert_eq!((spans[0].from, spans[spans.len() - 1].to), (window.from, window.to));
        for pair in spans.windows(2) {
            prop_assert_eq!(pair[0].to, pair[1].from);
            prop_assert_ne!(pair[0].status, pair[1].status);
        }
    }
}
