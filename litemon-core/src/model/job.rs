use serde::{Deserialize, Serialize};

use super::{CheckId, CheckKind, Name, Notice, Observation, Reason, Status, Timestamp};

/// When people are told that a job ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TellOn {
    /// Each time.
    #[default]
    End,
    /// When it did not do what was asked for on all of its servers.
    Failure,
    /// When it failed elsewhere, or otherwise, than the run before it; a first run counts as one
    /// after a good one.
    Change,
}

impl TellOn {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::End, Self::Failure, Self::Change];

    /// `end`, `failure`, `change`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::End => "end",
            Self::Failure => "failure",
            Self::Change => "change",
        }
    }

    /// That of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|on| on.as_str() == word)
    }

    /// Whether a run that failed like this is news after one that failed like that.
    #[must_use]
    pub fn is_news(self, failed: &[JobFailure], before: &[JobFailure]) -> bool {
        match self {
            Self::End => true,
            Self::Failure => !failed.is_empty(),
            Self::Change => failed != before,
        }
    }
}

/// How a job ended, as facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct JobEnd {
    /// The job's number.
    pub number: i64,
    /// What it is called: the name it has in the configuration, the action, or the command's line.
    pub name: String,
    /// Who had it run.
    pub by: String,
    /// On how many servers it did what was asked for.
    pub ok: usize,
    /// On how many it did not.
    pub not_ok: usize,
    /// The first of those, [`JobEnd::MOST`] at most.
    pub failed: Vec<JobFailure>,
}

/// A server where a job ended, and not well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct JobFailure {
    /// The server.
    pub server: Name,
    /// The outcome's fixed word: `failed`, `unreachable`, …
    pub outcome: String,
    /// The exit status, where there is one.
    pub exit: Option<i32>,
}

impl JobFailure {
    /// With these facts.
    #[must_use]
    pub fn new(server: Name, outcome: impl Into<String>, exit: Option<i32>) -> Self {
        Self { server, outcome: outcome.into(), exit }
    }
}

impl JobEnd {
    /// So many servers that failed are kept.
    pub const MOST: usize = 10;

    /// Of this job.
    #[must_use]
    pub fn new(
        number: i64,
        name: impl Into<String>,
        by: impl Into<String>,
        ok: usize,
        failed: &[JobFailure],
    ) -> Self {
        let first = failed.iter().take(Self::MOST).cloned().collect();
        let (name, by) = (name.into(), by.into());
        Self { number, name, by, ok, not_ok: failed.len(), failed: first }
    }

    /// As it is told: it belongs to no incident and no check.
    #[must_use]
    pub fn notice(self, at: Timestamp) -> Notice {
        let good = self.not_ok == 0;
        Notice {
            reason: Reason::JobEnded,
            incident: None,
            check: CheckId::own("job"),
            kind: CheckKind::Own,
            server: None,
            status: if good { Status::Ok } else { Status::Critical },
            was: None,
            seen: Ok(Observation::Switch { on: good, detail: None }),
            limit: None,
            since: at,
            at,
            unjournaled: false,
            by: Some(self.by.clone()),
            remedy: None,
            job: Some(Box::new(self)),
            digest: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_news_of_a_job() {
        let failed = |name: &str, exit| JobFailure::new(Name::new(name).unwrap(), "failed", exit);
        let one = [failed("web-1", Some(1))];
        let other = [failed("web-1", Some(2))];
        let two = [failed("web-1", Some(1)), failed("web-2", Some(1))];
        for (now, before, end, failure, change) in [
            (&[][..], &[][..], true, false, false),
            (&one, &[], true, true, true),
            (&one, &one, true, true, false),
            (&other, &one, true, true, true),
            (&two, &one, true, true, true),
            (&[], &one, true, false, true),
        ] {
            assert_eq!(TellOn::End.is_news(now, before), end);
            assert_eq!(TellOn::Failure.is_news(now, before), failure);
            assert_eq!(TellOn::Change.is_news(now, before), change);
        }
        for on in TellOn::ALL {
            assert_eq!(TellOn::parse(on.as_str()), Some(on));
        }
    }
}
