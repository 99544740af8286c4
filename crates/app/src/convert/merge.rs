//! Several rows or controls that become one, where the other edition asks for the whole.
//!
//! Parts that do not apply have no say. Answers that differ are not weighed against each other: that is a decision.

use toml_edit::{Item, Value};

use super::text::{self, Part};

/// A row or control with the provision it is for.
pub(super) type Given = (String, Part);

/// One row out of several with the same answer, and those that had no say.
///
/// # Errors
/// A sentence, when the answers differ.
pub(super) fn rows(rows: &[Given]) -> Result<(Part, Vec<&Given>), String> {
    let support = |part: &Part| text::text(&part.table, "support").unwrap_or("none").to_owned();
    let (silent, answered): (Vec<_>, Vec<_>) = rows.iter().partition(|(_, part)| support(part) == "N/A");
    let (silent, weighed) = if answered.is_empty() { (Vec::new(), silent) } else { (silent, answered) };
    let Some((_, first)) = weighed.first() else { return Ok((Part::default(), silent)) };
    if weighed.iter().any(|(_, part)| support(part) != support(first)) {
        let each: Vec<String> =
            rows.iter().map(|(id, part)| format!("{id} was answered {}", support(part))).collect();
        return Err(format!("The parts were answered differently: {}.", each.join(", ")));
    }
    let mut whole = joined(&weighed);
    // A mark stays only when each half has it: a half that was confirmed makes the whole a new answer.
    let carried = |part: &Part| text::text(&part.table, "carried").map(str::to_owned);
    if rows.iter().any(|(_, part)| carried(part) != carried(first)) {
        whole.table.remove("carried");
    }
    Ok((whole, silent))
}

/// One control out of several.
pub(super) fn controls(controls: &[Given]) -> Part {
    joined(&controls.iter().collect::<Vec<_>>())
}

/// The first with what the others say besides: texts one after the other, lists without repetition.
fn joined(parts: &[&Given]) -> Part {
    let Some(((_, first), rest)) = parts.split_first() else { return Part::default() };
    let mut whole = first.clone();
    for (_, part) in rest {
        for (key, item) in part.table.iter() {
            match (whole.table.get_mut(key), item) {
                (None, _) => {
                    whole.table.insert(key, item.clone());
                }
                (Some(Item::Value(Value::Array(known))), Item::Value(Value::Array(more))) => {
                    for value in more.iter() {
                        let had = known.iter().any(|k| k.as_str().is_some() && k.as_str() == value.as_str());
                        if !had {
                            known.push_formatted(value.clone());
                        }
                    }
                }
                (Some(Item::Value(known)), Item::Value(more)) => one_text(key, known, more),
                _ => {}
            }
        }
    }
    whole
}

fn one_text(key: &str, known: &mut Value, more: &Value) {
    let (Some(had), Some(more)) = (known.as_str().map(str::to_owned), more.as_str()) else { return };
    match key {
        "id" | "status" | "support" | "provision" | "carried" | "owner" => {}
        // The earlier day: whatever is to be looked at again is looked at in time.
        "review" if more < had.as_str() => text::set(known, more),
        "review" => {}
        _ if had.contains(more) || more.trim().is_empty() => {}
        _ => text::set(known, format!("{} {}", had.trim_end(), more)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, text: &str) -> (String, Part) {
        let table = format!("id = \"{id}\"\n{text}").parse::<toml_edit::DocumentMut>().unwrap().as_table().clone();
        (id.to_owned(), Part { table, ..Part::default() })
    }

    #[test]
    fn halves_with_one_answer_become_one_row_that_says_what_both_said() {
        let halves = [
            row("A", "support = \"Y\"\ndetail = \"One.\"\nreview = \"2027-02-01\""),
            row("B", "support = \"Y\"\ndetail = \"Two.\"\nreview = \"2027-01-01\"\njustification = \"Because.\""),
        ];
        let (whole, silent) = rows(&halves).unwrap();
        let whole = whole.table;
        assert!(silent.is_empty());
        assert_eq!(text::text(&whole, "detail"), Some("One. Two."));
        assert_eq!(text::text(&whole, "review"), Some("2027-01-01"));
        assert_eq!(text::text(&whole, "justification"), Some("Because."));
    }

    #[test]
    fn a_half_that_does_not_apply_has_no_say() {
        let halves =
            [row("A", "support = \"N/A\"\ndetail = \"No.\""), row("B", "support = \"N\"\ndetail = \"Not yet.\"")];
        let (whole, silent) = rows(&halves).unwrap();
        assert_eq!(silent[0].0, "A");
        assert_eq!(text::text(&whole.table, "support"), Some("N"));
        assert_eq!(text::text(&whole.table, "detail"), Some("Not yet."));
    }

    #[test]
    fn answers_that_differ_are_not_weighed() {
        let halves = [row("A", "support = \"Y\""), row("B", "support = \"N\"")];
        assert!(rows(&halves).unwrap_err().contains("A was answered Y, B was answered N"));
        assert!(rows(&[row("A", "support = \"Y\""), row("B", "")]).is_err());
    }

    #[test]
    fn the_mark_stays_only_when_each_half_has_it() {
        let half = |id, more: &str| row(id, &format!("support = \"Y\"\n{more}"));
        let marked = [half("A", "carried = \"X of V1\""), half("B", "carried = \"X of V1\"")];
        assert!(rows(&marked).unwrap().0.table.contains_key("carried"));
        let confirmed = [half("A", "carried = \"X of V1\""), half("B", "")];
        assert!(!rows(&confirmed).unwrap().0.table.contains_key("carried"));
    }
}
