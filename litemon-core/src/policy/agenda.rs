use std::{
    collections::{BTreeSet, HashMap},
    hash::Hash,
};

use crate::model::Timestamp;

/// What is to be looked at when: one time for each item.
#[derive(Debug)]
pub(crate) struct Agenda<T> {
    by_time: BTreeSet<(Timestamp, T)>,
    times: HashMap<T, Timestamp>,
}

impl<T> Default for Agenda<T> {
    fn default() -> Self {
        Self { by_time: BTreeSet::new(), times: HashMap::new() }
    }
}

impl<T: Copy + Ord + Hash> Agenda<T> {
    /// The item is due then, and at no other time; with `None`, not at all.
    pub(crate) fn set(&mut self, item: T, at: Option<Timestamp>) {
        let before = match at {
            Some(at) => self.times.insert(item, at),
            None => self.times.remove(&item),
        };
        if let Some(before) = before {
            self.by_time.remove(&(before, item));
        }
        if let Some(at) = at {
            self.by_time.insert((at, item));
        }
    }

    /// When an item is due.
    pub(crate) fn of(&self, item: T) -> Option<Timestamp> {
        self.times.get(&item).copied()
    }

    /// When the first is due.
    pub(crate) fn first(&self) -> Option<Timestamp> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// Takes out what is due.
    pub(crate) fn due(&mut self, now: Timestamp) -> Vec<T> {
        let due: Vec<T> =
            self.by_time.iter().take_while(|(at, _)| *at <= now).map(|(_, item)| *item).collect();
        for item in &due {
            self.set(*item, None);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_item_is_due_once_at_its_latest_time() {
        let at = Timestamp::from_millis;
        let mut agenda = Agenda::default();
        agenda.set('a', Some(at(5)));
        agenda.set('b', Some(at(3)));
        agenda.set('a', Some(at(1)));
        agenda.set('c', Some(at(9)));
        agenda.set('b', None);
        assert_eq!((agenda.first(), agenda.due(at(0))), (Some(at(1)), vec![]));
        assert_eq!((agenda.due(at(8)), agenda.first()), (vec!['a'], Some(at(9))));
    }
}
