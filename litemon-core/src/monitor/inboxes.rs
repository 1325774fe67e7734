use std::{collections::HashMap, sync::Arc};

use super::setup::Check;
use crate::{
    model::CheckId,
    probe::push::{Inbox, TokenHash},
};

/// Which checks are told by a call, by token.
#[derive(Debug, Default)]
pub(super) struct Inboxes(HashMap<TokenHash, Vec<(CheckId, Arc<Inbox>)>>);

impl Inboxes {
    /// Those of these checks. One that keeps its name goes on where it was before.
    pub(super) fn of<'a>(checks: impl Iterator<Item = &'a Check>, before: &Self) -> Self {
        let before: HashMap<_, _> = before.0.values().flatten().map(|(id, b)| (id, b)).collect();
        let mut inboxes = Self::default();
        for check in checks {
            let Some(inbox) = check.probe.inbox() else { continue };
            if let Some(old) = before.get(&check.id) {
                inbox.go_on_from(old);
            }
            let told = inboxes.0.entry(inbox.token()).or_default();
            told.push((check.id.clone(), Arc::clone(inbox)));
        }
        inboxes
    }

    pub(super) fn of_token(&self, token: &TokenHash) -> &[(CheckId, Arc<Inbox>)] {
        self.0.get(token).map_or(&[], Vec::as_slice)
    }
}
