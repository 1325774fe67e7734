//! `top`: what a running monitor knows, live in the terminal.

mod app;
mod draw;
mod feed;
#[cfg(test)]
mod tests;

use std::{
    io::{self, IsTerminal},
    process::ExitCode,
    time::Duration,
};

use crossterm::event::{Event, EventStream, KeyEventKind};
use futures_util::StreamExt;
use ratatui::DefaultTerminal;

use self::{
    app::{App, Go},
    feed::Feed,
};
use crate::{
    args::Reach,
    client::Client,
    context::Context,
    error::{CliError, Result},
    signals::Signals,
    terminal,
};

/// How often ages are drawn anew when nothing else happens.
const TICK: Duration = Duration::from_secs(1);

pub async fn run(context: &Context, reach: &Reach) -> Result<ExitCode> {
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        let line = "`litemon top` needs a terminal; `litemon status` prints the same once";
        return Err(CliError::usage(line));
    }
    let client = Client::new(context, reach)?;
    // A monitor that is not there at the start is a mistake more often than a restart.
    client.text("status").await?;
    let mut signals = Signals::listen()?;
    let mut feed = Feed::start(client, context.clock());
    let mut app = App::new(context.clock(), terminal::colour(&io::stdout()));
    let mut screen = Screen::open()?;
    screen.show(&mut app, &mut feed, &mut signals).await?;
    Ok(ExitCode::SUCCESS)
}

/// The terminal while it is ours. Dropping it gives it back as it was; so does a panic, by the hook
/// that ratatui puts before the others.
struct Screen(DefaultTerminal);

impl Screen {
    fn open() -> Result<Self> {
        ratatui::try_init().map(Self).map_err(wrong)
    }

    async fn show(&mut self, app: &mut App, feed: &mut Feed, signals: &mut Signals) -> Result<()> {
        let mut events = EventStream::new();
        let mut tick = tokio::time::interval(TICK);
        loop {
            self.0.draw(|frame| draw::draw(frame, app)).map_err(wrong)?;
            tokio::select! {
                event = events.next() => match event {
                    Some(Ok(Event::Key(key))) if key.kind == KeyEventKind::Press => {
                        if app.key(key) == Go::Away {
                            return Ok(());
                        }
                        feed.want(app.wanted());
                    }
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return Err(wrong(error)),
                    None => return Ok(()),
                },
                news = feed.next() => app.take(news),
                _ = tick.tick() => {}
                _ = signals.next() => return Ok(()),
            }
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

fn wrong(error: io::Error) -> CliError {
    CliError::failed("the terminal cannot be used").because(error)
}
