//! Text inside Markdown: nothing in it becomes markup.

/// A text on one line, inside a paragraph, a list item or a heading.
pub(crate) fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.trim().chars().enumerate().peekable();
    while let Some((at, character)) = characters.next() {
        let begins_block = at == 0 && matches!(character, '-' | '+' | '=' | ':');
        let is_markup = matches!(
            character,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '&' | '!' | '{' | '}' | '$' | '^'
        );
        let ends_number = matches!(character, '.' | ')') && at > 0 && out.bytes().all(|b| b.is_ascii_digit());
        let begins_item = ends_number && characters.peek().is_none_or(|(_, next)| next.is_whitespace());
        match character {
            '\n' | '\r' => out.push(' '),
            _ if begins_item || begins_block || is_markup => {
                out.push('\\');
                out.push(character);
            }
            _ => out.push(character),
        }
    }
    out
}

/// A text in a cell of a table; a dash when there is none.
pub(crate) fn cell(text: &str) -> String {
    if text.trim().is_empty() { "–".to_owned() } else { line(text) }
}

/// A text as code, in a fence longer than any inside it.
pub(crate) fn code(text: &str) -> String {
    // A pipe would end the cell of a table even inside code.
    let text = text.replace(['\n', '\r'], " ").replace('|', "¦");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.is_empty() { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A text of several lines, quoted.
pub(crate) fn quote(text: &str) -> String {
    text.trim().lines().map(|l| format!("> {}", line(l)).trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_text_stays_text() {
        assert_eq!(line("<b>*x*</b> [a](b) `c` | d"), "\\<b\\>\\*x\\*\\</b\\> \\[a\\](b) \\`c\\` \\| d");
        assert_eq!(line("1. one"), "1\\. one");
        assert_eq!(line("5.1-1 applies"), "5.1-1 applies");
        assert_eq!(line("- one"), "\\- one");
    }

    #[test]
    fn code_cannot_be_left_from_inside() {
        assert_eq!(code("a`` b"), "```a`` b```");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code("a|b"), "`a¦b`");
    }

    #[test]
    fn every_line_of_prose_is_quoted() {
        assert_eq!(quote("a\n\n# b"), "> a\n>\n> \\# b");
    }
}
