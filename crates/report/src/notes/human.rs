//! Notes as a compiler prints them: code, sentence, file:line:column, the line with carets, hint.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use dossier::{Note, Severity, SourceText, Span};

/// Writes every note with the lines it speaks of.
pub fn human(sources: &[SourceText], notes: &[Note], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    notes.iter().map(|note| renderer.render(&report(sources, note)) + "\n\n").collect()
}

fn report<'a>(sources: &'a [SourceText], note: &'a Note) -> Vec<Group<'a>> {
    let level = match note.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Advice => Level::NOTE.with_name("advice"),
    };
    let mut group = level
        .primary_title(note.message.as_str())
        .id(note.code)
        .elements(Vec::<Snippet<'a, annotate_snippets::Annotation<'a>>>::new());
    let mut at = 0;
    while let Some((first, _)) = note.labels.get(at) {
        // Neighbouring labels of one file share a snippet; the renderer prints the lines between them.
        let until =
            note.labels[at..].iter().position(|(s, _)| s.file != first.file).map_or(note.labels.len(), |n| at + n);
        if let Some(source) = sources.get(usize::from(first.file)) {
            let mut snippet = Snippet::source(source.text.as_str()).path(source.path.as_str()).fold(true);
            for (index, (span, label)) in note.labels[at..until].iter().enumerate() {
                let kind = if at + index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
                snippet = snippet.annotation(kind.span(first_line(&source.text, *span)).label(label.as_str()));
            }
            group = group.element(snippet);
        }
        at = until;
    }
    for consequence in &note.consequences {
        group = group.element(Level::NOTE.message(consequence.as_str()));
    }
    if let Some(hint) = &note.hint {
        group = group.element(Level::HELP.with_name("hint").message(hint.as_str()));
    }
    vec![group]
}

/// The part of a span on its first line: carets under a whole entry would hide the point.
fn first_line(text: &str, span: Span) -> std::ops::Range<usize> {
    let boundary = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = boundary(span.start as usize);
    let end = boundary(span.end as usize).max(start);
    let line = text[start..end].find('\n').map_or(end, |n| start + n);
    start..line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_shows_its_line_and_its_hint() {
        let text = "edition = \"3.1.3\"\n[prodct]\nname = \"é\"\n";
        let (dossier, notes) = dossier::read(vec![SourceText { path: "assay.toml".into(), text: text.into() }]);
        let shown = human(&dossier.sources, &notes, false);
        assert!(shown.contains("error[unknown-key]"), "{shown}");
        assert!(shown.contains("assay.toml:2:2"), "{shown}");
        assert!(shown.contains("[prodct]"), "{shown}");
        assert!(shown.contains("hint: did you mean `product`?"), "{shown}");
    }

    #[test]
    fn no_span_makes_the_writer_panic() {
        let sources = vec![SourceText { path: "a.toml".into(), text: "é\nü".into() }];
        for (start, end) in [(0, 0), (1, 2), (0, 99), (5, 3), (99, 99)] {
            let span = Span { file: 0, start, end };
            let note = Note::new("x", Severity::Advice, "m", span, "l").also(Span { file: 7, start, end }, "k");
            assert!(human(&sources, &[note], false).contains("advice[x]"));
        }
    }
}
