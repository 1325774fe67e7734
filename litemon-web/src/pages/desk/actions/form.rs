//! The fields of an action.

use litemon_core::{manage::Role, model::Name};
use maud::{Markup, html};

use super::{
    super::fields::{Field, Fields, cell, tick},
    typed::{CHOICE, NUMBER, PARAM, PATTERN, Row, Typed},
};
use crate::{gate::Ask, words::catalog::CatalogWords};

/// A form's fields and what they hold.
pub(super) struct Sections<'a> {
    pub(super) ask: &'a Ask,
    pub(super) fields: Fields<'a>,
    pub(super) typed: &'a Typed,
    /// The groups of the configuration.
    pub(super) groups: &'a [Name],
}

impl Sections<'_> {
    const fn words(&self) -> &'static CatalogWords {
        &self.ask.words.catalog
    }

    /// All of them; a new action has its name among them.
    pub(super) fn draw(&self, new: bool) -> Markup {
        html! { (self.what(new)) (self.params()) (self.how()) (self.who()) }
    }

    fn what(&self, new: bool) -> Markup {
        let (words, typed, fields) = (self.words(), self.typed, &self.fields);
        html! {
            fieldset.part {
                legend { (words.what) }
                div.two {
                    @if new {
                        (fields.text(&Field { name: "name", label: words.name, value: &typed.name, hint: words.name_hint, needed: true, code: false }))
                    }
                    (fields.text(&Field { name: "description", label: words.description, value: &typed.description, hint: words.description_hint, ..Field::default() }))
                }
                (fields.area(&Field { name: "command", label: words.command, value: &typed.command, hint: words.command_hint, needed: true, code: true }, 4))
            }
        }
    }

    fn params(&self) -> Markup {
        let words = self.words();
        let room = self.typed.params.iter().cloned().chain([Row::default()]);
        html! {
            fieldset.part {
                legend { (words.params) }
                p.soft { (words.params_hint) }
                @for (place, row) in room.enumerate() { (self.param(place, &row)) }
                (self.fields.said(PARAM))
            }
        }
    }

    fn param(&self, place: usize, row: &Row) -> Markup {
        let words = self.words();
        let kinds = [(CHOICE, words.choice), (NUMBER, words.number), (PATTERN, words.pattern)];
        let id = format!("f-param_kind-{place}");
        html! {
            div.param {
                (cell("param", place, words.param_name, &row.name, false))
                div.field {
                    label for=(id) { (words.param_kind) }
                    select id=(id) name="param_kind" {
                        @for (kind, word) in kinds { option value=(kind) selected[row.kind == kind] { (word) } }
                    }
                }
                (cell("param_values", place, words.param_values, &row.values, true))
                (cell("param_default", place, words.param_default, &row.default, true))
                (cell("param_about", place, words.param_about, &row.about, false))
            }
        }
    }

    fn how(&self) -> Markup {
        let (words, typed) = (self.words(), self.typed);
        let limit = Field {
            name: "limit",
            label: words.limit,
            value: &typed.limit,
            hint: words.limit_hint,
            ..Field::default()
        };
        html! {
            fieldset.part {
                legend { (words.how) }
                div.boxes {
                    (tick("sudo", "yes", words.sudo, typed.sudo))
                    (tick("changes", "yes", words.changes, typed.changes))
                    (tick("one_by_one", "yes", words.turns, typed.one_by_one))
                }
                div.two { (self.fields.text(&limit)) }
            }
        }
    }

    fn who(&self) -> Markup {
        let (words, typed, fields) = (self.words(), self.typed, &self.fields);
        let roles =
            [(Role::Operator.word(), words.role_operator), (Role::Admin.word(), words.role_admin)];
        let role =
            Field { name: "role", label: words.least, value: &typed.role, ..Field::default() };
        html! {
            fieldset.part {
                legend { (words.who) }
                div.two { (fields.select(&role, &roles)) }
                @if !self.groups.is_empty() {
                    (fields.ticks("groups", words.groups, self.groups, &typed.groups, words.groups_hint))
                }
                div.boxes {
                    (tick("dangerous", "yes", words.dangerous, typed.dangerous))
                    (tick("asks_password", "yes", words.asks_password, typed.asks_password))
                }
            }
        }
    }
}
