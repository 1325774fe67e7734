//! Fields of longer forms: a label above, a hint below, and beside it what is wrong with it.

use litemon_core::{manage::ManageError, model::Name};
use maud::{Markup, html};

use crate::text::Clean;

/// Draws fields; one of them may have been filled with what cannot be accepted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fields<'a> {
    wrong: Option<(&'a str, &'a str)>,
}

/// A field that takes a text.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Field<'a> {
    pub(super) name: &'a str,
    pub(super) label: &'a str,
    pub(super) value: &'a str,
    /// What is expected, or what it means to leave it empty.
    pub(super) hint: &'a str,
    pub(super) needed: bool,
    /// Set in letters of one width, as commands are.
    pub(super) code: bool,
}

impl<'a> Fields<'a> {
    /// With what was refused of what was sent.
    pub(super) fn new(error: Option<&'a ManageError>) -> Self {
        let wrong = match error {
            Some(ManageError::Invalid { field, message }) => Some((*field, message.as_str())),
            _ => None,
        };
        Self { wrong }
    }

    /// A line.
    pub(super) fn text(&self, field: &Field<'_>) -> Markup {
        let id = id(field.name);
        let input = html! {
            input.code[field.code] id=(id) name=(field.name) value=(field.value) maxlength="4096" required[field.needed]
                autocomplete="off" autocapitalize="none" spellcheck="false"
                aria-invalid=[self.is_wrong(field.name)] aria-describedby=[self.describes(field.name, field.hint)];
        };
        self.around(field, &input)
    }

    /// Several lines.
    pub(super) fn area(&self, field: &Field<'_>, rows: u8) -> Markup {
        let id = id(field.name);
        let input = html! {
            // A browser leaves out the first line end.
            textarea.code[field.code] id=(id) name=(field.name) rows=(rows) required[field.needed] autocomplete="off"
                autocapitalize="none" spellcheck="false" aria-invalid=[self.is_wrong(field.name)]
                aria-describedby=[self.describes(field.name, field.hint)] { "\n" (field.value) }
        };
        self.around(field, &input)
    }

    /// A password: what is kept is never shown, and stays when nothing is typed.
    pub(super) fn password(&self, field: &Field<'_>) -> Markup {
        let id = id(field.name);
        let input = html! {
            input id=(id) name=(field.name) type="password" maxlength="4096" autocomplete="new-password"
                aria-invalid=[self.is_wrong(field.name)] aria-describedby=[self.describes(field.name, field.hint)];
        };
        self.around(field, &input)
    }

    /// One of several values, each with its word.
    pub(super) fn select(&self, field: &Field<'_>, options: &[(&str, &str)]) -> Markup {
        let input = html! {
            select id=(id(field.name)) name=(field.name) aria-invalid=[self.is_wrong(field.name)]
                aria-describedby=[self.describes(field.name, field.hint)] {
                @for (value, word) in options {
                    option value=(value) selected[*value == field.value] { (word) }
                }
            }
        };
        self.around(field, &input)
    }

    /// Any of several names.
    pub(super) fn ticks(
        &self,
        name: &str,
        legend: &str,
        all: &[Name],
        ticked: &[String],
        hint: &str,
    ) -> Markup {
        html! {
            fieldset.ticks aria-describedby=[self.describes(name, hint)] {
                legend { (legend) }
                @for one in all { (tick(name, one.as_str(), one.as_str(), ticked.iter().any(|name| name == one.as_str()))) }
                @if !hint.is_empty() { p.soft id={ "hint-" (name) } { (hint) } }
                (self.said(name))
            }
        }
    }

    /// What is wrong with a field.
    pub(super) fn said(&self, name: &str) -> Markup {
        html! {
            @if let Some((field, message)) = self.wrong && field == name {
                p.wrong id={ "wrong-" (name) } { (Clean(message)) }
            }
        }
    }

    fn around(&self, field: &Field<'_>, input: &Markup) -> Markup {
        html! {
            div.field {
                label for=(id(field.name)) { (field.label) }
                (input)
                @if !field.hint.is_empty() { p.soft id={ "hint-" (field.name) } { (field.hint) } }
                (self.said(field.name))
            }
        }
    }

    fn is_wrong(&self, name: &str) -> Option<&'static str> {
        self.wrong.is_some_and(|(field, _)| field == name).then_some("true")
    }

    fn describes(&self, name: &str, hint: &str) -> Option<String> {
        let hint = (!hint.is_empty()).then(|| format!("hint-{name}"));
        let wrong = self.is_wrong(name).map(|_| format!("wrong-{name}"));
        let all: Vec<String> = hint.into_iter().chain(wrong).collect();
        (!all.is_empty()).then(|| all.join(" "))
    }
}

/// A box with its words.
pub(super) fn tick(name: &str, value: &str, words: &str, ticked: bool) -> Markup {
    html! {
        label.tick { input type="checkbox" name=(name) value=(value) checked[ticked]; span { (words) } }
    }
}

/// One of the fields of a row of a table of fields.
pub(super) fn cell(name: &str, row: usize, label: &str, value: &str, code: bool) -> Markup {
    let id = format!("f-{name}-{row}");
    html! {
        div.field {
            label for=(id) { (label) }
            input.code[code] id=(id) name=(name) value=(value) maxlength="4096" autocomplete="off" autocapitalize="none"
                spellcheck="false";
        }
    }
}

fn id(name: &str) -> String {
    format!("f-{name}")
}
