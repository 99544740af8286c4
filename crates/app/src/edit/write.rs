//! Values as TOML: texts and lists, in the style that the value before them had.

/// Characters of a line at most, where a list is written anew.
const WIDTH: usize = 100;

/// A text. `former` is how the value was written that it takes the place of.
pub(super) fn text(text: &str, former: &str, line_end: &str) -> String {
    let plain = |c: char| !c.is_control() || c == '\t';
    if former.starts_with('\'') && !former.starts_with("'''") && text.chars().all(|c| plain(c) && c != '\'') {
        return format!("'{text}'");
    }
    let multi = text.contains('\n') || former.starts_with("\"\"\"") || former.starts_with("'''");
    // A line end inside a text is one of the text; in such a file it is written out.
    if multi && line_end == "\n" {
        let literal = former.starts_with("'''")
            && !text.contains("'''")
            && !text.ends_with('\'')
            && text.chars().all(|c| plain(c) || c == '\n');
        return match literal {
            true => format!("'''\n{text}'''"),
            false => format!("\"\"\"\n{}\"\"\"", many_lines(text)),
        };
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '\n' => quoted.push_str("\\n"),
            '"' => quoted.push_str("\\\""),
            c => one(c, &mut quoted),
        }
    }
    quoted.push('"');
    quoted
}

fn many_lines(text: &str) -> String {
    let mut written = String::new();
    let mut chars = text.chars().peekable();
    let mut quotes = 0;
    while let Some(c) = chars.next() {
        quotes = if c == '"' { quotes + 1 } else { 0 };
        match c {
            '\n' => written.push('\n'),
            // The third in a row, and one at the end, would be the end of the text.
            '"' if quotes == 3 || chars.peek().is_none() => {
                quotes = 0;
                written.push_str("\\\"");
            }
            '"' => written.push('"'),
            c => one(c, &mut written),
        }
    }
    written
}

fn one(c: char, written: &mut String) {
    match c {
        '\\' => written.push_str("\\\\"),
        '\t' => written.push('\t'),
        '\r' => written.push_str("\\r"),
        c if c.is_control() => written.push_str(&format!("\\u{:04X}", u32::from(c))),
        c => written.push(c),
    }
}

/// A list of texts, in one line where it is short.
pub(super) fn list(items: &[String], line_end: &str) -> String {
    let items: Vec<String> = items.iter().map(|item| text(item, "", "")).collect();
    let short = format!("[{}]", items.join(", "));
    if short.chars().count() <= WIDTH || items.len() < 2 {
        return short;
    }
    let lines: String = items.iter().map(|item| format!("  {item},{line_end}")).collect();
    format!("[{line_end}{lines}]")
}

/// A key, quoted where it has to be.
pub(super) fn key(name: &str) -> String {
    let bare = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if bare { name.to_owned() } else { text(name, "", "") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(written: &str) -> String {
        let document: toml_edit::DocumentMut = format!("a = {written}").parse().unwrap();
        document["a"].as_str().unwrap().to_owned()
    }

    #[test]
    fn a_text_keeps_the_style_of_the_one_before() {
        assert_eq!(text("a", "\"b\"", "\n"), "\"a\"");
        assert_eq!(text(r"C:\", "'b'", "\n"), r"'C:\'");
        assert_eq!(text("it's", "'b'", "\n"), "\"it's\"");
        assert_eq!(text("a", "\"\"\"\nb\"\"\"", "\n"), "\"\"\"\na\"\"\"");
        assert_eq!(text("a\nb", "\"b\"", "\n"), "\"\"\"\na\nb\"\"\"");
        assert_eq!(text("a\nb", "\"b\"", "\r\n"), r#""a\nb""#);
    }

    #[test]
    fn a_short_list_is_one_line_and_a_long_one_has_a_line_for_each() {
        assert_eq!(list(&["a".into(), "b".into()], "\n"), r#"["a", "b"]"#);
        let long = "x".repeat(60);
        assert_eq!(list(&[long.clone(), long.clone()], "\n"), format!("[\n  \"{long}\",\n  \"{long}\",\n]"));
    }

    proptest! {
        #[test]
        fn every_text_is_read_back_as_it_was(
            said in "([\"'\\\\\n\t\r\u{1}\u{7f}\u{85}aé\u{202e} ]|\"\"\"|''')*",
            former in prop::sample::select(vec!["", "\"x\"", "'x'", "\"\"\"x\"\"\"", "'''x'''"]),
            end in prop::sample::select(vec!["\n", "\r\n"]),
        ) {
            prop_assert_eq!(read(&text(&said, former, end)), said);
        }
    }
}
