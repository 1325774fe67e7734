//! What a plugin prints: `TEXT|PERFDATA`, more lines of text, and behind another `|` the rest of
//! the performance data.

use crate::model::{Reading, one_line};

/// How many numbers of a plugin are kept.
const READINGS: usize = 64;
/// The longest name and unit, in bytes.
const NAME: usize = 80;
const UNIT: usize = 16;

/// The text that says why, and the numbers.
pub(super) fn parse(output: &str) -> (&str, Vec<Reading>) {
    let output = output.trim_start();
    let (first, rest) = output.split_once('\n').unwrap_or((output, ""));
    let (text, data) = first.split_once('|').unwrap_or((first, ""));
    let more = rest.split_once('|').map_or("", |(_, data)| data);
    let readings = items(data).chain(items(more)).filter_map(reading).take(READINGS).collect();
    (text, readings)
}

/// Words of performance data: white space parts them, but not within a quoted label.
fn items(data: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    data.split(move |c: char| {
        quoted ^= c == '\'';
        !quoted && c.is_whitespace()
    })
    .filter(|item| !item.is_empty())
}

/// `'label'=value[UOM];[warn];[crit];[min];[max]`. What cannot be read is left out, as is `U`: a
/// value that could not be determined.
fn reading(item: &str) -> Option<Reading> {
    let (label, rest) = match item.strip_prefix('\'') {
        // A quote within a label is doubled.
        Some(quoted) => {
            let end = quoted.rfind("'=")?;
            (quoted.get(..end)?.replace("''", "'"), quoted.get(end + 2..)?)
        }
        None => item.split_once('=').map(|(label, rest)| (label.to_owned(), rest))?,
    };
    let value = rest.split(';').next()?;
    let number = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '+');
    let end = value.find(|c| !number(c)).unwrap_or(value.len());
    let (value, unit) = scientific(value, end)?;
    let name = one_line(&label, NAME);
    (!name.is_empty()).then(|| Reading { name, value, unit: one_line(unit, UNIT) })
}

/// The number that ends at `end`, or at an exponent behind that, and what stands behind it.
fn scientific(text: &str, end: usize) -> Option<(f64, &str)> {
    let digits = |c: char| c.is_ascii_digit();
    let exponent = text.get(end..)?.strip_prefix(['e', 'E']).map(|rest| {
        let signed = rest.strip_prefix(['-', '+']).unwrap_or(rest);
        text.len() - signed.trim_start_matches(digits).len()
    });
    let whole = exponent.filter(|end| text.get(..*end).is_some_and(|t| t.ends_with(digits)));
    let (number, unit) = text.split_at_checked(whole.unwrap_or(end))?;
    // Some plugins print the number as the locale has it.
    let value: f64 = number.replace(',', ".").parse().ok()?;
    value.is_finite().then_some((value, unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(data: &str) -> Vec<(String, f64, String)> {
        let (_, readings) = parse(&format!("OK|{data}"));
        readings.into_iter().map(|r| (r.name, r.value, r.unit)).collect()
    }

    fn one(name: &str, value: f64, unit: &str) -> (String, f64, String) {
        (name.into(), value, unit.into())
    }

    #[test]
    fn performance_data_of_real_plugins() {
        assert_eq!(
            read("/=2643MB;5948;5958;0;5968 /boot=68MB;88;93;0;98"),
            [one("/", 2643.0, "MB"), one("/boot", 68.0, "MB")]
        );
        assert_eq!(
            read("rta=0.035000ms;100.0;500.0;0.0 pl=0%;20;60;0"),
            [one("rta", 0.035, "ms"), one("pl", 0.0, "%")]
        );
        assert_eq!(read("'C: used %'=12,5%;80:90;@5:10"), [one("C: used %", 12.5, "%")]);
        assert_eq!(
            read("'it''s a=b'=1c a=U b=-1.5e-3s"),
            [one("it's a=b", 1.0, "c"), one("b", -0.0015, "s")]
        );
        assert_eq!(
            read("x=3e y=2E5 z=7end"),
            [one("x", 3.0, "e"), one("y", 200_000.0, ""), one("z", 7.0, "end")]
        );
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        assert_eq!(read("junk a= =3 b=1-2 'open=3 c=4"), []);
        assert_eq!(read("a=1e999 b=nan c=inf d=4;;;;"), [one("d", 4.0, "")]);
        assert_eq!(read(&"a=1 ".repeat(500)).len(), READINGS);
    }

    #[test]
    fn text_and_data_over_several_lines() {
        let text = "DISK OK - free space: / 3326 MB (56%); | /=2643MB;5948;5958;0;5968\n\
                    / 15272 MB (77%);\n/home 69357 MB (27%); | /boot=68MB;88;93;0;98\n/home=69357MB\n";
        let (line, readings) = parse(text);
        assert_eq!(line, "DISK OK - free space: / 3326 MB (56%); ");
        let names: Vec<&str> = readings.iter().map(|r| r.name.as_str()).collect();
        assert_eq!(names, ["/", "/boot", "/home"]);
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_printed_is_read(text in "[ -~\n|'=;é\u{202e}]{0,80}") {
            let (_, readings) = parse(&text);
            for reading in readings {
                proptest::prop_assert!(reading.value.is_finite());
                proptest::prop_assert!(!reading.name.chars().any(char::is_control));
            }
        }
    }
}
