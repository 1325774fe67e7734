//! placeholder
use super::*; use std::sync::Arc; use tokio::sync::watch; use crate::model::HistoryRecord;
/// x
#[derive(Debug)] pub struct Feeder;
/// x
#[derive(Debug, Clone, Default)] pub struct FeederStatus;
impl FeederStatus { /// x
pub fn fault(&self) -> Option<String> { None } }
impl Feeder { /// x
pub fn start(_s: Arc<dyn Store>, _j: Arc<dyn crate::journal::Journal>) -> Self { Self }
/// x
pub fn push(&self, _r: HistoryRecord) {}
/// x
pub fn status(&self) -> watch::Receiver<FeederStatus> { watch::channel(FeederStatus).1 }
/// x
pub async fn close(&mut self, _d: std::time::Duration) {}
}
