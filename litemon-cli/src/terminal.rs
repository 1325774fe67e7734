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

/// Whether colour may be used on standard output (<https://no-color.org>).
pub fn colour() -> bool {
    let forbidden = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    !forbidden && io::stdout().is_terminal()
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

/// Text from elsewhere, without anything a terminal would obey; line ends stay.
pub fn clean_lines(text: &str) -> String {
    text.chars().filter(|c| *c == '\n' || !c.is_control()).collect()
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
