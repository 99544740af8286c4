//! The answers as Markdown, a section a provision.

use super::{Answers, Asked, Question};
use crate::markdown::Out;
use crate::markdown::escape::{cell, code, line, quote};
use crate::words;

/// What a reader has to know of every answer.
pub(super) const MANNER: &str = "Every answer is put together from what the supplier declares, what was measured and what named persons \
     stated, and cites it. Where nothing is there, it is open. Nothing here was written for the question.";

/// The answers.
pub fn markdown(told: &Answers) -> String {
    let told = told.visible();
    let mut out = Out::default();
    let name = format!("{}, release {}", words::or_unsaid(&told.product), words::or_unsaid(&told.release));
    out.heading(1, &format!("Answers about {}", line(&name)));
    out.paragraph(&format!("{}, for {}, by {}.", told.edition.citation(), told.at, line(&told.tool)));
    out.paragraph(MANNER);
    out.paragraph(&format!("{}.", told.counted()));
    for clause in &told.clauses {
        out.heading(2, &line(&format!("{} {}", clause.id, clause.title)));
        clause.provisions.iter().for_each(|one| asked(&mut out, one));
    }
    records(&mut out, &told);
    out.paragraph(words::COPYRIGHT);
    out.text()
}

fn asked(out: &mut Out, asked: &Asked) {
    out.heading(3, &format!("{}, {}: {}", line(&asked.id), words::kind(asked.mandatory), asked.outcome));
    out.paragraph(&line(&asked.summary));
    asked.questions.iter().for_each(|one| question(out, one));
}

fn question(out: &mut Out, question: &Question) {
    out.heading(4, &format!("{} ({})", line(&question.ask), question.audience.as_str()));
    out.line(&format!("*{}* · {}", question.state.as_str(), line(&question.id)));
    out.line("");
    for said in &question.said {
        out.line(&format!("**{}**", line(&said.what)));
        out.line("");
        out.line(&lines(&said.text.0));
        out.line("");
        for cite in &said.cites {
            out.line(&format!("- {}", line(&cite.words())));
        }
        out.line("");
    }
    for open in &question.open {
        let next = open.next.as_ref().map(|next| match &next.command {
            Some(command) => format!("; next: {} {}", line(&next.text), code(command)),
            None => format!("; next: {}", line(&next.text)),
        });
        let next = next.unwrap_or_default();
        out.line(&format!("- **open**: {}{next}", line(&open.missing)));
    }
    if !question.open.is_empty() {
        out.line("");
    }
}

/// A text of several lines, quoted, each line on a line of its own.
fn lines(text: &str) -> String {
    let quoted = quote(text);
    let mut lines = quoted.lines().peekable();
    let mut out = String::new();
    while let Some(one) = lines.next() {
        out.push_str(one);
        match lines.peek() {
            Some(next) if one != ">" && *next != ">" => out.push_str("\\\n"),
            Some(_) => out.push('\n'),
            None => {}
        }
    }
    out
}

fn records(out: &mut Out, told: &Answers) {
    let cited = told.records();
    if cited.is_empty() {
        return;
    }
    out.heading(2, "Records cited");
    out.columns(&["record", "source", "by", "when", "digest"]);
    for cite in cited {
        out.row(&[
            cite.record.map(|record| record.to_string()).unwrap_or_default(),
            cite.source.as_str().to_owned(),
            cell(&cite.by),
            cell(&cite.when.map(|when| when.to_string()).unwrap_or_default()),
            cite.digest.map(|digest| code(&digest.to_string())).unwrap_or_default(),
        ]);
    }
    out.line("");
}
