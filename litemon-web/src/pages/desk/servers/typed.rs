//! What was typed into the fields of a server, or is kept of it; and the server that it makes.

use std::{collections::BTreeMap, fmt::Display};

use litemon_core::{
    manage::{
        ManageError,
        inventory::{Change, ResourceDraft, ServerDraft, ServiceDraft, Stored},
    },
    model::{Device, Name},
    secret::Secret,
};

use crate::gate::Form;

/// A row of fields.
pub(super) type Row = [String; 3];

/// What the fields hold. Secrets are never given back.
#[derive(Debug, Default)]
pub(super) struct Typed {
    pub(super) name: String,
    pub(super) address: String,
    pub(super) device: String,
    pub(super) jump: String,
    pub(super) user: String,
    pub(super) identity: String,
    pub(super) groups: Vec<String>,
    pub(super) profiles: Vec<String>,
    /// Whether it says itself whom its checks tell.
    pub(super) own_notify: bool,
    pub(super) notify: Vec<String>,
    /// A pair in each line.
    pub(super) labels: String,
    /// Name, command, expected.
    pub(super) services: Vec<Row>,
    /// Name, command, percent.
    pub(super) resources: Vec<Row>,
    pub(super) stored: Stored,
}

const SERVICE: [&str; 3] = ["service", "service_command", "service_expect"];
const RESOURCE: [&str; 3] = ["resource", "resource_command", "resource_threshold"];

impl Typed {
    /// As it was sent.
    pub(super) fn of(form: &Form, stored: Stored) -> Self {
        let text = |name: &str| form.get(name).trim().to_owned();
        let all = |name: &str| form.all(name).map(str::to_owned).collect();
        Self {
            name: text("name"),
            address: text("address"),
            device: text("device"),
            jump: text("jump"),
            user: text("user"),
            identity: text("identity"),
            groups: all("groups"),
            profiles: all("profiles"),
            own_notify: text("tells") == "own",
            notify: all("notify"),
            labels: text("labels"),
            services: rows(form, SERVICE),
            resources: rows(form, RESOURCE),
            stored,
        }
    }

    /// As it is kept.
    pub(super) fn kept(draft: &ServerDraft, stored: Stored) -> Self {
        let names = |names: &[Name]| names.iter().map(ToString::to_string).collect();
        let some = |text: &Option<String>| text.clone().unwrap_or_default();
        let labels = draft.labels.iter().map(|(key, text)| format!("{key}={text}\n"));
        let services = draft.services.iter();
        let resources = draft.resources.iter();
        Self {
            name: draft.name.to_string(),
            address: draft.address.clone(),
            device: draft.device.word().to_owned(),
            jump: some(&draft.jump),
            user: some(&draft.user),
            identity: some(&draft.identity),
            groups: names(&draft.groups),
            profiles: names(&draft.profiles),
            own_notify: draft.notify.is_some(),
            notify: names(draft.notify.as_deref().unwrap_or_default()),
            labels: labels.collect::<String>().trim_end().to_owned(),
            services: services
                .map(|(name, one)| [name.to_string(), one.command.clone(), some(&one.expect)])
                .collect(),
            resources: resources
                .map(|(name, one)| {
                    let percent = one.threshold.map_or_else(String::new, |one| one.to_string());
                    [name.to_string(), some(&one.command), percent]
                })
                .collect(),
            stored,
        }
    }
}

/// The rows in which something stands.
fn rows(form: &Form, fields: [&str; 3]) -> Vec<Row> {
    let [names, seconds, thirds] = fields.map(|field| form.all(field));
    let rows = names.zip(seconds).zip(thirds);
    let rows = rows.map(|((a, b), c)| [a, b, c].map(|text| text.trim().to_owned()));
    rows.filter(|row| row.iter().any(|text| !text.is_empty())).collect()
}

/// What was typed, over what is kept.
pub(super) fn draft(form: &Form, kept: Option<ServerDraft>) -> Result<ServerDraft, ManageError> {
    let typed = Typed::of(form, Stored::default());
    let mut draft = match kept {
        Some(kept) => kept,
        None => ServerDraft::new(named("name", &typed.name)?, &typed.address),
    };
    draft.groups = in_order(&draft.groups, &names("groups", &typed.groups)?);
    draft.profiles = in_order(&draft.profiles, &names("profiles", &typed.profiles)?);
    // A page without notifiers to choose from says nothing about them.
    if form.has("tells") {
        let notify = names("notify", &typed.notify)?;
        draft.notify = typed.own_notify.then_some(notify);
    }
    draft.labels = pairs(&typed.labels)?;
    draft.services = checks("services", &typed.services, service)?;
    draft.resources = checks("resources", &typed.resources, resource)?;
    draft.device = Device::parse(&typed.device).unwrap_or_default();
    let filled = |text: String| Some(text).filter(|text| !text.is_empty());
    draft.address = typed.address;
    (draft.user, draft.identity) = (filled(typed.user), filled(typed.identity));
    draft.jump = filled(typed.jump);
    draft.password = change(form, "password");
    draft.sudo_password = change(form, "sudo_password");
    draft.private_key = change(form, "private_key");
    Ok(draft)
}

/// Blanks may be part of a password. A browser ends the lines of a key with CR LF.
fn change(form: &Form, name: &str) -> Change {
    match form.get(name) {
        "" if form.has(&format!("no_{name}")) => Change::Remove,
        "" => Change::Keep,
        text => Change::Set(Secret::new(text.replace("\r\n", "\n"))),
    }
}

fn named(field: &'static str, text: &str) -> Result<Name, ManageError> {
    Name::new(text).map_err(|error| ManageError::invalid(field, error.to_string()))
}

fn names(field: &'static str, list: &[String]) -> Result<Vec<Name>, ManageError> {
    list.iter().map(|name| named(field, name)).collect()
}

/// Of groups and profiles, later ones win: those that were there keep their order, new ones come
/// behind them.
fn in_order(kept: &[Name], ticked: &[Name]) -> Vec<Name> {
    let stay = kept.iter().filter(|name| ticked.contains(name));
    let new = ticked.iter().filter(|name| !kept.contains(name));
    stay.chain(new).cloned().collect()
}

/// `rack=4`, one in each line.
fn pairs(text: &str) -> Result<BTreeMap<String, String>, ManageError> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let (key, value) = line
                .split_once('=')
                .ok_or_else(|| ManageError::invalid("labels", "KEY=TEXT is expected"))?;
            Ok((key.trim().to_owned(), value.trim().to_owned()))
        })
        .collect()
}

fn checks<T>(
    field: &'static str,
    rows: &[Row],
    make: impl Fn(&Row) -> Result<T, ManageError>,
) -> Result<BTreeMap<Name, T>, ManageError> {
    let mut all = BTreeMap::new();
    for row in rows {
        let name = named(field, &row[0])?;
        if all.insert(name, make(row)?).is_some() {
            return Err(ManageError::invalid(field, format!("{} is there twice", row[0])));
        }
    }
    Ok(all)
}

fn service([name, command, expect]: &Row) -> Result<ServiceDraft, ManageError> {
    if command.is_empty() {
        return Err(ManageError::invalid("services", format!("{name} needs a command")));
    }
    let mut service = ServiceDraft::new(command);
    service.expect = Some(expect.clone()).filter(|expect| !expect.is_empty());
    Ok(service)
}

fn resource([_, command, percent]: &Row) -> Result<ResourceDraft, ManageError> {
    let threshold = match percent.as_str() {
        "" => None,
        text => Some(text.parse().ok().filter(|percent| *percent <= 100).ok_or_else(|| {
            ManageError::invalid("resources", "a number from 0 to 100 is expected")
        })?),
    };
    let command = Some(command.clone()).filter(|command| !command.is_empty());
    Ok(ResourceDraft::new(command, threshold))
}

/// Names, in one line.
pub(super) fn joined(names: &[impl Display]) -> String {
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Labels, in one line.
pub(super) fn labelled(labels: &BTreeMap<String, String>) -> String {
    let pairs = labels.iter().map(|(key, value)| format!("{key}={value}"));
    pairs.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_becomes_a_server_and_what_is_left_empty_stays() {
        let form = Form::parse(
            b"name=web-1&address=10.0.0.1&groups=web&groups=db&labels=rack%3D4%0D%0Acity%3DBogor,+ID\
              &device=freebsd&user=&password=+x+&private_key=a%0D%0Ab%0D%0A&tells=own\
              &service=nginx&service_command=pgrep+nginx&service_expect=\
              &service=&service_command=&service_expect=\
              &resource=cpu&resource_command=&resource_threshold=50",
        );
        let new = draft(&form, None).unwrap();
        assert_eq!((new.name.as_str(), new.device), ("web-1", Device::FreeBsd));
        assert_eq!(joined(&new.groups), "web, db");
        assert_eq!(labelled(&new.labels), "city=Bogor, ID, rack=4");
        assert_eq!(new.password, Change::Set(Secret::new(" x ".to_owned())));
        assert_eq!(new.private_key, Change::Set(Secret::new("a\nb\n".to_owned())));
        assert_eq!((new.user.as_ref(), new.notify.as_deref()), (None, Some(&[][..])));
        assert_eq!(new.services.len(), 1);
        assert_eq!(new.resources.values().next(), Some(&ResourceDraft::new(None, Some(50))));
        // What is kept comes back into the fields, but for secrets.
        let typed = Typed::kept(&new, Stored::default());
        assert_eq!(typed.labels, "city=Bogor, ID\nrack=4");
        assert_eq!(typed.resources, [["cpu", "", "50"].map(str::to_owned)]);
        assert!(!format!("{typed:?}").contains(" x "));

        let form = Form::parse(b"address=b&no_password=yes&groups=app&groups=db&groups=web");
        let edited = draft(&form, Some(new)).unwrap();
        assert_eq!((edited.name.as_str(), edited.address.as_str()), ("web-1", "b"));
        assert_eq!((edited.password, edited.sudo_password), (Change::Remove, Change::Keep));
        assert_eq!(joined(&edited.groups), "web, db, app", "in the order that they had");
        assert_eq!(edited.notify.as_deref(), Some(&[][..]), "the page did not ask");
    }

    #[test]
    fn what_makes_no_server_is_refused_beside_its_field() {
        for (form, expected) in [
            ("name=a%20b&address=x", "name"),
            ("name=a&labels=rack", "labels"),
            ("name=a&groups=%3F", "groups"),
            ("name=a&service=web&service_command=&service_expect=", "services"),
            ("name=a&service=&service_command=true&service_expect=", "services"),
            ("name=a&resource=x&resource_command=&resource_threshold=101", "resources"),
            (
                "name=a&resource=x&resource_command=&resource_threshold=\
                 &resource=x&resource_command=&resource_threshold=",
                "resources",
            ),
        ] {
            match draft(&Form::parse(form.as_bytes()), None) {
                Err(ManageError::Invalid { field, .. }) => assert_eq!(field, expected, "{form}"),
                other => panic!("{form}: {other:?}"),
            }
        }
    }
}
