//! `push`: tokens of checks that are called.

use std::process::ExitCode;

use litemon_core::{
    model::{CheckId, Name},
    probe::push::Token,
};

use crate::{
    error::{CliError, Result},
    terminal,
};

/// Makes a token, and says where it and its hash go.
pub fn token(name: &str) -> Result<ExitCode> {
    let full = if name.contains('/') { name.to_owned() } else { format!("checks/{name}") };
    let id = CheckId::parse(&full).ok().filter(|id| !id.is_own()).ok_or_else(|| {
        CliError::usage(format!("{name:?} is no check; expected NAME or SERVER/NAME"))
    })?;
    let token = Token::random();
    let (text, hash) = (token.expose(), token.hash().to_hex());
    super::printed(terminal::print(&format!(
        "The token of {id}, shown only now:\n\n    {text}\n\n\
         Whoever is watched calls with it, by GET or POST:\n\n    \
         curl -fsS http://127.0.0.1:8080/hooks/push/{text}\n\n\
         The configuration needs only its hash:\n\n    \
         [{}]\n    kind = \"push\"\n    within = \"1h\"\n    token_sha256 = \"{hash}\"\n",
        table(&id)
    )))
}

/// Where the check stands in the configuration.
fn table(id: &CheckId) -> String {
    let key = |name: &str| {
        let bare = !name.contains('.') && Name::new(name).is_ok();
        if bare { name.to_owned() } else { format!("\"{name}\"") }
    };
    match id.owner() {
        "checks" => format!("checks.{}", key(id.name())),
        server => format!("servers.{}.checks.{}", key(server), key(id.name())),
    }
}
