//! The fields of a server.

use litemon_core::{manage::inventory::Choices, model::Device};
use maud::{Markup, html};

use super::{
    super::fields::{Field, Fields, cell, tick},
    typed::{Row, Typed},
};
use crate::{gate::Ask, words::inventory::InventoryWords};

/// A form's fields, what they hold and what there is to choose from.
pub(super) struct Sections<'a> {
    pub(super) ask: &'a Ask,
    pub(super) fields: Fields<'a>,
    pub(super) typed: &'a Typed,
    pub(super) choices: &'a Choices,
}

impl Sections<'_> {
    const fn words(&self) -> &'static InventoryWords {
        &self.ask.words.inventory
    }

    /// All of them; a new server has its name among them.
    pub(super) fn draw(&self, new: bool) -> Markup {
        html! { (self.place(new)) (self.login()) (self.watched()) (self.told()) }
    }

    fn place(&self, new: bool) -> Markup {
        let (words, typed, fields) = (self.words(), self.typed, &self.fields);
        let devices = Device::ALL.map(|device| (device.word(), device.word()));
        html! {
            fieldset.part {
                legend { (words.place) }
                div.two {
                    @if new {
                        (fields.text(&Field { name: "name", label: words.name, value: &typed.name, hint: words.name_hint, needed: true, code: false }))
                    }
                    (fields.text(&Field { name: "address", label: words.address, value: &typed.address, hint: words.address_hint, needed: true, code: false }))
                    (fields.text(&Field { name: "jump", label: words.jump, value: &typed.jump, hint: words.jump_hint, ..Field::default() }))
                    (fields.select(&Field { name: "device", label: words.device, value: &typed.device, ..Field::default() }, &devices))
                }
                (self.ticks("groups", words.groups, &self.choices.groups, &typed.groups, words.groups_hint))
                (fields.area(&Field { name: "labels", label: words.labels, value: &typed.labels, hint: words.labels_hint, ..Field::default() }, 2))
            }
        }
    }

    fn ticks(
        &self,
        name: &str,
        legend: &str,
        all: &[litemon_core::model::Name],
        ticked: &[String],
        hint: &str,
    ) -> Markup {
        if all.is_empty() {
            return self.fields.said(name);
        }
        self.fields.ticks(name, legend, all, ticked, hint)
    }

    fn login(&self) -> Markup {
        let (words, typed, fields) = (self.words(), self.typed, &self.fields);
        let key = Field {
            name: "private_key",
            label: words.private_key,
            hint: if typed.stored.private_key { words.stored } else { words.private_key_hint },
            code: true,
            ..Field::default()
        };
        html! {
            fieldset.part {
                legend { (words.login) }
                div.two {
                    (fields.text(&Field { name: "user", label: words.user, value: &typed.user, hint: words.default_hint, ..Field::default() }))
                    (fields.text(&Field { name: "identity", label: words.identity, value: &typed.identity, hint: words.identity_hint, ..Field::default() }))
                    (self.secret("password", words.password, typed.stored.password))
                    (self.secret("sudo_password", words.sudo_password, typed.stored.sudo_password))
                }
                div {
                    (fields.area(&key, 3))
                    (self.forget("private_key", typed.stored.private_key))
                }
            }
        }
    }

    /// What is stored is not shown; left empty it stays, and a box takes it away.
    fn secret(&self, name: &str, label: &str, stored: bool) -> Markup {
        let hint = if stored { self.words().stored } else { self.words().secret_hint };
        html! {
            div {
                (self.fields.password(&Field { name, label, hint, ..Field::default() }))
                (self.forget(name, stored))
            }
        }
    }

    fn forget(&self, name: &str, stored: bool) -> Markup {
        html! { @if stored { (tick(&format!("no_{name}"), "yes", self.words().forget, false)) } }
    }

    fn watched(&self) -> Markup {
        let (words, typed, fields) = (self.words(), self.typed, &self.fields);
        html! {
            fieldset.part {
                legend { (words.watched) }
                (fields.ticks("profiles", words.profiles, &self.choices.profiles, &typed.profiles, words.profiles_hint))
                fieldset.rows-of-fields {
                    legend { (words.services) }
                    p.soft { (words.services_hint) }
                    @for (place, row) in with_room(&typed.services).iter().enumerate() { (self.service(place, row)) }
                    (fields.said("services"))
                }
                fieldset.rows-of-fields {
                    legend { (words.resources) }
                    p.soft { (words.resources_hint) }
                    @for (place, row) in with_room(&typed.resources).iter().enumerate() { (self.resource(place, row)) }
                    (fields.said("resources"))
                }
            }
        }
    }

    fn service(&self, place: usize, [name, command, expect]: &Row) -> Markup {
        let words = self.words();
        html! {
            div.three {
                (cell("service", place, words.check_name, name, false))
                (cell("service_command", place, words.command, command, true))
                (cell("service_expect", place, words.expect, expect, true))
            }
        }
    }

    fn resource(&self, place: usize, [name, command, percent]: &Row) -> Markup {
        let words = self.words();
        html! {
            div.three {
                (cell("resource", place, words.check_name, name, false))
                (cell("resource_command", place, words.command, command, true))
                (cell("resource_threshold", place, words.threshold, percent, false))
            }
        }
    }

    fn told(&self) -> Markup {
        let (words, typed) = (self.words(), self.typed);
        let tells = Field {
            name: "tells",
            label: words.tells,
            value: if typed.own_notify { "own" } else { "" },
            ..Field::default()
        };
        let ways = [("", words.tells_default), ("own", words.tells_own)];
        html! {
            @if !self.choices.notifiers.is_empty() {
                fieldset.part {
                    legend { (words.told) }
                    (self.fields.select(&tells, &ways))
                    (self.fields.ticks("notify", words.notifiers, &self.choices.notifiers, &typed.notify, words.notify_hint))
                }
            }
        }
    }
}

/// The rows and an empty one.
fn with_room(rows: &[Row]) -> Vec<Row> {
    rows.iter().cloned().chain([Row::default()]).collect()
}
