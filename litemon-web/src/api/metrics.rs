//! `/metrics`, for Prometheus, in the text format of OpenMetrics 1.0, or the one from before it.
//! docs/API.md lists them.
//!
//! Nothing is kept between two scrapes: every number is read from what the monitor publishes.

use std::{fmt, sync::Arc};

use http::{
    HeaderMap, HeaderValue,
    header::{CONTENT_TYPE, VARY},
};
use litemon_core::{
    model::{Status, Timestamp},
    monitor::{CheckView, MonitorHandle, Snapshot},
};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, NoLabelSet, text},
    metrics::MetricType,
    registry::{Registry, Unit},
};
use warp::Reply;

use super::{
    call::Answer,
    exposition::{plain, takes_openmetrics},
    problem::Refusal,
    view::View,
};
use crate::{health::Health, service::Site};

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const PLAIN: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The page, for those who may read everything: a scraper shows a token.
pub(super) fn page(site: &Site, headers: &HeaderMap) -> Answer {
    let scrape = Scrape {
        snapshot: site.handles.snapshot.borrow().clone(),
        now: site.handles.clock.now(),
        started: site.started,
        monitor: site.handles.monitor.clone(),
        version: site.settings.version.clone(),
    };
    let mut registry = Registry::with_prefix("litemon");
    registry.register_collector(Box::new(scrape));
    let mut page = String::new();
    text::encode(&mut page, &registry).map_err(|error| Refusal::unwritten(&error))?;
    let (page, kind) = match takes_openmetrics(headers) {
        true => (page, OPENMETRICS),
        false => (plain(&page), PLAIN),
    };
    let mut response = page.into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().append(VARY, HeaderValue::from_static("accept"));
    Ok(response)
}

/// What is known at one moment.
#[derive(Debug)]
struct Scrape {
    snapshot: Arc<Snapshot>,
    now: Timestamp,
    started: Timestamp,
    monitor: Option<MonitorHandle>,
    version: String,
}

impl Collector for Scrape {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut out = Out(encoder);
        self.program(&mut out)?;
        self.checks(&mut out)?;
        self.notices(&mut out)?;
        match &self.monitor {
            Some(monitor) => working(monitor, self.now, &mut out),
            None => Ok(()),
        }
    }
}

/// Families, one after the other.
struct Out<'a>(DescriptorEncoder<'a>);

impl Out<'_> {
    fn gauges<L: EncodeLabelSet>(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<&Unit>,
        rows: impl IntoIterator<Item = (L, f64)>,
    ) -> fmt::Result {
        let mut family = self.0.encode_descriptor(name, help, unit, MetricType::Gauge)?;
        for (labels, value) in rows {
            family.encode_family(&labels)?.encode_gauge(&value)?;
        }
        Ok(())
    }

    fn gauge(&mut self, name: &str, help: &str, unit: Option<&Unit>, value: f64) -> fmt::Result {
        self.0.encode_descriptor(name, help, unit, MetricType::Gauge)?.encode_gauge(&value)
    }

    fn counters<L: EncodeLabelSet>(
        &mut self,
        name: &str,
        help: &str,
        rows: impl IntoIterator<Item = (L, u64)>,
    ) -> fmt::Result {
        let mut family = self.0.encode_descriptor(name, help, None, MetricType::Counter)?;
        for (labels, value) in rows {
            let mut counter = family.encode_family(&labels)?;
            counter.encode_counter::<NoLabelSet, _, f64>(&value, None)?;
        }
        Ok(())
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        let mut counter = self.0.encode_descriptor(name, help, None, MetricType::Counter)?;
        counter.encode_counter::<NoLabelSet, _, f64>(&value, None)
    }
}

impl Scrape {
    fn program(&self, out: &mut Out<'_>) -> fmt::Result {
        let labels = [("version", self.version.as_str())];
        out.0
            .encode_descriptor("build", "The program that answers", None, MetricType::Info)?
            .encode_info(&labels)?;
        let started = seconds(self.started);
        out.gauge("start_time", "When it started", Some(&Unit::Seconds), started)?;
        let healthy = Health::of(&self.snapshot, self.now) == Health::Ok;
        out.gauge("healthy", "Whether /healthz answers with 200", None, flag(healthy))?;
        let faults = count(self.snapshot.own_faults.len());
        out.gauge("own_faults", "Things that are wrong with the monitor itself", None, faults)?;
        let isolated = flag(self.snapshot.isolated.is_some());
        out.gauge("isolated", "Whether the monitor's own network is away", None, isolated)
    }

    fn checks(&self, out: &mut Out<'_>) -> fmt::Result {
        let (snapshot, now) = (&*self.snapshot, self.now);
        let counts = View { snapshot, now, detail: false }.counts();
        let states = [
            ("ok", counts.ok),
            ("warning", counts.warning),
            ("unknown", counts.unknown),
            ("critical", counts.critical),
            ("blocked", counts.blocked),
            ("pending", counts.pending),
        ];
        let states = states.map(|(state, number)| ([("state", state)], count(number)));
        out.gauges("checks", "Checks by state", None, states)?;
        out.gauges(
            "check_status",
            "What a check is, as Nagios has it: 0 ok, 1 warning, 2 critical, 3 unknown",
            None,
            snapshot.checks().map(|check| (labels(check), nagios(check.status))),
        )?;
        let last = |check: &CheckView| check.last.as_ref().map(|last| (last.at, last.took));
        let results = || snapshot.checks().filter_map(|check| Some((check, last(check)?)));
        out.gauges(
            "check_last_duration",
            "How long the last run of a check took",
            Some(&Unit::Seconds),
            results().map(|(check, (_, took))| (labels(check), took.as_secs_f64())),
        )?;
        out.gauges(
            "check_last_result_timestamp",
            "When the last run of a check ended",
            Some(&Unit::Seconds),
            results().map(|(check, (at, _))| (labels(check), seconds(at))),
        )
    }

    fn notices(&self, out: &mut Out<'_>) -> fmt::Result {
        let incidents = count(self.snapshot.incidents.len());
        out.gauge("incidents_open", "Open incidents", None, incidents)?;
        let pending = count(self.snapshot.outbox);
        out.gauge("outbox_notices", "Notices that were not accepted yet", None, pending)?;
        let help = "Notices that are gathered, over a budget or kept for the end of quiet hours";
        out.gauge("notices_held", help, None, count(self.snapshot.held))
    }
}

/// What only a running monitor tells.
fn working(monitor: &MonitorHandle, now: Timestamp, out: &mut Out<'_>) -> fmt::Result {
    let measured = monitor.measured();
    let results = [("seen", measured.seen), ("failed", measured.failed)];
    out.counters("results", "Runs of checks", results.map(|(word, n)| ([("result", word)], n)))?;
    out.counter("overruns", "Runs skipped as the one before was not done", measured.overruns)?;
    out.counter("ssh_logins", "SSH connections that were opened", measured.ssh_logins)?;
    let open = count(measured.ssh_connections);
    out.gauge("ssh_connections", "SSH connections that are open", None, open)?;
    let help = "From the first result that was not OK to the gateway's acceptance of its notice";
    times(("time_to_notify", help), &measured.told, out)?;
    let help = "From a gateway's acceptance of a notice to its report that it arrived";
    times(("time_to_deliver", help), &measured.arrived, out)?;
    delivery(monitor, now, out)?;
    history(monitor, out)
}

fn times(
    (name, help): (&str, &str),
    told: &litemon_core::measures::Distribution,
    out: &mut Out<'_>,
) -> fmt::Result {
    let bounded = litemon_core::measures::Distribution::BOUNDS.into_iter().zip(told.counts);
    let above = told.count.saturating_sub(told.counts.iter().sum());
    let buckets: Vec<_> = bounded.chain([(f64::INFINITY, above)]).collect();
    let unit = Some(&Unit::Seconds);
    out.0
        .encode_descriptor(name, help, unit, MetricType::Histogram)?
        .encode_histogram::<NoLabelSet>(told.sum.as_secs_f64(), told.count, &buckets, None)
}

fn delivery(monitor: &MonitorHandle, now: Timestamp, out: &mut Out<'_>) -> fmt::Result {
    let delivery = monitor.delivery();
    let oldest = delivery.oldest.map_or(0.0, |at| now.since(at).as_secs_f64());
    let help = "Age of the oldest notice that was not accepted yet, 0 without one";
    out.gauge("outbox_oldest_age", help, Some(&Unit::Seconds), oldest)?;
    let attempts = delivery.notifiers.iter().flat_map(|(name, done)| {
        let results = [
            ("accepted", done.accepted),
            ("queued", done.queued),
            ("retry", done.retries),
            ("permanent", done.dead),
        ];
        results.map(|(result, n)| ([("notifier", name.as_str()), ("result", result)], n))
    });
    out.counters("delivery_attempts", "Attempts to send a notice", attempts)?;
    out.counter("dead_letters", "Notices that were given up", delivery.dead_total)
}

fn history(monitor: &MonitorHandle, out: &mut Out<'_>) -> fmt::Result {
    let feed = monitor.feed();
    let help = "Whether history was last taken by its store; absent before the first time";
    out.gauges("store_up", help, None, feed.up.map(|up| (UNLABELLED, flag(up))))?;
    let queued = count(feed.queued);
    out.gauge("store_queue_records", "History that waits in memory", None, queued)?;
    let spooled = count(usize::try_from(feed.spooled).unwrap_or(usize::MAX));
    out.gauge("store_spool_records", "History that waits in the journal", None, spooled)?;
    out.counter("store_lost_records", "History that was lost", feed.lost)?;
    let journal = flag(monitor.journal_fault().is_none());
    out.gauge("journal_up", "Whether the journal can be written", None, journal)
}

/// No label at all.
const UNLABELLED: [(&str, &str); 0] = [];

fn labels(check: &CheckView) -> [(&'static str, &str); 2] {
    [("check", check.id.as_str()), ("kind", check.kind.as_str())]
}

fn nagios(status: Status) -> f64 {
    f64::from(status.exit_code())
}

fn flag(on: bool) -> f64 {
    f64::from(u8::from(on))
}

#[allow(clippy::cast_precision_loss, reason = "nothing here is counted to 2^53")]
fn count(number: usize) -> f64 {
    number as f64
}

#[allow(clippy::cast_precision_loss, reason = "milliseconds fit for 280,000 years")]
fn seconds(at: Timestamp) -> f64 {
    at.as_millis() as f64 / 1000.0
}
