//! Reads a whole dossier from its files. What cannot be read becomes a note and the rest is kept.

use model::Edition;
use toml::de::DeTable;

use crate::bench::{self, Bench};
use crate::checkpoints::Checkpoint;
use crate::crypto_policy::{self, CRYPTO_POLICY, CryptoPolicy};
use crate::decode::Reader;
use crate::ixit::{self, Entry, IxitTable};
use crate::note::{Note, Severity};
use crate::parts::{
    AssociatedService, Carry, Control, Ics, IcsRow, Person, Policy, Product, Release, Responsibility, one,
    read_ics, rows,
};
use crate::source::{Located, SourceText, Span};
use crate::texts::{self, TextValue};

/// Everything a supplier declares about a product, as far as it could be read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Dossier {
    /// The files it was read from; spans point into them.
    pub sources: Vec<SourceText>,
    /// The edition to assess against.
    pub edition: Option<Located<Edition>>,
    /// The product.
    pub product: Option<Located<Product>>,
    /// Releases, the newest last.
    pub releases: Vec<Located<Release>>,
    /// Associated services.
    pub services: Vec<Located<AssociatedService>>,
    /// People and functions.
    pub people: Vec<Located<Person>>,
    /// Who answers for what.
    pub responsible: Vec<Located<Responsibility>>,
    /// Decisions about the assessment.
    pub policy: Option<Located<Policy>>,
    /// What may be carried from an earlier release.
    pub carry: Vec<Located<Carry>>,
    /// The checkpoints as they are written; [`Dossier::checkpoints()`] has the usual ones where there are none.
    pub checkpoints: Vec<Located<Checkpoint>>,
    /// The supplier's answers.
    pub ics: Ics,
    /// Controls.
    pub controls: Vec<Located<Control>>,
    /// IXIT tables.
    pub tables: Vec<IxitTable>,
    /// The laboratory, where the folder has one.
    pub bench: Option<Bench>,
    /// The cryptography policy that replaces the one built in, where the folder has one.
    pub crypto_policy: Option<CryptoPolicy>,
    /// Every text value of every file, whatever it means.
    pub texts: Vec<TextValue>,
}

impl Dossier {
    /// The edition to assess against: the declared one, or the newest.
    pub fn edition(&self) -> Edition {
        self.edition.map_or_else(Edition::default, |e| e.value)
    }

    /// The table of this name (without number), if it is declared.
    pub fn table(&self, name: &str) -> Option<&IxitTable> {
        self.tables.iter().find(|t| t.name.eq_ignore_ascii_case(name))
    }

    /// The entries of a table, by its name without number; empty when it is not declared.
    pub fn entries(&self, table: &str) -> &[Entry] {
        self.table(table).map_or(&[], |t| &t.entries)
    }

    /// The entry of this id in a table.
    pub fn entry(&self, table: &str, id: &str) -> Option<&Entry> {
        self.entries(table).iter().find(|e| e.id.value == id)
    }

    /// The newest release: the last one written.
    pub fn release(&self) -> Option<&Located<Release>> {
        self.releases.last()
    }

    /// The version of the newest release; empty when none is declared.
    pub fn release_version(&self) -> &str {
        self.release().and_then(|r| r.version.as_ref()).map_or("", |v| v.value.as_str())
    }

    /// The row of a provision in the ICS.
    pub fn answer(&self, provision: &str) -> Option<&Located<IcsRow>> {
        self.ics.row(provision)
    }

    /// The control declared for a provision.
    pub fn control(&self, provision: &str) -> Option<&Located<Control>> {
        self.controls.iter().find(|c| c.provision.as_ref().is_some_and(|p| p.value == provision))
    }
}

/// Reads a dossier. Paths are those inside the folder, with `/`; files of other names are noted and left alone.
pub fn read(sources: Vec<SourceText>) -> (Dossier, Vec<Note>) {
    let mut notes = Vec::new();
    let mut dossier = Dossier::default();
    for (index, source) in sources.iter().enumerate() {
        let Ok(file) = u16::try_from(index) else { break };
        let (document, errors) = DeTable::parse_recoverable(&source.text);
        let mut torn = Vec::new();
        for error in errors {
            let at = Span::new(file, error.span().unwrap_or(0..0));
            let line = line_of(&source.text, at);
            if torn.contains(&line) {
                continue;
            }
            torn.push(line);
            notes.push(
                Note::new("not-toml", Severity::Error, "a dossier file has to be valid TOML", at, error.message())
                    .consequence("what stands at this place is not read"),
            );
        }
        let before = notes.len();
        let mut reader = Reader { file, notes: &mut notes };
        part(source, document.get_ref(), &mut reader, &mut dossier);
        // What the parser made of a torn line is nothing that anybody wrote; some of it has no place at all.
        let found = notes.split_off(before);
        let is_torn = |note: &Note| {
            let made_up =
                |at: Span| (at.end == 0 && !torn.is_empty()) || torn.contains(&line_of(&source.text, at));
            note.labels.first().is_some_and(|(at, _)| made_up(*at))
        };
        if source.path == CRYPTO_POLICY
            && let Some(policy) = &mut dossier.crypto_policy
        {
            policy.whole = torn.is_empty() && !found.iter().any(|note| note.severity == Severity::Error);
        }
        notes.extend(found.into_iter().filter(|note| !is_torn(note)));
        dossier.texts.extend(texts::of(file, document.get_ref()));
    }
    dossier.sources = sources;
    (dossier, notes)
}

/// The number of the line that a span begins in.
fn line_of(text: &str, at: Span) -> usize {
    let end = usize::try_from(at.start).map_or(text.len(), |start| start.min(text.len()));
    text.as_bytes()[..end].iter().filter(|byte| **byte == b'\n').count()
}

fn part(source: &SourceText, document: &DeTable<'_>, reader: &mut Reader<'_>, dossier: &mut Dossier) {
    let path = source.path.as_str();
    match path {
        "assay.toml" => assay(document, reader, dossier),
        "ics.toml" => dossier.ics = read_ics(document, reader),
        "controls.toml" => {
            reader.only(document, "controls.toml", &["control"]);
            dossier.controls = rows(document, "control", reader);
        }
        "bench.toml" => dossier.bench = Some(bench::read(document, reader)),
        CRYPTO_POLICY => dossier.crypto_policy = Some(crypto_policy::read(document, &source.text, reader)),
        _ if path.starts_with("ixit/") => ixit::read(document, reader, &mut dossier.tables),
        _ => {
            let at = Span::new(reader.file, 0..0);
            reader.notes.push(
                Note::new("unknown-file", Severity::Advice, "this file is no part of a dossier", at, "not read")
                    .hint("a dossier has assay.toml, ics.toml, controls.toml, bench.toml, crypto-policy.toml and ixit/*.toml"),
            );
        }
    }
}

pub(crate) const ASSAY_KEYS: [&str; 9] =
    ["edition", "product", "release", "service", "person", "responsible", "policy", "carry", "checkpoint"];

fn assay(document: &DeTable<'_>, reader: &mut Reader<'_>, dossier: &mut Dossier) {
    reader.only(document, "assay.toml", &ASSAY_KEYS);
    if let Some(edition) = reader.get::<String>(document, "edition") {
        match edition.value.parse() {
            Ok(value) => dossier.edition = Some(Located { value, span: edition.span }),
            Err(_) => reader.notes.push(
                Note::new(
                    "unknown-edition",
                    Severity::Error,
                    "the edition is 3.1.3 or 2.1.1",
                    edition.span,
                    "no such edition",
                )
                .consequence("the assessment uses 3.1.3 until this is mended"),
            ),
        }
    }
    dossier.product = one(document, "product", reader);
    dossier.releases = rows(document, "release", reader);
    dossier.services = rows(document, "service", reader);
    dossier.people = rows(document, "person", reader);
    dossier.responsible = rows(document, "responsible", reader);
    dossier.policy = one(document, "policy", reader);
    dossier.carry = rows(document, "carry", reader);
    dossier.checkpoints = rows(document, "checkpoint", reader);
}
