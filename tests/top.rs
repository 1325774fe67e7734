//! `litemon top` in a terminal.

use std::fs;

use rustix::process::Signal;

use crate::support::{eventually, litemon::Litemon, terminal::Terminal};

const WATCHED: &str = "[defaults]\ninterval = \"1s\"\ntimeout = \"1s\"\nattempts = 1\n\
     [servers.here]\naddress = \"local\"\n\
     [servers.here.services.web]\ncommand = \"test -e $HOME/web\"\n\
     [servers.here.services.mail]\ncommand = \"true\"\n";

async fn start() -> Litemon {
    let mut litemon = Litemon::prepare(WATCHED, &[]);
    fs::write(litemon.path("web"), "").unwrap();
    litemon.run();
    litemon.healthy().await;
    litemon
}

async fn is_given_back(terminal: &Terminal) {
    let free = async || (!terminal.is_taken()).then_some(());
    eventually("the terminal", std::time::Duration::from_secs(10), free).await;
}

#[tokio::test]
async fn it_shows_what_happens_and_gives_the_terminal_back() {
    let mut litemon = start().await;
    let mut terminal = Terminal::start(&mut litemon.command(&["top"]));
    terminal.shows("The server runs").await;
    assert!(terminal.is_taken());
    fs::remove_file(litemon.path("web")).unwrap();
    terminal.shows("1 problem").await;
    terminal.shows("web Off").await;

    terminal.press("\r");
    terminal.shows("here/mail").await;
    terminal.press("/nothing");
    terminal.shows("Nothing matches.").await;
    terminal.press("\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}web\r");
    terminal.hides("here/mail").await;
    terminal.shows("here/web").await;
    terminal.press("\r");
    let text = terminal.shows("took").await;
    assert!(text.contains("incident  #1") && text.contains("Off"), "{text}");

    litemon.kill9();
    terminal.shows("monitor gone since").await;
    litemon.run();
    litemon.healthy().await;
    let text = terminal.shows("1 problem").await;
    assert!(!text.contains("gone"), "{text}");
    terminal.press("q");
    assert_eq!(terminal.ended().await, Some(0));
    is_given_back(&terminal).await;
}

#[tokio::test]
async fn a_signal_gives_the_terminal_back_and_without_one_it_says_so() {
    let litemon = start().await;
    let mut terminal = Terminal::start(&mut litemon.command(&["top"]));
    terminal.shows("The server runs").await;
    terminal.process().signal(Signal::TERM);
    assert_eq!(terminal.ended().await, Some(0));
    is_given_back(&terminal).await;

    let piped = litemon.command(&["top"]).output().unwrap();
    assert_eq!(piped.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&piped.stderr).contains("needs a terminal"));
}

#[tokio::test]
async fn a_monitor_that_never_ran_is_said_in_one_line() {
    let litemon = Litemon::prepare(WATCHED, &[]);
    let mut terminal = Terminal::start(&mut litemon.command(&["top"]));
    assert_eq!(terminal.ended().await, Some(1));
    terminal.shows("no monitor is running here").await;
    assert!(!terminal.is_taken());
}
