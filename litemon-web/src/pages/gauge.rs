//! A percentage as a bar with its limit, and as a number.

use litemon_core::{model::Status, monitor::CheckView};
use maud::{Markup, html};

use super::mark;
use crate::scene::Scene;

/// A number as it is read: whole, but with a decimal where that tells it from its limit.
pub(crate) fn number(value: f64, limit: Option<f64>) -> String {
    let near = limit.is_some_and(|limit| (value - limit).abs() < 1.0 && value != limit);
    if near { format!("{value:.1}") } else { format!("{value:.0}") }
}

/// A limit with the unit of what is held against it.
pub(crate) fn limit(unit: &str, limit: f64) -> String {
    match unit {
        "%" => format!("{}\u{a0}%", number(limit, None)),
        unit => format!("{limit}\u{a0}{unit}"),
    }
}

/// A value with its unit, as it is told apart from its limit.
pub(crate) fn with_unit(value: f64, unit: &str, limit: Option<f64>) -> String {
    match unit {
        "%" => format!("{}\u{a0}%", number(value, limit)),
        "" => number(value, Some(value)),
        "s" if value.abs() < 0.1 => format!("{}\u{a0}ms", short(value * 1000.0)),
        unit => format!("{}\u{a0}{unit}", short(value)),
    }
}

/// A measured value with its unit, for kinds of all sorts.
pub(crate) fn measured(check: &CheckView) -> Option<String> {
    let last = check.last.as_ref()?;
    let seen = last.result.as_ref().ok()?;
    Some(with_unit(seen.value()?, seen.unit(), check.threshold.or(check.warn)))
}

/// Three decimals at most, none that are zero.
fn short(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// One row: name, bar, number.
pub(crate) fn gauge(scene: &Scene, check: &CheckView) -> Markup {
    let current = check.current_value(scene.now);
    let shown = current.or_else(|| check.last_value.map(|(_, value)| value));
    let status = if current.is_some() { check.status } else { Status::Unknown };
    html! {
        div.gauge.(mark::class(status)).old[current.is_none()] {
            dt { a href={ "/checks/" (check.id.as_str()) } { (check.id.name()) } }
            dd {
                (bar(shown, check.threshold, check.warn))
                span.num { (amount(scene, check, current.is_some(), shown)) }
            }
        }
    }
}

fn amount(scene: &Scene, check: &CheckView, current: bool, shown: Option<f64>) -> Markup {
    let limit = check.threshold.or(check.warn);
    html! {
        @match shown {
            Some(value) => {
                @if !current { @if let Some((at, _)) = check.last_value {
                    // In brackets as the ages of problems are: a tile has no room for "ago".
                    span.age {
                        "(" (scene.words.duration(scene.now.since(at)))
                        span.hidden { " " (scene.words.ago) } ") "
                    }
                } }
                (number(value, limit)) span.unit { "%" }
            }
            None => span.none title=(scene.words.no_value) { "–" },
        }
    }
}

/// The bar is a picture of the number beside it, so it is hidden from those who hear the page.
fn bar(value: Option<f64>, threshold: Option<f64>, warn: Option<f64>) -> Markup {
    html! {
        svg.bar width="100%" height="14" aria-hidden="true" focusable="false" {
            rect.track y="4" width="100%" height="6" rx="3" {}
            @if let Some(value) = value {
                rect.fill y="4" width={ (format!("{:.1}", value.clamp(0.0, 100.0))) "%" } height="6" rx="3" {}
            }
            @for limit in [warn, threshold].into_iter().flatten().filter(|l| (0.0..=100.0).contains(l)) {
                rect.tick x={ (format!("{limit:.1}")) "%" } y="1" width="1.5" height="12" {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn a_number_never_looks_like_the_limit_it_passed() {
        assert_eq!(number(50.3, Some(50.0)), "50.3");
        assert_eq!(number(50.0, Some(50.0)), "50");
        assert_eq!(number(62.7, Some(50.0)), "63");
        assert_eq!(number(0.4, None), "0");
    }
}
