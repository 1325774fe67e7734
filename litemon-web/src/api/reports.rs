//! Reports.

use std::time::Duration;

use litemon_core::report::Span;

use super::{
    call::{Answer, Call, json},
    problem::Refusal,
};
use crate::report::{self, NoReport};

const WEEK: Duration = Duration::from_secs(7 * 86_400);

pub(super) async fn report(call: Call) -> Answer {
    let (from, to) = call.query.span_of(call.now, WEEK)?;
    let (from, to) = (from.to_string(), to.to_string());
    let span = Span::between(&from, Some(&to), call.now, &call.site.settings.zone)
        .map_err(|error| Refusal::parameter(error.to_string()))?;
    let made = report::read(&call.site, span, call.visitor.principal.as_ref()).await;
    json(&report::json(&made.map_err(|error| match error {
        NoReport::Slow => Refusal::slow(),
        NoReport::Away(_) => Refusal::away(),
    })?))
}
