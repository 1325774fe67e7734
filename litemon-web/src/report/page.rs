//! A report as a page to be printed.

use litemon_core::{
    model::{Language, Zone},
    report::{Report, Times, share_of},
};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{tables, told::Reader};
use crate::{assets, words::Words};

/// A report as one file of HTML that needs nothing else: to be kept, sent, or printed on A4.
#[must_use]
pub fn html(report: &Report, zone: &Zone, language: Language) -> String {
    let words = Words::of(language);
    let page = html! {
        (DOCTYPE)
        html lang=(words.code) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title(words, zone, report)) " · litemon" }
                // Our own words, without anything from elsewhere.
                style { (PreEscaped(assets::style_text())) }
            }
            body { main #main {
                h1 { (title(words, zone, report)) }
                (content(words, zone, report))
            } }
        }
    };
    page.into_string()
}

/// Its heading: what time it is of.
pub(crate) fn title(words: &'static Words, zone: &Zone, report: &Report) -> String {
    format!("{} {}", words.report.report, Reader { words, zone }.span(report))
}

/// What a report says below its heading.
pub(crate) fn content(words: &'static Words, zone: &Zone, report: &Report) -> Markup {
    let reader = Reader { words, zone };
    html! {
        p.summary { (summary(reader, report)) }
        (tables::servers(reader, &report.servers))
        (tables::services(reader, &report.services))
        p.soft { (words.report.about_shares) }
        (tables::incidents(reader, &report.incidents))
        (tables::resources(reader, &report.resources))
        @if !report.statistics.is_empty() { (tables::statistics(reader, &report.statistics)) }
        @if let Some(jobs) = &report.jobs { (tables::jobs(reader, jobs)) }
        p.soft { "litemon · " (reader.moment(report.made)) " " (zone.abbreviation(report.made)) }
    }
}

/// What one should know who reads no table.
fn summary(reader: Reader<'_>, report: &Report) -> String {
    let words = &reader.words.report;
    let mut told = Vec::new();
    if report.until < report.span.to {
        told.push(words.so_far(reader.moment(report.until)));
    }
    told.push(match share_of(&report.servers) {
        Some(share) => words.were_available(report.servers.len(), reader.share(Some(share))),
        None => words.nothing_known.to_owned(),
    });
    let incidents = &report.incidents;
    if incidents.count == 0 {
        told.push(words.no_incident.to_owned());
    } else {
        told.push(words.were_incidents(incidents.count));
        let times = |times: &Times| {
            (times.count > 0).then(|| (reader.lasting(times.mean), reader.lasting(times.longest)))
        };
        told.extend(times(&incidents.told).map(|(mean, most)| words.were_told(mean, most)));
        told.extend(times(&incidents.lasted).map(|(mean, most)| words.were_over(mean, most)));
    }
    told.join(" ")
}
