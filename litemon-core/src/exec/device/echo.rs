//! What a device prints between a command and its next prompt, without the command itself.

/// Leaves out the lines at the beginning that are only what was typed, and passes the others on.
#[derive(Debug)]
pub(in crate::exec) struct Echo {
    prompt: String,
    command: String,
    over: bool,
    seen: bool,
}

impl Echo {
    /// Behind this prompt, this was typed.
    pub(in crate::exec) fn new(prompt: &str, command: &str) -> Self {
        Self {
            prompt: prompt.trim_end().to_owned(),
            command: squeeze(command),
            over: false,
            seen: false,
        }
    }

    /// Whether a line belongs to the answer.
    pub(in crate::exec) fn is_answer(&mut self, line: &str) -> bool {
        let typed = line.strip_prefix(self.prompt.as_str());
        let rest = squeeze(typed.unwrap_or(line));
        if self.over {
            return true;
        }
        // A device may show only the end of a long line.
        let is_echo = rest == self.command || (typed.is_some() && rest.contains('$'));
        // A bare prompt is left of what was typed before.
        let is_left = typed.is_some() && rest.is_empty();
        self.seen |= is_echo;
        self.over = !is_echo && !is_left;
        self.over
    }

    /// Whether the command was echoed.
    pub(in crate::exec) const fn was_seen(&self) -> bool {
        self.seen
    }
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(prompt: &str, command: &str, lines: &[&str]) -> Vec<String> {
        let mut echo = Echo::new(prompt, command);
        let kept = lines.iter().filter(|line| echo.is_answer(line));
        kept.map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn the_command_is_not_its_answer() {
        for (prompt, command, lines, kept) in [
            ("R#", "show clock", &["R#show clock", "12:00"][..], &["12:00"][..]),
            ("R#", "show clock", &["show clock", "12:00"], &["12:00"]),
            ("R#", "show clock", &["12:00"], &["12:00"]),
            // Only at the beginning.
            (
                "R#",
                "show clock",
                &["R#show clock", "12:00", "show clock"],
                &["12:00", "show clock"],
            ),
            ("[a@b] > ", "/ping", &["[a@b] > /ping", "[a@b] > /ping", "x"], &["x"]),
            ("R#", "show clock", &["R#$ow clock", "12:00"], &["12:00"]),
            // The prompt of what was typed before.
            ("R#", "show clock", &["R#", "R#show clock", "12:00"], &["12:00"]),
        ] {
            assert_eq!(answer(prompt, command, lines), kept, "{lines:?}");
        }
    }
}
