//! `completions` and `man`.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::{Arg, Command, Id};
use clap_mangen::Man;

use super::printed;
use crate::{args, error::Result, terminal};

pub fn completions(shell: clap_complete::Shell) -> Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut args::definition(), "litemon", &mut script);
    printed(terminal::print(&String::from_utf8_lossy(&script)))
}

/// One page with every command: there is one file to install.
pub fn man() -> Result<ExitCode> {
    printed(page().and_then(|page| terminal::print(&String::from_utf8_lossy(&page))))
}

fn page() -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let mut command = args::definition();
    command.build();
    let man = Man::new(command.clone());
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    writeln!(page, ".SH COMMANDS")?;
    for command in command.get_subcommands().filter(|command| command.get_name() != "help") {
        of_command(command, "", &mut page)?;
    }
    man.render_extra_section(&mut page)?;
    Ok(page)
}

/// A command, or those that it is made of, each under a heading.
fn of_command(command: &Command, before: &str, page: &mut Vec<u8>) -> io::Result<()> {
    let name = format!("{before}{}", command.get_name());
    let mut inside =
        command.get_subcommands().filter(|inner| inner.get_name() != "help").peekable();
    if inside.peek().is_some() {
        return inside.try_for_each(|inner| of_command(inner, &format!("{name} "), page));
    }
    // What every command takes stands above.
    let common = |arg: &Arg| arg.is_global_set() || arg.get_id() == "help";
    let common: Vec<Id> =
        command.get_arguments().filter(|arg| common(arg)).map(|arg| arg.get_id().clone()).collect();
    let brief = common
        .into_iter()
        .fold(command.clone(), |command, id| command.mut_arg(id, |arg| arg.hide(true)));
    let man = Man::new(brief.clone());
    let mut text = Vec::new();
    man.render_description_section(&mut text)?;
    if brief.get_arguments().any(|arg| !arg.is_hide_set()) {
        man.render_options_section(&mut text)?;
    }
    // The sections of a page of its own become paragraphs of this one.
    let text = String::from_utf8_lossy(&text)
        .replace(".SH DESCRIPTION\n", "")
        .replace(".SH OPTIONS\n", "");
    write!(page, ".SS \"litemon {name}\"\n{text}")
}
