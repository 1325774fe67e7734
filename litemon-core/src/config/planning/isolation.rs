//! `[isolation]`

use super::Planner;
use crate::{canary::CanaryPlan, config::KeyPath};

/// More canaries say no more.
const MOST: usize = 16;

impl Planner<'_> {
    /// What tells whether the monitor's own network works; none when it is not to be doubted.
    pub(super) fn canaries(&mut self) -> Vec<CanaryPlan> {
        let written = &self.config.isolation;
        let at = KeyPath::new(["isolation", "canaries"]);
        let Some(words) = &written.canaries else {
            let usual = written.enabled != Some(false);
            return if usual { CanaryPlan::USUAL.to_vec() } else { Vec::new() };
        };
        if words.0.len() > MOST {
            self.wrong(at.clone(), format!("expected {MOST} at most"));
        }
        let mut canaries: Vec<CanaryPlan> = Vec::new();
        for (i, word) in words.0.iter().enumerate() {
            match word.parse() {
                Ok(canary) if canaries.contains(&canary) => {
                    self.wrong(at.child(i.to_string()), "stands there twice");
                }
                Ok(canary) => canaries.push(canary),
                Err(error) => self.wrong(at.child(i.to_string()), error.to_string()),
            }
        }
        if written.enabled == Some(false) { Vec::new() } else { canaries }
    }
}
