//! Writing for people at a terminal.

use std::io::{self, IsTerminal, Write};

use litemon_core::model::Status;

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
    fn columns_are_as_wide_as_what_is_seen() {
        let rows = [
            vec!["a".to_owned(), painted("bad", Status::Critical, true), "x".to_owned()],
            vec!["long".to_owned(), "ok".to_owned(), String::new()],
        ];
        let text = table(&["NAME", "STATE", "SEEN"], &rows);
        assert_eq!(text, "NAME  STATE  SEEN\na     \u{1b}[31;1mbad\u{1b}[0m    x\nlong  ok\n");
    }
}
