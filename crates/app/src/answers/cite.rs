//! What an answer rests on, as citations: a place in the dossier, a record by number and digest, a fact.

use std::collections::BTreeMap;

use dossier::{Dossier, Span};
use model::Digest;
use report::Presentation;
use report::answers::{Cite, Source};
use report::presentation::{Ground, Place};

/// Turns grounds and places into citations.
pub(super) struct Cites<'a> {
    dossier: &'a Dossier,
    digests: BTreeMap<u64, Digest>,
}

impl<'a> Cites<'a> {
    pub(super) fn of(dossier: &'a Dossier, presentation: &Presentation) -> Self {
        let digests = presentation.records.iter().map(|record| (record.seq, record.digest)).collect();
        Self { dossier, digests }
    }

    /// A place in the dossier.
    pub(super) fn span(&self, span: Span) -> Cite {
        place(&crate::tell::place(self.dossier, span))
    }

    /// What grounds rest on, each once.
    pub(super) fn grounds<'b>(&self, grounds: impl IntoIterator<Item = &'b Ground>) -> Vec<Cite> {
        let mut cites: Vec<Cite> = Vec::new();
        for ground in grounds {
            let cite = self.ground(ground);
            if !cites.contains(&cite) {
                cites.push(cite);
            }
        }
        cites
    }

    /// The records among grounds, each once, in the order of the ledger.
    pub(super) fn records<'b>(&self, grounds: impl IntoIterator<Item = &'b Ground>) -> Vec<Cite> {
        let mut cites = self.grounds(grounds);
        cites.retain(|cite| cite.record.is_some());
        cites.sort_by_key(|cite| cite.record);
        cites
    }

    fn ground(&self, ground: &Ground) -> Cite {
        match ground {
            Ground::Declared(declared) => place(&declared.at),
            Ground::Observed(observed) => Cite {
                source: Source::Observed,
                record: Some(observed.record),
                digest: self.digests.get(&observed.record).copied(),
                by: match observed.tool.as_str() {
                    "" => format!("{} at {}", observed.probe, observed.target),
                    tool => format!("{} ({tool}) at {}", observed.probe, observed.target),
                },
                when: Some(observed.when),
                ..nothing()
            },
            Ground::Stated(stated) => Cite {
                source: Source::Stated,
                record: Some(stated.record),
                digest: self.digests.get(&stated.record).copied(),
                by: stated.by.clone(),
                when: Some(stated.when),
                ..nothing()
            },
            Ground::Rule(ruled) => fact(ruled.text.clone()),
        }
    }
}

/// A place in the dossier.
pub(super) fn place(at: &Place) -> Cite {
    Cite { place: Some(at.clone()), ..nothing() }
}

/// Something that needs neither place nor record.
pub(super) fn fact(text: impl Into<String>) -> Cite {
    Cite { source: Source::Rule, fact: text.into(), ..nothing() }
}

/// What a ground says, one line.
pub(super) fn text(ground: &Ground) -> String {
    match ground {
        Ground::Declared(ground) => ground.text.clone(),
        Ground::Observed(ground) => ground.text.clone(),
        Ground::Stated(ground) => ground.text.clone(),
        Ground::Rule(ground) => ground.text.clone(),
    }
}

fn nothing() -> Cite {
    Cite {
        source: Source::Declared,
        place: None,
        record: None,
        digest: None,
        by: String::new(),
        when: None,
        fact: String::new(),
    }
}
