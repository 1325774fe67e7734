//! What network devices say of themselves, read from what they print for people.

mod ios;
mod resource;
mod routeros;
mod span;

pub use self::resource::DeviceResource;
pub(crate) use self::{ios::uptime as ios_uptime, routeros::Resource, span::in_words};

/// `RouterOS`: everything at once.
pub(crate) const ROUTEROS: &str = "/system resource print";
/// IOS: how busy the processor is; the list of processes behind it is left out by the device.
pub(crate) const IOS_CPU: &str = "show processes cpu | include CPU utilization";
/// IOS: its pools of memory.
pub(crate) const IOS_MEMORY: &str = "show memory statistics";
/// IOS: since when it runs.
pub(crate) const IOS_UPTIME: &str = "show version | include uptime";
