//! `completions` and `man`.

use std::process::ExitCode;

use super::printed;
use crate::{args, error::Result, terminal};

pub fn completions(shell: clap_complete::Shell) -> Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut args::definition(), "litemon", &mut script);
    printed(terminal::print(&String::from_utf8_lossy(&script)))
}

pub fn man() -> Result<ExitCode> {
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(args::definition()).render(&mut page);
    printed(rendered.and_then(|()| terminal::print(&String::from_utf8_lossy(&page))))
}
