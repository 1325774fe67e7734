//! Jobs by who had them run.

use std::collections::BTreeMap;

use super::{JobLine, Operator};

/// What each operator had run, most jobs first; of the same number, by name.
#[must_use]
pub fn by_operator(jobs: &[JobLine]) -> Vec<Operator> {
    let mut by_name: BTreeMap<&str, Operator> = BTreeMap::new();
    for job in jobs {
        let one = by_name.entry(&job.by).or_default();
        one.jobs += 1;
        for (outcome, count) in &job.outcomes {
            *one.outcomes.entry(outcome.clone()).or_default() += count;
        }
    }
    let named = |(name, one): (&str, Operator)| Operator { name: name.to_owned(), ..one };
    let mut operators: Vec<Operator> = by_name.into_iter().map(named).collect();
    operators.sort_by_key(|one| std::cmp::Reverse(one.jobs));
    operators
}
