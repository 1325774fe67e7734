//! An OpenSSH client configuration: ssh_config(5).

use super::{ImportError, MOST, address, name};
use crate::{exec::glob, manage::inventory::ServerDraft};

/// A `Host` block, or what stands before the first.
struct Block<'a> {
    line: usize,
    patterns: Vec<&'a str>,
    /// Keywords in small letters, and their values.
    values: Vec<(String, &'a str)>,
}

/// The hosts that are named in full; patterns with wildcards are defaults, and the first value counts.
///
/// # Errors
/// [`ImportError`] for what cannot be understood: `Match`, `Include`, a chain of jump hosts, a name
/// that no server can have.
pub fn ssh_config(text: &str) -> Result<Vec<ServerDraft>, ImportError> {
    let blocks = blocks(text)?;
    let mut servers: Vec<ServerDraft> = Vec::new();
    for block in &blocks {
        for alias in block.patterns.iter().filter(|pattern| !pattern.contains(['*', '?', '!'])) {
            if servers.iter().any(|server| server.name.as_str() == *alias) {
                continue;
            }
            let server = server(alias, &blocks).map_err(|why| ImportError::at(block.line, why))?;
            servers.push(server);
        }
        if servers.len() > MOST {
            return Err(ImportError::too_many());
        }
    }
    Ok(servers)
}

fn blocks(text: &str) -> Result<Vec<Block<'_>>, ImportError> {
    let mut current = Block { line: 1, patterns: vec!["*"], values: Vec::new() };
    let mut blocks = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let (number, line) = (number + 1, line.trim());
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (word, value) = line.split_once([' ', '\t', '=']).unwrap_or((line, ""));
        let value = value.trim_start_matches([' ', '\t', '=']).trim().trim_matches('"');
        match word.to_ascii_lowercase().as_str() {
            "host" => {
                let patterns =
                    value.split_whitespace().map(|word| word.trim_matches('"')).collect();
                let next = Block { line: number, patterns, values: Vec::new() };
                blocks.push(std::mem::replace(&mut current, next));
            }
            "match" => {
                return Err(ImportError::at(number, "Match is not understood; take the block out"));
            }
            "include" => {
                let message = "Include is not followed; import that file by itself";
                return Err(ImportError::at(number, message));
            }
            keyword => current.values.push((keyword.to_owned(), value)),
        }
    }
    blocks.push(current);
    Ok(blocks)
}

fn server(alias: &str, blocks: &[Block<'_>]) -> Result<ServerDraft, String> {
    let first = |keyword: &str| {
        let of_it = blocks.iter().filter(|block| applies(block, alias));
        let mut values = of_it.flat_map(|block| &block.values);
        values.find(|(word, _)| word == keyword).map(|(_, value)| *value)
    };
    let host = first("hostname").map_or(alias.to_owned(), |host| host.replace("%h", alias));
    let mut draft = ServerDraft::new(name(alias)?, address(&host, first("port")));
    draft.user = first("user").map(str::to_owned);
    let identity = first("identityfile").filter(|path| *path != "none");
    draft.identity = identity.map(|path| path.replace("%d", "~"));
    draft.jump = match first("proxyjump").filter(|jump| *jump != "none") {
        Some(chain) if chain.contains(',') => {
            return Err(format!(
                "{alias} goes through more than one host; add the first as a server that goes \
                 through the second"
            ));
        }
        jump => jump.map(|jump| jump.trim_start_matches("ssh://").to_owned()),
    };
    Ok(draft)
}

fn applies(block: &Block<'_>, alias: &str) -> bool {
    let hits = |pattern: &str| glob(pattern, alias);
    let ruled_out =
        block.patterns.iter().any(|pattern| pattern.strip_prefix('!').is_some_and(hits));
    !ruled_out && block.patterns.iter().any(|pattern| hits(pattern))
}
