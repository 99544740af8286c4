//! What of a record's texts is not for everybody, and how it is withheld (`docs/reference/withheld.md`).
//!
//! Three lines: what a probe or a person set apart, what the bench knows as a secret, and shapes that secrets usually
//! have. It is a pure function of the record, the salting and these; it keeps nothing.

mod gate;
mod opened;
mod search;
mod shapes;
mod traces;

use std::ops::Range;
use std::path::Path;

use dossier::{Dossier, SourceText};
use ledger::{MARK_BEGINS, Openings, Salting};
use model::{KeptArtefact, Observation, Piece, Statement, pieces, private};
use serde_json::Value;

use crate::measure;

pub use gate::{Gate, Leak};
pub use opened::{OpenedError, check_marks, opened};
pub use search::Search;
pub use traces::{Trace, traces};

/// Values shorter than this stand in texts by chance; only a probe or a person sets them apart.
const SHORTEST: usize = 4;
/// Values shorter than this count in clear only where no letter or digit is beside them.
const A_WORD: usize = 8;
/// Bytes of a file that is one value: a PIN, a password, a version.
const LONGEST_VALUE: usize = 200;
/// How a person sets a part of what they write apart: `[[private: …]]`.
pub(crate) const ASIDE: (&str, &str) = ("[[private:", "]]");
/// Members that say where or what, in words the dossier may use too: what it says itself is left there.
const NAMING: [&str; 5] = ["path", "function", "target", "url", "final_url"];
/// Members with words and numbers of ours, in which no text from elsewhere stands.
const OURS: [&str; 17] = [
    "began",
    "body",
    "credential",
    "did",
    "endpoint",
    "fact",
    "fingerprint",
    "kind",
    "means",
    "method",
    "of",
    "protocol",
    "result",
    "scheme",
    "state",
    "transport",
    "violation",
];

/// What is known to be secret where records are made.
#[derive(Clone, Default)]
pub struct Privacy {
    secrets: Vec<Known>,
    said: String,
}

#[derive(Clone)]
struct Known {
    kind: String,
    value: String,
    traces: Vec<Trace>,
}

impl Privacy {
    /// With these secrets, each of a kind. What everybody knows is none: the credentials that probes try by
    /// themselves are findings, not secrets. `said` is what the dossier says to everybody.
    pub fn new(secrets: impl IntoIterator<Item = (String, String)>, said: String) -> Self {
        let mut privacy = Self { secrets: Vec::new(), said };
        secrets.into_iter().for_each(|(kind, value)| privacy.learn(kind, value));
        privacy
    }

    /// With the secrets of a dossier's bench that can be had now, and what the dossier says; and where the others are.
    pub fn of_folder(dossier: &Dossier, folder: &Path) -> (Self, Vec<String>) {
        let look_up = |name: &str| std::env::var(name).ok();
        let found = dossier.bench.as_ref().map(|bench| measure::secrets_at_hand(bench, folder, &look_up));
        let (secrets, missing) = found.unwrap_or_default();
        (Self::new(secrets, said(&dossier.sources)), missing)
    }

    /// With the value in an attached file of the kind `value`: it is withheld from the texts, as the file is.
    #[must_use]
    pub fn and_attached(mut self, kind: &str, bytes: &[u8]) -> Self {
        let text = std::str::from_utf8(bytes).ok().filter(|text| kind == "value" && text.len() <= LONGEST_VALUE);
        if let Some(value) = text.map(str::trim).filter(|text| !text.contains('\n')) {
            self.learn("value".to_owned(), value.to_owned());
        }
        self
    }

    fn learn(&mut self, kind: String, value: String) {
        let is_new = self.secrets.iter().all(|one| one.value != value);
        if is_new && value.len() >= SHORTEST && !probes::is_well_known_secret(&value) {
            self.secrets.push(Known { kind, traces: traces(&value), value });
            self.secrets.sort_by_key(|one| std::cmp::Reverse(one.value.len()));
        }
    }

    /// The secrets, each with its kind.
    pub fn secrets(&self) -> impl Iterator<Item = (&str, &str)> {
        self.secrets.iter().map(|one| (one.kind.as_str(), one.value.as_str()))
    }

    /// An observation fit for everybody, and what opens it.
    ///
    /// # Errors
    /// What serde says where a text no longer is what its place takes.
    pub(crate) fn observation(
        &self,
        salting: &Salting,
        mut observation: Observation,
    ) -> Result<(Observation, Openings), serde_json::Error> {
        let mut work = Work { privacy: self, salting, openings: Openings::default() };
        let mut reading = serde_json::to_value(&observation.reading)?;
        work.value(&mut reading, Place::Free);
        observation.reading = serde_json::from_value(reading)?;
        let dut = &mut observation.dut;
        let read = dut.proofs.iter_mut().chain(&mut dut.firmware);
        for text in observation.run.parameters.values_mut().chain(read) {
            work.text(text, Place::Free);
        }
        if let Some(source) = &mut observation.source {
            for text in [&mut source.tool, &mut source.file].into_iter().chain(&mut source.version) {
                work.text(text, Place::Free);
            }
        }
        Ok((observation, work.openings))
    }

    /// A statement fit for everybody, and what opens it. The name of the person stays: a statement is theirs.
    pub(crate) fn statement(&self, salting: &Salting, mut statement: Statement) -> (Statement, Openings) {
        let mut work = Work { privacy: self, salting, openings: Openings::default() };
        for text in [&mut statement.reasoning, &mut statement.role] {
            *text = set_apart(text);
            work.text(text, Place::Free);
        }
        for criterion in &mut statement.criteria {
            criterion.criterion = set_apart(&criterion.criterion);
            // The catalogue's words are compared; they hold no secret unless somebody puts one there.
            work.text(&mut criterion.criterion, Place::Naming);
        }
        for artefact in &mut statement.artefacts {
            work.text(&mut artefact.name, Place::Free);
        }
        if let Some(place) = &mut statement.place {
            work.text(&mut place.0, Place::Free);
        }
        (statement, work.openings)
    }

    /// The record of a kept file fit for everybody, and what opens it. The name of the person stays.
    pub(crate) fn kept(&self, salting: &Salting, mut kept: KeptArtefact) -> (KeptArtefact, Openings) {
        let mut work = Work { privacy: self, salting, openings: Openings::default() };
        kept.remark = set_apart(&kept.remark);
        let place = kept.place.iter_mut().map(|place| &mut place.0);
        for text in [&mut kept.remark, &mut kept.role, &mut kept.artefact.name].into_iter().chain(place) {
            work.text(text, Place::Free);
        }
        (kept, work.openings)
    }

    /// What is private in a public piece of a text, in order and apart: where, and of which kind.
    fn found(&self, text: &str, place: Place) -> Vec<(Range<usize>, String)> {
        let mut found: Vec<(Range<usize>, String)> = Vec::new();
        let imitated = text.match_indices(MARK_BEGINS);
        found.extend(imitated.map(|(at, mark)| (at..at + mark.len(), "mark-like-text".to_owned())));
        let is_said = |value: &str| place == Place::Naming && self.said.contains(value);
        for known in self.secrets.iter().filter(|known| !is_said(&known.value)) {
            for trace in &known.traces {
                found.extend(trace.find(text).into_iter().map(|at| (at, known.kind.clone())));
            }
        }
        let shapes = shapes::shapes(text).into_iter().filter(|(at, _)| !self.said.contains(&text[at.clone()]));
        found.extend(shapes.map(|(at, kind)| (at, kind.to_owned())));
        found.sort_by_key(|(at, _)| (at.start, std::cmp::Reverse(at.end)));
        let mut apart: Vec<(Range<usize>, String)> = Vec::new();
        for (at, kind) in found {
            match apart.last_mut() {
                Some((last, _)) if at.start < last.end => last.end = last.end.max(at.end),
                _ => apart.push((at, kind)),
            }
        }
        apart
    }
}

impl std::fmt::Debug for Privacy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Privacy({} secrets)", self.secrets.len())
    }
}

/// Everything that the texts of a dossier say to everybody.
pub fn said(sources: &[SourceText]) -> String {
    sources.iter().map(|source| format!("{}\n", source.text)).collect()
}

/// Where a text stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In a member that says where or what.
    Naming,
    /// Anywhere else.
    Free,
}

/// One record at work.
struct Work<'a> {
    privacy: &'a Privacy,
    salting: &'a Salting,
    openings: Openings,
}

impl Work<'_> {
    fn value(&mut self, value: &mut Value, place: Place) {
        match value {
            Value::String(text) => self.text(text, place),
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item, place)),
            Value::Object(members) => {
                if members.get("fact").is_some_and(|fact| fact == "http") {
                    self.body(members);
                }
                for (name, member) in members.iter_mut().filter(|(name, _)| !OURS.contains(&name.as_str())) {
                    let place = if NAMING.contains(&name.as_str()) { Place::Naming } else { place };
                    self.value(member, place);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// The digest of a body tells the body to whoever guesses it, so it is committed to as any other value.
    fn body(&mut self, members: &mut serde_json::Map<String, Value>) {
        if let (Some(Value::String(digest)), None) = (members.get("body"), members.get("salted")) {
            let mark = self.openings.withhold(self.salting, opened::BODY, digest);
            members.insert("body".to_owned(), mark.commitment().to_string().into());
            members.insert("salted".to_owned(), true.into());
        }
    }

    fn text(&mut self, text: &mut String, place: Place) {
        let mut shown = String::new();
        for piece in pieces(text) {
            match piece {
                Piece::Private(kind, value) => self.withhold(kind, value, &mut shown),
                Piece::Public(piece) => {
                    let mut from = 0;
                    for (at, kind) in self.privacy.found(piece, place) {
                        shown.push_str(&piece[from..at.start]);
                        self.withhold(&kind, &piece[at.clone()], &mut shown);
                        from = at.end;
                    }
                    shown.push_str(&piece[from..]);
                }
            }
        }
        *text = shown;
    }

    fn withhold(&mut self, kind: &str, value: &str, shown: &mut String) {
        shown.push_str(&self.openings.withhold(self.salting, kind, value).to_string());
    }
}

/// What a person wrote, with the parts they bracketed set apart.
fn set_apart(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, behind)) = rest.split_once(ASIDE.0) {
        out.push_str(before);
        // A bracket that nobody closed is meant to hide the rest.
        let (aside, after) = behind.split_once(ASIDE.1).unwrap_or((behind, ""));
        out.push_str(&private("private", aside.trim()));
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests;
