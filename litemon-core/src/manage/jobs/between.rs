//! Jobs of a time, for reports.

use super::{model::Job, records};
use crate::{
    manage::{Manage, ManageError, Principal, Role},
    model::Timestamp,
};

impl Manage {
    /// The jobs that were asked for in `from <= at < to`, newest first, at most `most`.
    ///
    /// # Errors
    /// [`ManageError::Forbidden`] for who is no administrator, [`ManageError::Database`].
    pub async fn jobs_between(
        &self,
        by: &Principal,
        from: Timestamp,
        to: Timestamp,
        most: usize,
    ) -> Result<Vec<Job>, ManageError> {
        by.require(Role::Admin, "read reports of jobs")?;
        let stored = records::between(self.database(), from, to, most).await?;
        Ok(stored.iter().map(records::Stored::job).collect())
    }
}
