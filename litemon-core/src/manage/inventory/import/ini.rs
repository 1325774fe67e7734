//! An Ansible inventory in INI: <https://docs.ansible.com/ansible/latest/inventory_guide/>.

use super::{
    ImportError, MOST,
    ansible::{Inventory, Vars},
    range::expand,
};
use crate::manage::inventory::ServerDraft;

/// What the lines of a section are.
#[derive(Clone, Copy)]
enum Section {
    Hosts,
    Vars,
    Children,
}

/// The hosts of an inventory, with what their groups say of them.
///
/// # Errors
/// [`ImportError`] for the first line that is not understood.
pub fn ansible_ini(text: &str) -> Result<Vec<ServerDraft>, ImportError> {
    let mut inventory = Inventory::default();
    let (mut group, mut section) = ("ungrouped".to_owned(), Section::Hosts);
    for (number, line) in text.lines().enumerate() {
        let (number, line) = (number + 1, line.trim());
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        let wrong = |message: String| ImportError::at(number, message);
        if let Some(title) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            (group, section) = heading(title).map_err(wrong)?;
            inventory.groups.entry(group.clone()).or_default();
            continue;
        }
        let words = words(line).map_err(wrong)?;
        match section {
            Section::Hosts => hosts(&mut inventory, number, &words, &group)?,
            Section::Children => {
                let child = words.first().cloned().unwrap_or_default();
                inventory.groups.entry(group.clone()).or_default().children.insert(child);
            }
            Section::Vars => {
                let (key, value) =
                    line.split_once('=').ok_or_else(|| wrong("expected KEY=VALUE".to_owned()))?;
                let value = value.trim().trim_matches(['"', '\'']).to_owned();
                let vars = &mut inventory.groups.entry(group.clone()).or_default().vars;
                vars.insert(key.trim().to_owned(), value);
            }
        }
    }
    inventory.servers()
}

fn heading(title: &str) -> Result<(String, Section), String> {
    match title.split_once(':') {
        None => Ok((title.to_owned(), Section::Hosts)),
        Some((group, "vars")) => Ok((group.to_owned(), Section::Vars)),
        Some((group, "children")) => Ok((group.to_owned(), Section::Children)),
        Some((_, other)) => {
            Err(format!("[…:{other}] is not understood; expected vars or children"))
        }
    }
}

fn hosts(
    inventory: &mut Inventory,
    line: usize,
    words: &[String],
    group: &str,
) -> Result<(), ImportError> {
    let wrong = |message: String| ImportError::at(line, message);
    let Some((pattern, settings)) = words.split_first() else { return Ok(()) };
    let mut vars = Vars::new();
    for word in settings {
        let (key, value) = word
            .split_once('=')
            .ok_or_else(|| wrong(format!("expected KEY=VALUE behind {pattern}")))?;
        vars.insert(key.to_owned(), value.to_owned());
    }
    let mut pattern = pattern.as_str();
    // A colon inside a range is no port.
    if let Some((host, port)) = pattern.rsplit_once(':')
        && port.parse::<u16>().is_ok()
        && !host.contains(':')
        && host.matches('[').count() == host.matches(']').count()
    {
        vars.entry("ansible_port".to_owned()).or_insert_with(|| port.to_owned());
        pattern = host;
    }
    for host in expand(pattern, MOST).map_err(wrong)? {
        inventory.host(Some(line), &host, vars.clone(), group)?;
    }
    Ok(())
}

/// The words of a line, as a shell would part them; a `#` begins a comment.
fn words(line: &str) -> Result<Vec<String>, String> {
    let (mut words, mut word, mut begun) = (Vec::new(), String::new(), false);
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), c) => word.push(c),
            (None, '"' | '\'') => (quote, begun) = (Some(c), true),
            (None, '#') if !begun => break,
            (None, c) if c.is_whitespace() => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            (None, c) => {
                word.push(c);
                begun = true;
            }
        }
    }
    if quote.is_some() {
        return Err("a quote is not closed".to_owned());
    }
    if begun {
        words.push(word);
    }
    Ok(words)
}
