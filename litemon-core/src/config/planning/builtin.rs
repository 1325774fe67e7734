//! The profiles that are built in: `linux`, `routeros`, `ios`.

use std::{collections::BTreeMap, sync::LazyLock};

use super::layers::Entries;
use crate::{
    config::file::CheckEntry,
    model::{Device, Name},
};

type Table = BTreeMap<Name, CheckEntry>;

/// The order of the built-in checks; others come behind.
pub(super) fn rank(name: &Name) -> usize {
    let order = ["cpu", "mem", "hdd"];
    order.iter().position(|word| *word == name.as_str()).unwrap_or(order.len())
}

/// The resources and the other checks of a device's profile.
pub(super) fn of(device: Device) -> (Entries<'static>, Option<Entries<'static>>) {
    static ALL: LazyLock<Table> = LazyLock::new(|| resources(&["cpu", "mem", "hdd"]));
    static NO_DISK: LazyLock<Table> = LazyLock::new(|| resources(&["cpu", "mem"]));
    static UPTIME: LazyLock<Table> = LazyLock::new(|| {
        let uptime = CheckEntry { kind: Some("uptime".to_owned()), ..CheckEntry::default() };
        Name::new("uptime").into_iter().map(|name| (name, uptime.clone())).collect()
    });
    match device {
        Device::RouterOs => (&ALL, Some(&UPTIME)),
        Device::Ios => (&NO_DISK, Some(&UPTIME)),
        Device::Linux | Device::FreeBsd => (&ALL, None),
    }
}

fn resources(names: &[&str]) -> Table {
    let names = names.iter().filter_map(|name| Name::new(name).ok());
    names.map(|name| (name, CheckEntry::default())).collect()
}
