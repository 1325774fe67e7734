//! What was typed into the fields of an action, or is kept of it; and the action that it makes.

use std::time::Duration;

use litemon_core::{
    config::TimeSpan,
    manage::{
        ManageError, Role,
        actions::{OwnAction, Param, ParamKind},
    },
    model::Name,
};

use crate::gate::Form;

/// The kinds of parameters, as a form names them.
pub(super) const CHOICE: &str = "choice";
pub(super) const NUMBER: &str = "number";
pub(super) const PATTERN: &str = "pattern";
/// The field that mistakes of parameters name.
pub(super) const PARAM: &str = "param";

/// A parameter's fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) kind: String,
    /// `start, stop`, `1..9`, or a regular expression.
    pub(super) values: String,
    pub(super) default: String,
    pub(super) about: String,
}

/// What the fields hold.
#[derive(Debug)]
pub(super) struct Typed {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) command: String,
    pub(super) params: Vec<Row>,
    pub(super) sudo: bool,
    pub(super) changes: bool,
    pub(super) dangerous: bool,
    pub(super) asks_password: bool,
    pub(super) one_by_one: bool,
    pub(super) limit: String,
    pub(super) role: String,
    pub(super) groups: Vec<String>,
}

impl Typed {
    /// The fields of a new one.
    pub(super) fn new() -> Self {
        Self::kept("", &OwnAction::new("", ""))
    }

    /// As it was sent.
    pub(super) fn of(form: &Form) -> Self {
        let text = |name: &str| form.get(name).trim().to_owned();
        Self {
            name: text("name"),
            description: text("description"),
            command: text("command").replace("\r\n", "\n"),
            params: rows(form),
            sudo: form.has("sudo"),
            changes: form.has("changes"),
            dangerous: form.has("dangerous"),
            asks_password: form.has("asks_password"),
            one_by_one: form.has("one_by_one"),
            limit: text("limit"),
            role: text("role"),
            groups: form.all("groups").map(str::to_owned).collect(),
        }
    }

    /// As it is kept.
    pub(super) fn kept(name: &str, action: &OwnAction) -> Self {
        let limit = action.limit.map(|limit| TimeSpan(limit).to_string());
        Self {
            name: name.to_owned(),
            description: action.description.clone(),
            command: action.command.clone(),
            params: action.params.iter().map(Row::of).collect(),
            sudo: action.sudo,
            changes: action.changes,
            dangerous: action.dangerous,
            asks_password: action.asks_password,
            one_by_one: action.one_by_one,
            limit: limit.unwrap_or_default(),
            role: action.least.word().to_owned(),
            groups: action.groups.iter().map(ToString::to_string).collect(),
        }
    }

    /// The action.
    pub(super) fn action(&self) -> Result<OwnAction, ManageError> {
        let mut action = OwnAction::new(&self.description, &self.command);
        action.params = self.params.iter().map(Row::param).collect::<Result<_, _>>()?;
        (action.sudo, action.changes) = (self.sudo, self.changes);
        (action.dangerous, action.asks_password) = (self.dangerous, self.asks_password);
        action.one_by_one = self.one_by_one;
        action.limit = limit(&self.limit)?;
        action.least = Role::parse(&self.role)
            .ok_or_else(|| ManageError::invalid("role", "expected operator or admin"))?;
        let groups = self.groups.iter().map(|name| named("groups", name));
        action.groups = groups.collect::<Result<_, _>>()?;
        Ok(action)
    }
}

pub(super) fn named(field: &'static str, text: &str) -> Result<Name, ManageError> {
    Name::new(text).map_err(|error| ManageError::invalid(field, error.to_string()))
}

fn limit(text: &str) -> Result<Option<Duration>, ManageError> {
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse::<TimeSpan>() {
        Ok(TimeSpan(limit)) => Ok(Some(limit)),
        Err(error) => Err(ManageError::invalid("limit", error.to_string())),
    }
}

/// The rows in which something stands.
fn rows(form: &Form) -> Vec<Row> {
    let fields = ["param", "param_kind", "param_values", "param_default", "param_about"];
    let mut columns = fields.map(|field| form.all(field));
    let mut all = Vec::new();
    loop {
        let [name, kind, values, default, about] =
            columns.each_mut().map(|column| column.next().map(|text| text.trim().to_owned()));
        let Some(name) = name else { return all };
        let text = Option::unwrap_or_default;
        let row = Row {
            name,
            kind: text(kind),
            values: text(values),
            default: text(default),
            about: text(about),
        };
        let empty = [&row.name, &row.values, &row.default, &row.about];
        if empty.iter().any(|text| !text.is_empty()) {
            all.push(row);
        }
    }
}

impl Row {
    fn of(param: &Param) -> Self {
        let (kind, values) = match &param.kind {
            ParamKind::Choice(words) => (CHOICE, words.join(", ")),
            ParamKind::Number { min, max } => (NUMBER, format!("{min}..{max}")),
            ParamKind::Text(pattern) => (PATTERN, pattern.clone()),
            _ => ("", String::new()),
        };
        Self {
            name: param.name.clone(),
            kind: kind.to_owned(),
            values,
            default: param.default.clone().unwrap_or_default(),
            about: param.description.clone(),
        }
    }

    fn param(&self) -> Result<Param, ManageError> {
        let wrong = |why: &str| ManageError::invalid(PARAM, format!("{}: {why}", self.name));
        let kind = match self.kind.as_str() {
            CHOICE => ParamKind::Choice(words(&self.values)),
            NUMBER => {
                let bounds = bounds(&self.values);
                bounds.ok_or_else(|| wrong("numbers are written as 1..9"))?
            }
            PATTERN => ParamKind::Text(self.values.clone()),
            _ => return Err(wrong("a choice, a number or a pattern is expected")),
        };
        let mut param = Param::new(&self.name, kind);
        param.description.clone_from(&self.about);
        param.default = Some(self.default.clone()).filter(|text| !text.is_empty());
        Ok(param)
    }
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

fn bounds(text: &str) -> Option<ParamKind> {
    let (min, max) = text.split_once("..")?;
    Some(ParamKind::Number { min: min.trim().parse().ok()?, max: max.trim().parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_becomes_an_action_and_comes_back_into_its_fields() {
        let form = Form::parse(
            b"name=purge&description=Purge&command=echo+%24LITEMON_PARAM_WHAT%0D%0Atrue&sudo=yes\
              &limit=2m&role=admin&groups=web\
              &param=what&param_kind=choice&param_values=all,+old&param_default=old&param_about=Which\
              &param=days&param_kind=number&param_values=-1..30&param_default=&param_about=\
              &param=who&param_kind=pattern&param_values=%5Ba-z%5D%2B&param_default=&param_about=\
              &param=&param_kind=choice&param_values=&param_default=&param_about=",
        );
        let typed = Typed::of(&form);
        let action = typed.action().unwrap();
        assert_eq!(action.command, "echo $LITEMON_PARAM_WHAT\ntrue");
        assert_eq!((action.sudo, action.changes, action.least), (true, false, Role::Admin));
        assert_eq!(action.limit, Some(Duration::from_secs(120)));
        let kinds: Vec<_> = action.params.iter().map(|param| param.kind.clone()).collect();
        let both = ["all", "old"].map(str::to_owned).to_vec();
        let expected = [
            ParamKind::Choice(both),
            ParamKind::Number { min: -1, max: 30 },
            ParamKind::Text("[a-z]+".to_owned()),
        ];
        assert_eq!(kinds, expected);
        assert_eq!(action.params[0].default.as_deref(), Some("old"));
        let again = Typed::kept("purge", &action);
        assert_eq!((again.params, again.limit), (typed.params, "2m".to_owned()));
    }

    #[test]
    fn what_makes_no_action_is_refused_beside_its_field() {
        for (form, expected) in [
            ("role=root", "role"),
            ("role=operator&limit=soon", "limit"),
            ("role=operator&groups=%3F", "groups"),
            ("role=operator&param=a&param_kind=number&param_values=1-9", "param"),
            ("role=operator&param=a&param_kind=text&param_values=x", "param"),
        ] {
            match Typed::of(&Form::parse(form.as_bytes())).action() {
                Err(ManageError::Invalid { field, .. }) => assert_eq!(field, expected, "{form}"),
                other => panic!("{form}: {other:?}"),
            }
        }
    }
}
