//! The answers as CSV (RFC 4180), a row a question, for a customer's own questionnaire.

use super::{Answers, Cite, Question};

/// The answers. The first row names the columns; lines end as RFC 4180 asks.
pub fn csv(told: &Answers) -> String {
    let told = told.visible();
    let mut out =
        row(["id", "provision", "kind", "outcome", "audience", "question", "state", "answer", "open", "sources"]);
    for asked in told.clauses.iter().flat_map(|clause| &clause.provisions) {
        for one in &asked.questions {
            out.push_str(&row([
                &one.id,
                &asked.id,
                crate::words::kind(asked.mandatory),
                asked.outcome.as_str(),
                one.audience.as_str(),
                &one.ask,
                one.state.as_str(),
                &answer(one),
                &open(one),
                &sources(one),
            ]));
        }
    }
    out
}

fn row<const N: usize>(cells: [&str; N]) -> String {
    let mut out = cells.map(cell).join(",");
    out.push_str("\r\n");
    out
}

/// A text as a cell: always quoted, and never a formula to the program that opens the file.
fn cell(text: &str) -> String {
    let formula = text.trim_start().starts_with(['=', '+', '-', '@']);
    format!("\"{}{}\"", if formula { "'" } else { "" }, text.replace('"', "\"\""))
}

fn answer(question: &Question) -> String {
    let said: Vec<String> =
        question.said.iter().map(|said| format!("{}: {}", said.what, said.text.0.trim())).collect();
    said.join("\n")
}

fn open(question: &Question) -> String {
    let one = |open: &super::Open| match &open.next {
        Some(next) => format!("{}; next: {}", open.missing, next.text),
        None => open.missing.clone(),
    };
    question.open.iter().map(one).collect::<Vec<_>>().join("\n")
}

fn sources(question: &Question) -> String {
    let mut told: Vec<String> = Vec::new();
    for cite in question.said.iter().flat_map(|said| &said.cites) {
        let line = source(cite);
        if !told.contains(&line) {
            told.push(line);
        }
    }
    told.join("\n")
}

fn source(cite: &Cite) -> String {
    match cite.digest {
        Some(digest) if cite.place.is_none() => format!("{} ({digest})", cite.words()),
        _ => cite.words(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_text_to_any_program_that_opens_it() {
        assert_eq!(cell("say \"so\", twice\nand more"), "\"say \"\"so\"\", twice\nand more\"");
        for formula in ["=1+1", " =HYPERLINK(\"http://x\")", "+1", "-1", "@x", "\t=1"] {
            assert!(cell(formula).starts_with("\"'"), "{formula}");
        }
    }
}
