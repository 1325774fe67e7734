//! The arithmetic of the benchmarks, which have no test harness of their own.

#[path = "../benches/check_cost/count.rs"]
mod count;

use count::{Results, count};

fn rows(times: impl IntoIterator<Item = i64>) -> Vec<(i64, i64)> {
    times.into_iter().map(|at| (1, at)).collect()
}

fn every_second() -> impl Iterator<Item = i64> {
    (0..60).map(|second| 100 + 1000 * second)
}

fn results(arrived: i64, lost: i64, late: i64) -> Results {
    Results { arrived, lost, late }
}

#[test]
fn a_steady_check_loses_nothing_wherever_the_period_begins() {
    for shift in [0, 99, 100] {
        assert_eq!(count(&rows(every_second()), &(shift..60_090), 1), results(60, 0, 0));
    }
}

#[test]
fn a_missing_result_is_lost_in_the_middle_and_at_both_ends() {
    let middle = rows(every_second().filter(|at| *at != 5100));
    assert_eq!(count(&middle, &(0..60_000), 1), results(59, 1, 0));
    let ends = rows(every_second().skip(2).take(56));
    assert_eq!(count(&ends, &(0..60_000), 1), results(56, 4, 0));
}

#[test]
fn a_late_result_is_not_lost_and_what_follows_is_due_from_there() {
    let late = rows(every_second().map(|at| if at > 5000 { at + 300 } else { at }));
    assert_eq!(count(&late, &(0..60_400), 1), results(60, 0, 1));
}

#[test]
fn a_check_without_any_result_has_lost_them_all() {
    assert_eq!(count(&[], &(0..60_000), 2), results(0, 120, 0));
}
