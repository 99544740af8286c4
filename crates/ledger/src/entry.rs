//! What one leaf of the ledger says: a record of some kind, and its place in the chain, under one signature.
//!
//! The place is signed with the record, so a leaf cannot be moved, dropped or doubled without its neighbours telling.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::envelope::Claimed;
use crate::in_toto::PAYLOAD_TYPE;
use crate::{
    Digest, Envelope, EnvelopeError, InTotoStatement, KeyId, KeySet, STATEMENT_TYPE, Subject, canonical, pae,
};

/// Why a leaf does not read as an entry.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// The envelope around it is not sound.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// The payload is not an in-toto Statement with a place in the ledger.
    #[error("read the entry")]
    Payload(#[source] serde_json::Error),
    /// The payload is such a statement, but not in its one canonical form.
    #[error("read the entry: its payload is not in canonical form")]
    NotCanonical,
    /// The statement is of another layout.
    #[error("read the entry: its layout is `{0}`")]
    Layout(String),
    /// in-toto asks for at least one subject.
    #[error("read the entry: it has no subject")]
    NoSubject,
}

/// Where an entry stands in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Position {
    /// Number of leaves before it.
    pub index: u64,
    /// The [`crate::leaf_hash`] of the leaf before it; none for the first.
    #[serde(deserialize_with = "told")]
    pub previous: Option<Digest>,
    /// When it was recorded, RFC 3339 in UTC, by the recorder's clock.
    pub recorded_at: String,
}

/// A member that may be null and may not be left out: a leaf has one form.
fn told<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Digest>, D::Error> {
    Option::deserialize(deserializer)
}

/// A record with its place: the predicate of every entry.
///
/// A kind of ours has the two members `ledger` and `record`. A kind that others have defined, in-toto's test result, is
/// the predicate as they define it, with `ledger` beside its members: so their tools read it, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The place.
    pub ledger: Position,
    /// The record; its meaning belongs to the kind.
    pub record: Value,
}

/// The name of the member that holds the place.
const LEDGER: &str = "ledger";
/// The name of the member that holds the record of a kind of ours.
const RECORD: &str = "record";

impl Recorded {
    /// The predicate of this kind.
    pub(crate) fn into_predicate(self, kind: &str) -> Result<Value, serde_json::Error> {
        let mut members = match (is_ours(kind), self.record) {
            (true, record) => Map::from_iter([(RECORD.to_owned(), record)]),
            (false, Value::Object(members)) if !members.contains_key(LEDGER) => members,
            (false, _) => return Err(serde_json::Error::custom("it has to be a table without a member `ledger`")),
        };
        members.insert(LEDGER.to_owned(), serde_json::to_value(self.ledger)?);
        Ok(Value::Object(members))
    }

    fn of_predicate(kind: &str, mut members: Map<String, Value>) -> Result<Self, serde_json::Error> {
        let ledger = members.remove(LEDGER).ok_or_else(|| serde_json::Error::missing_field(LEDGER))?;
        let ledger = serde_json::from_value(ledger)?;
        if !is_ours(kind) {
            return Ok(Self { ledger, record: Value::Object(members) });
        }
        let record = members.remove(RECORD).ok_or_else(|| serde_json::Error::missing_field(RECORD))?;
        match members.keys().next() {
            None => Ok(Self { ledger, record }),
            Some(other) => {
                Err(serde_json::Error::custom(format_args!("unknown field `{}`", other.escape_debug())))
            }
        }
    }
}

fn is_ours(kind: &str) -> bool {
    kind.starts_with("urn:assay:")
}

/// One leaf, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The keys whose signatures were verified; empty when the leaf was read without verifying.
    pub signers: Vec<KeyId>,
    statement: InTotoStatement<Recorded>,
}

impl Entry {
    /// Reads a leaf and verifies that trusted keys signed it. It does not check the place against the neighbours.
    ///
    /// # Errors
    /// [`EntryError`] when the leaf does not read as an entry or is not soundly signed.
    pub fn verify(leaf: &[u8], keys: &KeySet) -> Result<Self, EntryError> {
        let envelope = Envelope::from_bytes(leaf)?;
        let (payload, signers) = envelope.verify(keys)?;
        Ok(Self { signers, statement: statement(&envelope, &payload)? })
    }

    /// Reads a leaf together with what is to be verified of it: the signed bytes and the signatures.
    pub(crate) fn read_signed(leaf: &[u8]) -> Result<(Self, Vec<u8>, Vec<Claimed>), EntryError> {
        let envelope = Envelope::from_bytes(leaf)?;
        let payload = envelope.payload()?;
        let claimed = envelope.claimed()?;
        let entry = Self { signers: Vec::new(), statement: statement(&envelope, &payload)? };
        Ok((entry, pae(envelope.payload_type(), &payload), claimed))
    }

    /// Reads a leaf without verifying who signed it: enough for an index, never for a verdict.
    ///
    /// # Errors
    /// [`EntryError`] when the leaf does not read as an entry.
    pub fn read_unverified(leaf: &[u8]) -> Result<Self, EntryError> {
        let envelope = Envelope::from_bytes(leaf)?;
        let statement = statement(&envelope, &envelope.payload()?)?;
        Ok(Self { signers: Vec::new(), statement })
    }

    /// The kind of record: one of [`crate::predicate`], or a later one.
    pub fn kind(&self) -> &str {
        &self.statement.predicate_type
    }

    /// Its place in the log.
    pub fn position(&self) -> &Position {
        &self.statement.predicate.ledger
    }

    /// What the record is about.
    pub fn subjects(&self) -> &[Subject] {
        &self.statement.subject
    }

    /// The record.
    pub fn record(&self) -> &Value {
        &self.statement.predicate.record
    }

    /// The record, for keeping.
    pub fn into_record(self) -> Value {
        self.statement.predicate.record
    }
}

fn statement(envelope: &Envelope, payload: &[u8]) -> Result<InTotoStatement<Recorded>, EntryError> {
    if envelope.payload_type() != PAYLOAD_TYPE {
        return Err(EnvelopeError::PayloadType(envelope.payload_type().escape_debug().to_string()).into());
    }
    let statement: InTotoStatement<Map<String, Value>> =
        serde_json::from_slice(payload).map_err(EntryError::Payload)?;
    if statement.layout != STATEMENT_TYPE {
        return Err(EntryError::Layout(statement.layout.escape_debug().to_string()));
    }
    if statement.subject.is_empty() {
        return Err(EntryError::NoSubject);
    }
    // The quick way says yes, or nothing.
    let ordered = in_order(&statement, payload.len()).is_some_and(|bytes| bytes == payload);
    if !ordered && canonical::bytes(&statement).map_err(EntryError::Payload)? != payload {
        return Err(EntryError::NotCanonical);
    }
    let InTotoStatement { layout, subject, predicate_type, predicate } = statement;
    let predicate = Recorded::of_predicate(&predicate_type, predicate).map_err(EntryError::Payload)?;
    Ok(InTotoStatement { layout, subject, predicate_type, predicate })
}

/// The canonical bytes of a statement whose predicate has its members in order; none when that cannot be told quickly.
fn in_order(statement: &InTotoStatement<Map<String, Value>>, length: usize) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(length);
    let text = |text: &str, out: &mut Vec<u8>| canonical::write_text(text, out).then_some(());
    out.extend_from_slice(b"{\"_type\":");
    text(&statement.layout, &mut out)?;
    out.extend_from_slice(b",\"predicate\":");
    canonical::write_members(&statement.predicate, &mut out).then_some(())?;
    out.extend_from_slice(b",\"predicateType\":");
    text(&statement.predicate_type, &mut out)?;
    out.extend_from_slice(b",\"subject\":[");
    for (at, subject) in statement.subject.iter().enumerate() {
        out.extend_from_slice(if at == 0 { b"{\"digest\":{\"sha256\":" } else { b",{\"digest\":{\"sha256\":" });
        text(&subject.digest.0.hex(), &mut out)?;
        out.extend_from_slice(b"},\"name\":");
        text(&subject.name, &mut out)?;
        out.push(b'}');
    }
    out.extend_from_slice(b"]}");
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SigningKey;

    fn leaf(payload: &str, payload_type: &str) -> Vec<u8> {
        let key = SigningKey::from_seed(&[1; 32]);
        Envelope::sign(payload_type, payload.as_bytes(), &key).to_bytes().unwrap()
    }

    const GOOD: &str = "{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicate\":{\"ledger\":{\"index\":0,\
        \"previous\":null,\"recordedAt\":\"2026-03-01T09:00:00Z\"},\"record\":{\"a\":1}},\
        \"predicateType\":\"urn:assay:observation:v1\",\"subject\":[{\"digest\":{\"sha256\":\
        \"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"},\"name\":\"x\"}]}";

    #[test]
    fn a_leaf_reads_as_kind_place_subject_and_record() {
        let entry = Entry::read_unverified(&leaf(GOOD, PAYLOAD_TYPE)).unwrap();
        assert_eq!(entry.kind(), crate::predicate::OBSERVATION);
        assert_eq!(entry.position().recorded_at, "2026-03-01T09:00:00Z");
        assert_eq!(entry.subjects(), [Subject::new("x", Digest::of(b"abc"))]);
        assert_eq!(entry.into_record(), serde_json::json!({"a": 1}));
    }

    #[test]
    fn a_kind_that_others_defined_is_their_predicate_with_its_place_beside() {
        let theirs = GOOD
            .replace("\"record\":{\"a\":1}", "\"result\":\"PASSED\"")
            .replace(crate::predicate::OBSERVATION, crate::predicate::TEST_RESULT);
        let entry = Entry::read_unverified(&leaf(&theirs, PAYLOAD_TYPE)).unwrap();
        assert_eq!(entry.position().index, 0);
        assert_eq!(entry.record(), &serde_json::json!({"result": "PASSED"}));
        let ours = GOOD.replace("\"record\":{\"a\":1}", "\"record\":{\"a\":1},\"result\":\"PASSED\"");
        let refused = Entry::read_unverified(&leaf(&ours, PAYLOAD_TYPE)).unwrap_err();
        assert!(matches!(&refused, EntryError::Payload(e) if e.to_string().contains("`result`")), "{refused:?}");
        let placeless = theirs.replace("\"ledger\"", "\"ledgers\"");
        assert!(matches!(Entry::read_unverified(&leaf(&placeless, PAYLOAD_TYPE)), Err(EntryError::Payload(_))));
    }

    #[test]
    fn the_quick_way_writes_a_statement_as_the_canonical_one_does() {
        let subject = |name: &str| Subject::new(name, Digest::of(name.as_bytes()));
        for subjects in [vec![subject("x")], vec![subject("\"é"), subject("y")]] {
            let predicate = serde_json::json!({"ledger": {"index": 7}, "record": {"a": [1, "\n"], "b": {}}});
            let Value::Object(predicate) = predicate else { unreachable!() };
            let statement = InTotoStatement::new(crate::predicate::OBSERVATION, subjects, predicate);
            assert_eq!(in_order(&statement, 0).unwrap(), canonical::bytes(&statement).unwrap());
        }
    }

    #[test]
    fn payloads_of_another_shape_are_refused_though_signed() {
        let read = |payload: &str| Entry::read_unverified(&leaf(payload, PAYLOAD_TYPE));
        assert!(matches!(read("{}"), Err(EntryError::Payload(_))));
        assert!(matches!(read(&GOOD.replace("Statement/v1", "Statement/v0.1")), Err(EntryError::Layout(_))));
        assert!(matches!(read(&GOOD.replace("\"previous\":null,", "")), Err(EntryError::Payload(_))));
        assert!(matches!(read(&GOOD.replace("{\"a\":1}", "{\"a\":1,\"a\":1}")), Err(EntryError::NotCanonical)));
        assert!(matches!(read(&GOOD.replace("{\"a\":1}", "{\"a\":1.0}")), Err(EntryError::NotCanonical)));
        let (head, _) = GOOD.split_once("[{").unwrap();
        assert!(matches!(read(&format!("{head}[]}}")), Err(EntryError::NoSubject)));
        let other = Entry::read_unverified(&leaf(GOOD, "application/json"));
        assert!(matches!(other, Err(EntryError::Envelope(EnvelopeError::PayloadType(_)))));
    }
}
