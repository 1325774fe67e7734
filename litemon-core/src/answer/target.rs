use std::sync::Arc;

use crate::{
    monitor::{CheckView, ServerView, Snapshot},
    policy::Scope,
};

/// What somebody means by a name.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Target {
    /// A server with its checks.
    Server(Arc<ServerView>),
    /// One check.
    Check(Arc<CheckView>),
    /// A group of servers.
    Group(crate::model::Name),
    /// Everything.
    All,
}

impl Target {
    /// As a window takes it.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match self {
            Self::Server(server) => Scope::Server(server.name.clone()),
            Self::Check(check) => Scope::Check(check.id.clone()),
            Self::Group(group) => Scope::Group(group.clone()),
            Self::All => Scope::All,
        }
    }
}

/// Looks for what is called so: `SERVER`, `SERVER/CHECK` or, as notices write it, `SERVER CHECK`;
/// `@GROUP`; `all`. Phones put capital letters where there are none: a name that differs in nothing
/// else is found, if there is only one.
#[must_use]
pub fn find(name: &str, snapshot: &Snapshot) -> Option<Target> {
    if let Some(group) = name.strip_prefix('@') {
        let groups = snapshot.servers.iter().flat_map(|server| &server.groups);
        return only(group, groups, |group| group.as_str()).cloned().map(Target::Group);
    }
    if let Some(server) = only(name, snapshot.servers.iter(), |server| server.name.as_str()) {
        return Some(Target::Server(Arc::clone(server)));
    }
    let id = name.replacen(' ', "/", 1);
    let own = [id.clone(), format!("messaging/{name}"), format!("checks/{name}")];
    let known = |id: &String| only(id, snapshot.checks(), |check| check.id.as_str());
    if let Some(check) = own.iter().find_map(known) {
        return Some(Target::Check(Arc::clone(check)));
    }
    ["all", "semua"].iter().any(|all| name.eq_ignore_ascii_case(all)).then_some(Target::All)
}

/// The one of that name; else the one of that name but for capital letters.
fn only<'a, T: PartialEq>(
    name: &str,
    all: impl Iterator<Item = &'a T>,
    named: impl Fn(&T) -> &str,
) -> Option<&'a T> {
    let mut likely: Option<&T> = None;
    let mut several = false;
    for one in all {
        if named(one) == name {
            return Some(one);
        }
        if named(one).eq_ignore_ascii_case(name) {
            several |= likely.is_some_and(|other| named(other) != named(one));
            likely = Some(one);
        }
    }
    likely.filter(|_| !several)
}
