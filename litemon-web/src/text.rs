//! Text that may hold anything a server said.

use std::fmt;

use maud::Render;

/// Shows a text without the characters that could change what stands around it: control
/// characters (with them, escape sequences) and those that turn or hide text (Unicode UAX #9).
/// What is left is escaped as any text in a page is.
pub(crate) struct Clean<'a>(pub(crate) &'a str);

impl Render for Clean<'_> {
    fn render_to(&self, buffer: &mut String) {
        self.to_string().as_str().render_to(buffer);
    }
}

impl fmt::Display for Clean<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        self.0.chars().filter(|c| !hides(*c)).try_for_each(|c| f.write_char(c))
    }
}

pub(crate) fn hides(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_turns_or_hides() {
        let text = Clean("a\u{1b}[31mb\u{202e}c\u{200b}d<é>\n\u{7f}").to_string();
        assert_eq!(text, "a[31mbcd<é>");
        assert_eq!(Clean("<b>\"&").render().into_string(), "&lt;b&gt;&quot;&amp;");
    }
}
