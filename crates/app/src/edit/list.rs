//! A list with other items: those that stay keep their bytes, and the comments around them.

use toml_edit::Array;

use super::lines::{Step, line_end, steps};
use super::write;

/// The list at its place in a text, with these items. `None` where it is not a list of texts.
pub(super) fn changed(whole: &str, array: &Array, items: &[String]) -> Option<String> {
    let span = array.span()?;
    let written = whole.get(span.clone())?;
    let end = line_end(whole);
    let old: Vec<&str> = array.iter().map(|value| value.as_str()).collect::<Option<_>>()?;
    let anew = || Some(write::list(items, end));
    if old.is_empty() || items.is_empty() || !written.contains('\n') {
        return anew();
    }
    // What stands before, between and after the items.
    let mut gaps = Vec::new();
    let mut values = Vec::new();
    let mut from = span.start + 1;
    for value in array.iter() {
        let at = value.span()?;
        gaps.push(whole.get(from..at.start)?);
        values.push(whole.get(at.clone())?);
        from = at.end;
    }
    gaps.push(whole.get(from..span.end - 1)?);
    let new: Vec<&str> = items.iter().map(String::as_str).collect();
    Some(joined(&gaps, &values, &steps(&old, &new), &new, end))
}

fn joined(gaps: &[&str], values: &[&str], steps: &[Step], new: &[&str], end: &str) -> String {
    let indent = gaps.iter().find_map(|gap| gap.rfind('\n').map(|at| &gap[at + 1..])).unwrap_or("  ");
    let indent = if indent.trim().is_empty() && !indent.is_empty() { indent } else { "  " };
    let mut written = String::from("[");
    let (mut at, mut first) = (0, true);
    // What is still to be written before the next item or the end: the rest of the line behind the last one, then lines.
    let (mut head, mut tail) = cut(gaps[0]);
    let last_indent = gaps.last().map_or("", |gap| cut(gap).1);
    // A comment ends with its line, whatever came after it before.
    let lead = |head: &str, tail: &str, first: bool| {
        let broken = head.contains('#') && !tail.contains('\n');
        format!("{}{}{tail}", comma(head, !first), if broken { end } else { "" })
    };
    while at < steps.len() {
        match steps[at] {
            Step::Both(i, _) => {
                written.push_str(&lead(head, tail, first));
                written.push_str(values[i]);
                (head, tail) = cut(gaps[i + 1]);
                first = false;
            }
            Step::Old(i) => match steps.get(at + 1) {
                // One in the place of another.
                Some(Step::New(j)) => {
                    written.push_str(&lead(head, tail, first));
                    written.push_str(&write::text(new[*j], values[i], end));
                    (head, tail) = cut(gaps[i + 1]);
                    first = false;
                    at += 1;
                }
                // Its own comments go with it: those above, and the one behind.
                _ => tail = cut(gaps[i + 1]).1,
            },
            Step::New(j) => {
                written.push_str(&comma(head, !first));
                written.push_str(end);
                written.push_str(indent);
                written.push_str(&write::text(new[j], "", end));
                head = "";
                first = false;
            }
        }
        at += 1;
    }
    written.push_str(&lead(head, if tail.is_empty() { last_indent } else { tail }, false));
    written.push(']');
    written
}

/// A gap as the rest of a line, and the lines after it with the end of the first.
fn cut(gap: &str) -> (&str, &str) {
    let at = gap.find('\n').map_or(gap.len(), |at| if gap[..at].ends_with('\r') { at - 1 } else { at });
    gap.split_at(at)
}

/// The rest of a line behind an item, with the comma that belongs there.
fn comma(head: &str, behind_item: bool) -> String {
    let code = head.split('#').next().unwrap_or_default();
    if !behind_item || code.contains(',') { head.to_owned() } else { format!(",{head}") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use toml_edit::Document;

    use super::*;

    fn after(text: &str, items: &[&str]) -> String {
        let document = Document::parse(text).unwrap();
        let array = document.as_table()["a"].as_array().unwrap();
        let items: Vec<String> = items.iter().map(|item| (*item).to_owned()).collect();
        let span = array.span().unwrap();
        format!("{}{}{}", &text[..span.start], changed(text, array, &items).unwrap(), &text[span.end..])
    }

    const MANY: &str = "a = [\n  \"one\",   # first\n  # about two\n  'two',\n  \"three\" # last\n]\n";

    #[test]
    fn items_that_stay_keep_their_lines_and_comments() {
        let four = "a = [\n  \"one\",   # first\n  # about two\n  'two',\n  \"three\", # last\n  \"four\",\n]\n";
        assert_eq!(after(MANY, &["one", "two", "three", "four"]), four);
        let other = "a = [\n  \"one\",   # first\n  # about two\n  'zwei',\n  \"three\", # last\n]\n";
        assert_eq!(after(MANY, &["one", "zwei", "three"]), other);
        assert_eq!(after(MANY, &["one", "three"]), "a = [\n  \"one\",   # first\n  \"three\", # last\n]\n");
        let first = "a = [\n  \"zero\",\n  \"one\",   # first\n  # about two\n  'two',\n  \"three\", # last\n]\n";
        assert_eq!(after(MANY, &["zero", "one", "two", "three"]), first);
    }

    #[test]
    fn a_list_in_one_line_stays_one() {
        assert_eq!(after("a = ['x', \"y\"] # why\n", &["x", "y", "z"]), "a = [\"x\", \"y\", \"z\"] # why\n");
        assert_eq!(after("a = []\n", &["x"]), "a = [\"x\"]\n");
        assert_eq!(after(MANY, &[]), "a = []\n");
    }

    proptest! {
        #[test]
        fn whatever_changes_the_list_has_the_new_items(
            old in prop::collection::vec("[abc]", 0..6),
            new in prop::collection::vec("[abcd]", 0..6),
            gaps in prop::collection::vec(prop::sample::select(vec![" ", "\n  ", " # c\n\n  # d\n  ", "\r\n\t"]), 8),
            trailing in any::<bool>(),
        ) {
            let mut text = String::from("a = [");
            for (at, item) in old.iter().enumerate() {
                let comma = if at + 1 < old.len() || trailing { "," } else { "" };
                text.push_str(&format!("{}\"{item}\"{comma}", gaps[at]));
            }
            text.push_str(&format!("{}]\nb = 1\n", gaps[old.len()]));
            let new: Vec<&str> = new.iter().map(String::as_str).collect();
            let after = after(&text, &new);
            let document = Document::parse(after.as_str()).map_err(|e| TestCaseError::fail(format!("{e}\n{after}")))?;
            let read: Vec<&str> = document.as_table()["a"].as_array().unwrap().iter().map(|v| v.as_str().unwrap()).collect();
            prop_assert_eq!(read, new);
        }
    }
}
