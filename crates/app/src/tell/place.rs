//! Grounds with the text of the line they point at and the time of the record they rest on.

use dossier::{Dossier, Span, position};
use engine::Ground;
use model::Timestamp;
use report::presentation::{Declared, Observed, Place, Ruled, Stated};

use super::Told;

pub(super) fn grounds(grounds: &[Ground], told: Told<'_>) -> Vec<report::presentation::Ground> {
    grounds.iter().map(|g| ground(g, told)).collect()
}

fn ground(ground: &Ground, told: Told<'_>) -> report::presentation::Ground {
    match ground {
        Ground::Declared { span, text } => {
            report::presentation::Ground::Declared(Declared { at: place(told.dossier, *span), text: text.clone() })
        }
        Ground::Observed { seq, probe, text } => {
            let record = told.evidence.observations.iter().find(|o| o.seq == *seq).map(|o| &o.body);
            report::presentation::Ground::Observed(Observed {
                record: *seq,
                probe: probe.clone(),
                tool: record.and_then(|o| o.source.as_ref()).map(ToString::to_string).unwrap_or_default(),
                target: record.map(|o| o.run.target.clone()).unwrap_or_default(),
                when: record.map_or(Timestamp::from_seconds(0), |o| o.ended),
                text: text.clone(),
            })
        }
        Ground::Stated { seq, by, text } => {
            let stated = told.evidence.statements.iter().find(|s| s.seq == *seq).map(|s| s.body.stated);
            let confirmed = told.evidence.confirmations.iter().find(|c| c.seq == *seq).map(|c| c.body.confirmed);
            report::presentation::Ground::Stated(Stated {
                record: *seq,
                by: by.clone(),
                when: stated.or(confirmed).unwrap_or(Timestamp::from_seconds(0)),
                text: text.clone(),
            })
        }
        Ground::Rule(text) => report::presentation::Ground::Rule(Ruled { text: text.clone() }),
    }
}

pub(crate) fn place(dossier: &Dossier, span: Span) -> Place {
    let at = position(&dossier.sources, span);
    let quote = dossier
        .sources
        .get(usize::from(span.file))
        .and_then(|source| source.text.lines().nth(at.line as usize - 1))
        .unwrap_or_default()
        .to_owned();
    Place { path: at.path, line: at.line, column: at.column, quote }
}
