//! Style, script and icons: inside the program, with their content's hash in their address, so that
//! they may be kept for ever.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::LazyLock,
};

use litemon_core::model::Status;

/// A file under `/assets/`.
#[derive(Debug)]
pub(crate) struct Asset {
    pub(crate) kind: &'static str,
    pub(crate) content: &'static str,
    path: String,
}

static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "style",
        "css",
        "text/css",
        concat!(
            include_str!("assets/style.css"),
            include_str!("assets/work.css"),
            include_str!("assets/desk.css")
        ),
    )
});
static SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("live", "js", "text/javascript", include_str!("assets/live.js")));
static CHART: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("chart", "js", "text/javascript", include_str!("assets/chart.js")));
static WORK: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("work", "js", "text/javascript", include_str!("assets/work.js")));
static OK: LazyLock<Asset> = LazyLock::new(|| Asset::icon("ok", include_str!("assets/ok.svg")));
static WARN: LazyLock<Asset> =
    LazyLock::new(|| Asset::icon("warn", include_str!("assets/warn.svg")));
static UNKNOWN: LazyLock<Asset> =
    LazyLock::new(|| Asset::icon("unknown", include_str!("assets/unknown.svg")));
static BAD: LazyLock<Asset> = LazyLock::new(|| Asset::icon("bad", include_str!("assets/bad.svg")));

static BUILD: LazyLock<String> = LazyLock::new(|| {
    format!("{:x}", hash(&[STYLE.content, SCRIPT.content, CHART.content, WORK.content]))
});

impl Asset {
    fn new(name: &str, ending: &str, kind: &'static str, content: &'static str) -> Self {
        let path = format!("/assets/{name}-{:016x}.{ending}", hash(&[content]));
        Self { kind, content, path }
    }

    fn icon(name: &str, content: &'static str) -> Self {
        Self::new(name, "svg", "image/svg+xml", content)
    }
}

fn hash(parts: &[&str]) -> u64 {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish()
}

/// The address of the style sheet.
pub(crate) fn style() -> &'static str {
    &STYLE.path
}

/// The style sheet itself, for a page that stands alone.
pub(crate) fn style_text() -> &'static str {
    STYLE.content
}

/// The address of the script.
pub(crate) fn script() -> &'static str {
    &SCRIPT.path
}

/// The address of the script that shows a chart's values.
pub(crate) fn chart_script() -> &'static str {
    &CHART.path
}

/// The address of the script that selects servers and follows a job.
pub(crate) fn work_script() -> &'static str {
    &WORK.path
}

/// The address of the icon that shows a status.
pub(crate) fn icon(status: Status) -> &'static str {
    match status {
        Status::Ok => &OK.path,
        Status::Warning => &WARN.path,
        Status::Unknown => &UNKNOWN.path,
        Status::Critical => &BAD.path,
    }
}

/// What tells a page that its style or script is no longer the one of the server.
pub(crate) fn build() -> &'static str {
    &BUILD
}

/// The file at an address.
pub(crate) fn find(path: &str) -> Option<&'static Asset> {
    let all: [&'static LazyLock<Asset>; 8] =
        [&STYLE, &SCRIPT, &CHART, &WORK, &OK, &WARN, &UNKNOWN, &BAD];
    all.into_iter().map(|asset| &**asset).find(|asset| asset.path == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The two values of a token, light and dark.
    fn token(name: &str) -> [[f64; 3]; 2] {
        let from = STYLE.content.split(&format!("--{name}: light-dark(")).nth(1).unwrap();
        let values = from.split(')').next().unwrap();
        let mut values = values.split(", ").map(|hex| {
            let number = u32::from_str_radix(&hex[1..7], 16).unwrap();
            [16, 8, 0].map(|shift| f64::from((number >> shift) & 0xff) / 255.0)
        });
        [values.next().unwrap(), values.next().unwrap()]
    }

    /// Relative luminance (WCAG 2.2).
    fn luminance(rgb: [f64; 3]) -> f64 {
        let [r, g, b] = rgb.map(|part| {
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    #[test]
    fn every_text_has_contrast_in_light_and_dark() {
        for (text, grounds) in [
            ("ink", &["ground", "surface", "bad-ground"][..]),
            ("soft", &["ground", "surface", "bad-ground"]),
            ("faint", &["ground", "surface"]),
            ("bad", &["ground", "surface", "bad-ground"]),
            ("warn", &["ground", "surface"]),
            ("link", &["surface"]),
        ] {
            for ground in grounds {
                for (text_rgb, ground_rgb) in token(text).into_iter().zip(token(ground)) {
                    let (a, b) = (luminance(text_rgb), luminance(ground_rgb));
                    let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
                    assert!(contrast >= 4.5, "{text} on {ground}: {contrast:.2}");
                }
            }
        }
    }

    #[test]
    fn files_are_found_by_the_address_they_are_named_by() {
        for path in [style(), script(), icon(Status::Ok), icon(Status::Critical)] {
            assert!(find(path).is_some(), "{path}");
        }
        assert!(find("/assets/").is_none());
    }
}
