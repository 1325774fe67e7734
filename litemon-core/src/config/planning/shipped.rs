//! The actions that come with litemon, as far as one has to know them to have one run.

use crate::model::{Param, ParamKind};

/// What there is to say of one before it is run.
pub(crate) struct BuiltIn {
    pub(crate) name: &'static str,
    pub(crate) params: Vec<Param>,
    pub(crate) dangerous: bool,
}

/// Those that come with litemon, in the order in which they are shown.
pub(crate) fn built_in_actions() -> Vec<BuiltIn> {
    let one = |name, params, dangerous| BuiltIn { name, params, dangerous };
    vec![
        one("ping", vec![target()], false),
        one("refresh", vec![], false),
        one("update", vec![only_show()], false),
        one("full-upgrade", vec![only_show()], true),
        one("service", vec![verb(), unit()], true),
        one("restart", vec![], true),
        one("shutdown", vec![minutes()], true),
        one("cancel-shutdown", vec![], false),
    ]
}

fn param(name: &str, description: &str, kind: ParamKind, default: Option<&str>) -> Param {
    Param {
        name: name.to_owned(),
        description: description.to_owned(),
        kind,
        default: default.map(str::to_owned),
    }
}

fn choice(words: &[&str]) -> ParamKind {
    ParamKind::Choice(words.iter().map(|word| (*word).to_owned()).collect())
}

fn target() -> Param {
    let kind = choice(&["server", "gateway", "internet", "main"]);
    let description =
        "the server from here; or from the server its gateway, the internet, the main server";
    param("target", description, kind, Some("server"))
}

fn only_show() -> Param {
    param(
        "only-show",
        "show what would be done, and do nothing",
        choice(&["no", "yes"]),
        Some("no"),
    )
}

fn verb() -> Param {
    param("verb", "what is done to it", choice(&["start", "stop", "restart"]), None)
}

fn unit() -> Param {
    let kind = ParamKind::Text(r"[A-Za-z0-9_][A-Za-z0-9_.@:\\-]{0,199}".to_owned());
    param("unit", "the name of the service", kind, None)
}

fn minutes() -> Param {
    param("in", "in how many minutes", ParamKind::Number { min: 0, max: 1440 }, Some("0"))
}
