//! Reading the settings of a check: what is good is handed on, and what is wrong is gathered, so that
//! all of it can be told at once.

use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::{
    config::kind::{KindContext, SettingError, SettingsMap, read_settings_partly},
    exec::Address,
    probe::Recipe,
};

/// A recipe, or all that is wrong with its settings.
pub(super) type Planned = Result<Arc<dyn Recipe>, Vec<SettingError>>;

/// The settings of one check while they are read.
pub(super) struct Reading<'a> {
    pub(super) context: &'a KindContext<'a>,
    wrong: Vec<SettingError>,
}

impl<'a> Reading<'a> {
    /// The settings, as far as they are of their types.
    ///
    /// # Errors
    /// What is wrong, where nothing could be read.
    pub(super) fn of<T: DeserializeOwned>(
        settings: &SettingsMap,
        context: &'a KindContext<'a>,
    ) -> Result<(T, Self), Vec<SettingError>> {
        match read_settings_partly(settings) {
            (Some(settings), wrong) => Ok((settings, Self { context, wrong })),
            (None, wrong) => Err(wrong),
        }
    }

    /// What was read, unless something was wrong.
    ///
    /// # Errors
    /// All that was.
    pub(super) fn end(self, recipe: Option<impl Recipe>) -> Planned {
        self.done(recipe).map(|recipe| Arc::new(recipe) as Arc<dyn Recipe>)
    }

    /// The same of anything.
    ///
    /// # Errors
    /// All that was wrong.
    pub(super) fn done<T>(self, read: Option<T>) -> Result<T, Vec<SettingError>> {
        match read {
            Some(read) if self.wrong.is_empty() => Ok(read),
            _ => Err(self.wrong),
        }
    }

    pub(super) fn wrong(&mut self, key: impl Into<String>, message: impl Into<String>) {
        self.wrong.push(SettingError::new(key, message));
    }

    pub(super) fn missing(&mut self, key: &str, expected: &str) {
        self.wrong.push(SettingError::missing(key, expected));
    }

    /// Keeps the mistake of what could not be had.
    pub(super) fn good<T>(&mut self, result: Result<T, SettingError>) -> Option<T> {
        result.map_err(|error| self.wrong.push(error)).ok()
    }

    /// Whether it is a regular expression.
    pub(super) fn regex(&mut self, key: &str, text: &str) -> bool {
        let before = self.wrong.len();
        super::regex(key, text, &mut self.wrong);
        self.wrong.len() == before
    }

    /// The port that is written, else the usual one; without either it is missing.
    pub(super) fn port(&mut self, written: Option<u32>, usual: Option<u16>) -> Option<u16> {
        let Some(written) = written else {
            if usual.is_none() {
                self.missing("port", "a port, 1 to 65535");
            }
            return usual;
        };
        let port = u16::try_from(written).ok().filter(|port| *port != 0);
        if port.is_none() {
            self.wrong("port", "expected 1 to 65535");
        }
        port
    }

    /// The host that a check looks at: the one that is written, else its server's.
    pub(super) fn host(&mut self, written: Option<&str>) -> Option<String> {
        let Some(host) = written else {
            let server = self.context.host().map(ToOwned::to_owned);
            if server.is_none() {
                let expected =
                    "a host name or address (only a check of a server has one by itself)";
                self.missing("host", expected);
            }
            return server;
        };
        let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
        // A port belongs elsewhere, and a URL is none of ours.
        let good = match bare.parse::<Address>() {
            Ok(Address::Host { host, port }) => host == bare && port == 22,
            _ => false,
        };
        if !good {
            self.wrong("host", "expected a host name or address, without a port");
        }
        Some(bare.to_owned())
    }
}
