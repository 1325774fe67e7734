//! The text format of Prometheus from before OpenMetrics, for readers that do not ask for the newer
//! one: the same samples under the names that it has for their families.

use http::{HeaderMap, header::ACCEPT};

/// The media type of OpenMetrics, without its parameters.
const OPENMETRICS: &str = "application/openmetrics-text";

/// Whether a reader names OpenMetrics among what it takes, and does not refuse it by `q=0`.
pub(super) fn takes_openmetrics(headers: &HeaderMap) -> bool {
    let given = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    given.flat_map(|value| value.split(',')).any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(OPENMETRICS));
        let refused = parts
            .filter_map(|part| part.strip_prefix("q="))
            .any(|q| q.trim().parse().is_ok_and(|q: f32| q <= 0.0));
        named && !refused
    })
}

/// A page of OpenMetrics as the older format has it: it knows neither units, infos nor the end, and
/// what describes a counter has the name of its samples.
pub(super) fn plain(page: &str) -> String {
    let mut text = String::with_capacity(page.len());
    // Help stands before the type, which decides the name of both.
    let mut help = None;
    for line in page.lines() {
        if let Some(about) = line.strip_prefix("# HELP ") {
            help = about.split_once(' ');
        } else if let Some((name, kind)) = of_type(line) {
            let (end, kind) = match kind {
                "counter" => ("_total", "counter"),
                "info" => ("_info", "gauge"),
                kind => ("", kind),
            };
            let about = help.take().filter(|(family, _)| *family == name);
            if let Some((_, about)) = about {
                text.extend(["# HELP ", name, end, " ", about, "\n"]);
            }
            text.extend(["# TYPE ", name, end, " ", kind, "\n"]);
        } else if !line.starts_with('#') {
            text.extend([line, "\n"]);
        }
    }
    text
}

fn of_type(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix("# TYPE ")?.split_once(' ')
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn only_who_names_openmetrics_gets_it() {
        let takes = |value| {
            takes_openmetrics(&HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(value))]))
        };
        let prometheus = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.2";
        assert!(takes(prometheus));
        assert!(takes("text/plain, Application/OpenMetrics-Text"));
        for value in ["", "*/*", "text/plain", "application/openmetrics-text; q=0"] {
            assert!(!takes(value), "{value}");
        }
        assert!(!takes_openmetrics(&HeaderMap::new()));
    }

    #[test]
    fn the_samples_are_the_same_under_the_older_names() {
        let page = "# HELP a_build What\n# TYPE a_build info\na_build_info{v=\"1 # x\"} 1\n\
             # HELP a_runs Runs of\\nchecks\n# TYPE a_runs counter\na_runs_total{r=\"seen\"} 3\n\
             # HELP a_took_seconds How long\n# TYPE a_took_seconds histogram\n\
             # UNIT a_took_seconds seconds\na_took_seconds_bucket{le=\"+Inf\"} 2\n# EOF\n";
        let text = "# HELP a_build_info What\n# TYPE a_build_info gauge\na_build_info{v=\"1 # x\"} 1\n\
             # HELP a_runs_total Runs of\\nchecks\n# TYPE a_runs_total counter\na_runs_total{r=\"seen\"} 3\n\
             # HELP a_took_seconds How long\n# TYPE a_took_seconds histogram\n\
             a_took_seconds_bucket{le=\"+Inf\"} 2\n";
        assert_eq!(plain(page), text);
    }
}
