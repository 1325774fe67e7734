//! Writing for people at a terminal.

use std::{
    io::{self, IsTerminal, Write},
    time::Duration,
};

use litemon_core::model::Status;
use unicode_width::UnicodeWidthChar;

/// Prints to standard output. A reader that went away (`| head`) is no error.
pub fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

/// Whether colour may be used on this stream (<https://no-color.org>).
pub fn colour(stream: &impl IsTerminal) -> bool {
    let forbidden = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    !forbidden && stream.is_terminal()
}

/// A word in the colour of a status.
pub fn painted(word: &str, status: Status, colour: bool) -> String {
    let code = match status {
        _ if !colour => return word.to_owned(),
        Status::Ok => "32",
        Status::Warning => "33",
        Status::Unknown => "35",
        Status::Critical => "31;1",
    };
    format!("\u{1b}[{code}m{word}\u{1b}[0m")
}

/// As many decimals as somebody reads: two at most, or four where two would be nothing.
pub fn short(value: f64) -> f64 {
    let scale = if value.abs() < 0.1 { 10_000.0 } else { 100.0 };
    (value * scale).round() / scale
}

/// A duration in its two largest units: `12s`, `4m 10s`, `3h 5m`, `2d 4h`.
pub fn age(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, _) => format!("{minutes}m {}s", seconds % 60),
        (0, ..) => format!("{hours}h {minutes}m"),
        _ => format!("{days}d {hours}h"),
    }
}

/// How many columns this terminal has; `None` where it is none.
pub fn width(stream: &impl IsTerminal) -> Option<usize> {
    let (columns, _) = stream.is_terminal().then(crossterm::terminal::size)?.ok()?;
    Some(usize::from(columns)).filter(|columns| *columns > 0)
}

/// A table whose last column is cut where the terminal ends, with `…` where something is missing.
pub fn table_within(head: &[&str], rows: &[Vec<String>], columns: Option<usize>) -> String {
    /// Less than this helps nobody: rather let the terminal break the line.
    const LEAST: usize = 12;
    let Some(columns) = columns else { return table(head, rows) };
    let last = head.len().saturating_sub(1);
    let wide = |at: usize| {
        let cells = rows.iter().filter_map(|row| row.get(at)).map(|cell| seen_width(cell));
        cells.chain(head.get(at).map(|title| title.len())).max().unwrap_or(0)
    };
    let left = columns.saturating_sub((0..last).map(|at| wide(at) + 2).sum()).max(LEAST);
    let mut rows = rows.to_vec();
    for cell in rows.iter_mut().filter_map(|row| row.get_mut(last)) {
        *cell = cut(cell, left);
    }
    table(head, &rows)
}

/// How many columns a text takes; colours take none.
fn seen_width(text: &str) -> usize {
    let mut in_code = false;
    let seen = |c: &char| match c {
        '\u{1b}' => {
            in_code = true;
            false
        }
        'm' if in_code => {
            in_code = false;
            false
        }
        _ => !in_code,
    };
    text.chars().filter(seen).filter_map(UnicodeWidthChar::width).sum()
}

/// A text without colours, cut to so many columns.
pub fn cut(text: &str, columns: usize) -> String {
    if seen_width(text) <= columns {
        return text.to_owned();
    }
    let mut left = columns.saturating_sub(1);
    let fits = |c: &char| {
        let width = c.width().unwrap_or(0);
        let room = width <= left;
        left = left.saturating_sub(width);
        room
    };
    let mut short: String = text.chars().take_while(fits).collect();
    short.push('\u{2026}');
    short
}

/// Text from elsewhere as one line, without anything that a terminal would obey or that would turn
/// the reading direction.
pub fn clean_line(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let shown = |c: char| if matches!(c, '\n' | '\t') { ' ' } else { c };
    text.chars().map(shown).filter(|c| !c.is_control() && !turns(*c)).collect()
}

/// A table without lines: columns as wide as their widest cell, two spaces apart. Cells may be
/// painted; their width is that of what is seen.
pub fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    use comfy_table::{ContentArrangement, Table, TableStyle};
    let mut table = Table::new();
    table
        .load_style(TableStyle::new())
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(head.to_vec());
    for row in rows {
        table.add_row(row);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_from_elsewhere_obey_nobody() {
        assert_eq!(clean_line("a\nb\u{1b}[31mc\u{202e}d\u{9b}e\rf"), "a b[31mcdef");
    }

    #[test]
    fn the_last_column_ends_where_the_terminal_does() {
        let rows = [
            vec![painted("bad", Status::Critical, true), "a long story about it".to_owned()],
            vec!["ok".to_owned(), "\u{6f22}\u{5b57} \u{6f22}\u{5b57} \u{6f22}\u{5b57}".to_owned()],
        ];
        let text = table_within(&["S", "SEEN"], &rows, Some(18));
        let lines: Vec<_> = text.lines().collect();
        assert!(lines[1].ends_with("  a long story\u{2026}"), "{text}");
        assert!(lines.iter().all(|line| seen_width(line) <= 18), "{text}");
        assert_eq!(table_within(&["S", "SEEN"], &rows, None), table(&["S", "SEEN"], &rows));
    }

    #[test]
    fn ages_have_two_units() {
        let age = |seconds| age(Duration::from_secs(seconds));
        assert_eq!(
            [age(0), age(250), age(11_100), age(187_200)],
            ["0s", "4m 10s", "3h 5m", "2d 4h"]
        );
    }

    #[test]
    fn columns_are_as_wide_as_what_is_seen() {
        let rows = [
            vec!["a".to_owned(), painted("bad", Status::Critical, true), "x".to_owned()],
            vec!["long".to_owned(), "ok".to_owned(), String::new()],
        ];
        let text = table(&["NAME", "STATE", "SEEN"], &rows);
        assert_eq!(text, "NAME  STATE  SEEN\na     \u{1b}[31;1mbad\u{1b}[0m    x\nlong  ok\n");
    }
}
