use std::sync::Arc;

use async_trait::async_trait;
use tokio::time::Instant;

use super::{IOS_CPU, IOS_MEMORY, ROUTEROS, Resource, ios};
use crate::{
    exec::{Command, Exec},
    model::{Device, Failure, Observation},
    probe::{
        Probe, Recipe, Site,
        resource::{garbage, read},
    },
};

/// Reads a percentage out of what a device printed.
type Parse = fn(&str) -> Option<Observation>;

/// A percentage of a network device, which it reckons itself.
///
/// cpu is the load of the last second on `RouterOS`, and the average of the last minute on IOS; mem is
/// all memory, on IOS the pool of the processor; hdd is the built-in storage, on `RouterOS` only.
#[derive(Clone, Copy, Debug)]
pub struct DeviceResource {
    command: &'static str,
    parse: Parse,
}

impl DeviceResource {
    /// The recipe of `cpu`, `mem` or `hdd`; `None` where the device does not tell it.
    #[must_use]
    pub fn new(device: Device, name: &str) -> Option<Self> {
        let (command, parse): (_, Parse) = match (device, name) {
            (Device::RouterOs, "cpu") => (ROUTEROS, |text| plain(Resource::parse(text).cpu())),
            (Device::RouterOs, "mem") => (ROUTEROS, |text| plain(Resource::parse(text).mem())),
            (Device::RouterOs, "hdd") => (ROUTEROS, |text| plain(Resource::parse(text).hdd())),
            (Device::Ios, "cpu") => (IOS_CPU, |text| {
                ios::cpu(text).map(|(value, detail)| Observation::percent(value, Some(detail)))
            }),
            (Device::Ios, "mem") => (IOS_MEMORY, |text| plain(ios::mem(text))),
            _ => return None,
        };
        Some(Self { command, parse })
    }
}

fn plain(value: Option<f64>) -> Option<Observation> {
    value.map(|value| Observation::percent(value, None))
}

impl Recipe for DeviceResource {
    fn build(&self, site: &Site) -> Arc<dyn Probe> {
        let command = Command::shell(self.command);
        Arc::new(ResourceProbe { exec: Arc::clone(&site.exec), command, parse: self.parse })
    }
}

#[derive(Debug)]
struct ResourceProbe {
    exec: Arc<dyn Exec>,
    command: Command,
    parse: Parse,
}

#[async_trait]
impl Probe for ResourceProbe {
    async fn run(&self, deadline: Instant) -> Result<Observation, Failure> {
        let text = read(&*self.exec, &self.command, deadline).await?;
        (self.parse)(&text).ok_or_else(|| garbage("not what was asked for", &text))
    }
}
