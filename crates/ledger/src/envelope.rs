//! Signed envelopes (DSSE v1.0.2): what is signed, by whom, and the one byte form it is kept in.
//!
//! It does not look into the payload. Refused on purpose: unknown members, other spellings of the same JSON,
//! base64 with stray bits, an envelope without a signature.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use crate::{KeyId, KeySet, SigningKey, canonical};

/// Why bytes are not an envelope that can be trusted.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// The bytes are not an envelope.
    #[error("read the envelope")]
    Json(#[source] serde_json::Error),
    /// The bytes are an envelope, but not in its one canonical form.
    #[error("read the envelope: it is not in canonical form")]
    NotCanonical,
    /// A member is not base64.
    #[error("read the envelope's base64: {0}")]
    Base64(&'static str),
    /// The payload is of another type than expected.
    #[error("read the payload: its type is `{0}`")]
    PayloadType(String),
    /// No signature is by a trusted key.
    #[error("find a trusted signature: signed by {0}")]
    UnknownKey(String),
    /// A trusted key's signature does not fit the payload.
    #[error("verify the signature of key {0}")]
    BadSignature(KeyId),
    /// The envelope cannot be written.
    #[error("write the envelope")]
    Write(#[source] serde_json::Error),
}

/// A payload with its signatures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Envelope {
    payload_type: String,
    payload: String,
    signatures: Vec<Signature>,
}

/// One signature over the payload and its type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// The name of the key; a hint that is not itself signed.
    pub keyid: String,
    /// The signature in base64.
    pub sig: String,
}

/// A signature that was not verified, and who is said to have made it.
#[derive(Debug, Clone)]
pub(crate) struct Claimed {
    /// As the envelope names it.
    pub(crate) keyid: String,
    pub(crate) signature: [u8; 64],
}

/// The bytes a signature covers: DSSE's pre-authentication encoding.
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

impl Envelope {
    /// Signs a payload.
    pub fn sign(payload_type: &str, payload: &[u8], key: &SigningKey) -> Self {
        let envelope = Self {
            payload_type: payload_type.to_owned(),
            payload: STANDARD.encode(payload),
            signatures: Vec::new(),
        };
        envelope.signed_over(payload, key)
    }

    /// The same envelope with one more signature.
    ///
    /// # Errors
    /// [`EnvelopeError::Base64`] when the payload cannot be decoded.
    pub fn countersign(self, key: &SigningKey) -> Result<Self, EnvelopeError> {
        let payload = self.payload()?;
        Ok(self.signed_over(&payload, key))
    }

    fn signed_over(mut self, payload: &[u8], key: &SigningKey) -> Self {
        let sig = STANDARD.encode(key.sign(&pae(&self.payload_type, payload)));
        self.signatures.push(Signature { keyid: key.id().to_string(), sig });
        self
    }

    /// Reads an envelope from its canonical bytes.
    ///
    /// # Errors
    /// [`EnvelopeError::Json`] or [`EnvelopeError::NotCanonical`] when the bytes are anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let envelope: Self = serde_json::from_slice(bytes).map_err(EnvelopeError::Json)?;
        // The quick way says yes, or nothing.
        let quick = envelope.in_order(bytes.len()).is_some_and(|written| written == bytes);
        if quick || envelope.to_bytes()? == bytes { Ok(envelope) } else { Err(EnvelopeError::NotCanonical) }
    }

    /// The canonical bytes; none when a text needs an escape by number.
    fn in_order(&self, length: usize) -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(length);
        let text = |before: &[u8], text: &str, out: &mut Vec<u8>| {
            out.extend_from_slice(before);
            canonical::write_text(text, out).then_some(())
        };
        text(b"{\"payload\":", &self.payload, &mut out)?;
        text(b",\"payloadType\":", &self.payload_type, &mut out)?;
        out.extend_from_slice(b",\"signatures\":[");
        for (at, signature) in self.signatures.iter().enumerate() {
            let before: &[u8] = if at == 0 { b"{\"keyid\":" } else { b",{\"keyid\":" };
            text(before, &signature.keyid, &mut out)?;
            text(b",\"sig\":", &signature.sig, &mut out)?;
            out.push(b'}');
        }
        out.extend_from_slice(b"]}");
        Some(out)
    }

    /// The canonical bytes: what a leaf of the log is.
    ///
    /// # Errors
    /// [`EnvelopeError::Write`] when there is no such form.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EnvelopeError> {
        canonical::bytes(self).map_err(EnvelopeError::Write)
    }

    /// The media type of the payload.
    pub fn payload_type(&self) -> &str {
        &self.payload_type
    }

    /// The signatures, in the order they were made.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// The payload, whoever signed it.
    ///
    /// # Errors
    /// [`EnvelopeError::Base64`] when it cannot be decoded.
    pub fn payload(&self) -> Result<Vec<u8>, EnvelopeError> {
        STANDARD.decode(&self.payload).map_err(|_| EnvelopeError::Base64("payload"))
    }

    /// The payload and the trusted keys that signed it: at least one.
    ///
    /// Signatures by keys outside the set are passed over, as DSSE asks; a bad one by a key in the set is an error.
    ///
    /// # Errors
    /// [`EnvelopeError::UnknownKey`], [`EnvelopeError::BadSignature`] or [`EnvelopeError::Base64`].
    pub fn verify(&self, keys: &KeySet) -> Result<(Vec<u8>, Vec<KeyId>), EnvelopeError> {
        let payload = self.payload()?;
        let message = pae(&self.payload_type, &payload);
        let mut signers = Vec::new();
        for signature in &self.signatures {
            let bytes = STANDARD.decode(&signature.sig).map_err(|_| EnvelopeError::Base64("signature"))?;
            let Some(key) = signature.keyid.parse().ok().and_then(|id| keys.author(id)) else { continue };
            if !key.verifies(&message, &bytes) {
                return Err(EnvelopeError::BadSignature(key.id()));
            }
            signers.push(key.id());
        }
        if signers.is_empty() { Err(EnvelopeError::UnknownKey(self.signed_by())) } else { Ok((payload, signers)) }
    }

    /// The signatures as bytes.
    pub(crate) fn claimed(&self) -> Result<Vec<Claimed>, EnvelopeError> {
        let decoded = self.signatures.iter().map(|signature| {
            let bytes = STANDARD.decode(&signature.sig).ok().and_then(|bytes| bytes.try_into().ok());
            let signature_bytes = bytes.ok_or(EnvelopeError::Base64("signature"))?;
            Ok(Claimed { keyid: signature.keyid.clone(), signature: signature_bytes })
        });
        decoded.collect()
    }

    fn signed_by(&self) -> String {
        let ids: Vec<&str> = self.signatures.iter().map(|signature| signature.keyid.as_str()).collect();
        if ids.is_empty() { "nobody".to_owned() } else { ids.join(", ").escape_debug().to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: &str = "http://example.com/HelloWorld";

    fn key(n: u8) -> SigningKey {
        SigningKey::from_seed(&[n; 32])
    }

    fn trusting(n: u8) -> KeySet {
        KeySet::new().with_author(key(n).verifying_key())
    }

    #[test]
    fn the_signed_bytes_are_those_of_the_dsse_document() {
        assert_eq!(pae(TYPE, b"hello world"), b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
        assert_eq!(pae("", "é".as_bytes()), "DSSEv1 0  2 é".as_bytes());
    }

    #[test]
    fn an_envelope_reads_back_from_its_one_byte_form() {
        let envelope = Envelope::sign(TYPE, b"hello world", &key(1));
        let bytes = envelope.to_bytes().unwrap();
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(
            text.starts_with(
                "{\"payload\":\"aGVsbG8gd29ybGQ=\",\"payloadType\":\"http://example.com/HelloWorld\","
            )
        );
        assert_eq!(Envelope::from_bytes(&bytes).unwrap(), envelope);
        let (payload, signers) = envelope.verify(&trusting(1)).unwrap();
        assert_eq!((payload.as_slice(), signers), (b"hello world".as_slice(), vec![key(1).id()]));
    }

    #[test]
    fn the_quick_way_writes_an_envelope_as_the_canonical_one_does() {
        let one = Envelope::sign(TYPE, b"hello \"world\"", &key(1));
        let odd = Envelope { payload_type: "a\"\\\n\u{e9}".to_owned(), ..one.clone() };
        let none = Envelope { signatures: Vec::new(), ..one.clone() };
        for envelope in [one.clone(), odd, none, one.countersign(&key(2)).unwrap()] {
            assert_eq!(envelope.in_order(0).unwrap(), envelope.to_bytes().unwrap());
        }
    }

    #[test]
    fn another_spelling_of_the_same_envelope_is_refused() {
        let bytes = Envelope::sign(TYPE, b"hello world", &key(1)).to_bytes().unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let spaced = text.replace("\":\"", "\": \"");
        assert!(matches!(Envelope::from_bytes(spaced.as_bytes()), Err(EnvelopeError::NotCanonical)));
        let escaped = text.replace("HelloWorld", "\\u0048elloWorld");
        assert!(matches!(Envelope::from_bytes(escaped.as_bytes()), Err(EnvelopeError::NotCanonical)));
        let extended = text.replacen('{', "{\"note\":1,", 1);
        assert!(matches!(Envelope::from_bytes(extended.as_bytes()), Err(EnvelopeError::Json(_))));
    }

    #[test]
    fn a_signature_binds_the_payload_and_its_type() {
        let good = Envelope::sign(TYPE, b"hello world", &key(1));
        let other_type = Envelope { payload_type: "text/plain".to_owned(), ..good.clone() };
        let other_payload = Envelope { payload: STANDARD.encode(b"hello w0rld"), ..good.clone() };
        for altered in [other_type, other_payload] {
            assert!(matches!(altered.verify(&trusting(1)), Err(EnvelopeError::BadSignature(_))));
        }
        let unsigned = Envelope { signatures: vec![], ..good.clone() };
        assert!(matches!(unsigned.verify(&trusting(1)), Err(EnvelopeError::UnknownKey(who)) if who == "nobody"));
        assert!(
            matches!(good.verify(&trusting(2)), Err(EnvelopeError::UnknownKey(who)) if who == key(1).id().to_string())
        );
    }

    #[test]
    fn one_bad_signature_by_a_trusted_key_spoils_a_good_one() {
        let both = Envelope::sign(TYPE, b"hello world", &key(1)).countersign(&key(2)).unwrap();
        let keys = trusting(1).with_author(key(2).verifying_key());
        assert_eq!(both.verify(&keys).unwrap().1, [key(1).id(), key(2).id()]);
        assert_eq!(both.verify(&trusting(2)).unwrap().1, [key(2).id()]);
        let mut spoilt = both;
        spoilt.signatures[0].sig = spoilt.signatures[1].sig.clone();
        assert!(matches!(spoilt.verify(&keys), Err(EnvelopeError::BadSignature(id)) if id == key(1).id()));
    }
}
