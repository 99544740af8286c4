//! Signed notes in C2SP's text form: a text, a blank line, and lines that say who signed it.
//!
//! It does not know what the text means. Ed25519 signatures (type 0x01) alone are made and checked.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{Digest, SigningKey, VerifyingKey};

/// The most a note may measure, in bytes: far above the 16 signatures that C2SP asks a reader to accept.
const LARGEST: usize = 64 * 1024;

/// The C2SP signature type of Ed25519.
const ED25519: u8 = 0x01;

/// Why a text is not a note that can be trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// The text is not in the form of a signed note.
    #[error("read the note: {0}")]
    Form(&'static str),
    /// The signer's name is empty or holds a space, a plus or a control character.
    #[error("name the note's signer: {0}")]
    Name(String),
    /// No signature is by a trusted key under the expected name.
    #[error("find a trusted signature: signed by {0}")]
    UnknownKey(String),
    /// A trusted key's signature does not fit the text.
    #[error("verify the signature of `{0}`")]
    BadSignature(String),
}

/// A text with its signatures, not yet verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedNote {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// One signature line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    /// The signer's name.
    pub name: String,
    /// The short hash of name, type and public key.
    pub key_hash: [u8; 4],
    /// The signature's bytes.
    pub signature: Vec<u8>,
}

impl SignedNote {
    /// Signs a text, which ends in a newline, under a name.
    ///
    /// # Errors
    /// [`NoteError::Name`] or [`NoteError::Form`] when C2SP does not allow the name or the text.
    pub fn sign(text: &str, name: &str, key: &SigningKey) -> Result<Self, NoteError> {
        if !is_name(name) {
            return Err(NoteError::Name(name.escape_debug().to_string()));
        }
        if !text.ends_with('\n') || has_controls(text) {
            return Err(NoteError::Form("its text must be lines without control characters"));
        }
        let signature = NoteSignature {
            name: name.to_owned(),
            key_hash: key_hash(name, &key.verifying_key()),
            signature: key.sign(text.as_bytes()).to_vec(),
        };
        Ok(Self { text: text.to_owned(), signatures: vec![signature] })
    }

    /// Reads a note.
    ///
    /// # Errors
    /// [`NoteError::Form`] when the text is anything else.
    pub fn parse(note: &str) -> Result<Self, NoteError> {
        if note.len() > LARGEST {
            return Err(NoteError::Form("it is too large"));
        }
        if has_controls(note) {
            return Err(NoteError::Form("it holds control characters"));
        }
        let split = note.rfind("\n\n").ok_or(NoteError::Form("no blank line parts text and signatures"))?;
        let (text, lines) = (&note[..=split], &note[split + 2..]);
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Form("its last line does not end"))?;
        let signatures = lines.split('\n').map(NoteSignature::parse).collect::<Result<_, _>>()?;
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// The signed text, with its last newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Checks the signatures made under this name by these keys, and returns the first key that signed.
    ///
    /// Lines of other names or keys are passed over, as C2SP asks; a bad one by a known key is an error.
    ///
    /// # Errors
    /// [`NoteError::UnknownKey`] or [`NoteError::BadSignature`].
    pub fn verify<'k>(
        &self,
        name: &str,
        keys: impl IntoIterator<Item = &'k VerifyingKey>,
    ) -> Result<VerifyingKey, NoteError> {
        let mut signed = None;
        for key in keys {
            let hash = key_hash(name, key);
            for line in self.signatures.iter().filter(|line| line.name == name && line.key_hash == hash) {
                if !key.verifies(self.text.as_bytes(), &line.signature) {
                    return Err(NoteError::BadSignature(line.named()));
                }
                signed = signed.or(Some(*key));
            }
        }
        signed.ok_or_else(|| {
            let lines: Vec<String> = self.signatures.iter().map(NoteSignature::named).collect();
            NoteError::UnknownKey(lines.join(", "))
        })
    }
}

impl std::fmt::Display for SignedNote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", self.text)?;
        for line in &self.signatures {
            let bytes = [&line.key_hash, line.signature.as_slice()].concat();
            writeln!(f, "— {} {}", line.name, STANDARD.encode(bytes))?;
        }
        Ok(())
    }
}

impl NoteSignature {
    fn parse(line: &str) -> Result<Self, NoteError> {
        let parts = line.strip_prefix("— ").and_then(|rest| rest.split_once(' '));
        let (name, bytes) = parts.ok_or(NoteError::Form("a signature line has another form"))?;
        let bytes = STANDARD.decode(bytes).map_err(|_| NoteError::Form("a signature is not base64"))?;
        match bytes.split_first_chunk() {
            Some((key_hash, signature)) if is_name(name) && !signature.is_empty() => {
                Ok(Self { name: name.to_owned(), key_hash: *key_hash, signature: signature.to_vec() })
            }
            _ => Err(NoteError::Form("a signature line has another form")),
        }
    }

    /// The name and the key hash, as Go's tools print them.
    fn named(&self) -> String {
        format!("{}+{}", self.name.escape_debug(), hex::encode(self.key_hash))
    }
}

impl VerifyingKey {
    /// The key as C2SP tools take it: `name+hash+base64`.
    ///
    /// # Errors
    /// [`NoteError::Name`] when C2SP does not allow the name.
    pub fn to_note_key(&self, name: &str) -> Result<String, NoteError> {
        if !is_name(name) {
            return Err(NoteError::Name(name.escape_debug().to_string()));
        }
        let bytes = [&[ED25519], self.to_bytes().as_slice()].concat();
        Ok(format!("{name}+{}+{}", hex::encode(key_hash(name, self)), STANDARD.encode(bytes)))
    }
}

fn key_hash(name: &str, key: &VerifyingKey) -> [u8; 4] {
    let digest = Digest::of_parts(&[name.as_bytes(), b"\n", &[ED25519], &key.to_bytes()]);
    let mut hash = [0; 4];
    hash.copy_from_slice(&digest.as_bytes()[..4]);
    hash
}

pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c == '+' || c.is_control())
}

fn has_controls(text: &str) -> bool {
    text.bytes().any(|b| b < 0x20 && b != b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example key and note of Go's `sumdb/note`.
    const SEED: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const NOTE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    fn key() -> SigningKey {
        let bytes = STANDARD.decode(SEED).unwrap();
        SigningKey::from_seed(bytes[1..].try_into().unwrap())
    }

    #[test]
    fn the_reference_note_reads_verifies_and_comes_out_again() {
        assert_eq!(key().verifying_key().to_note_key("PeterNeumann").unwrap(), KEY);
        let note = SignedNote::parse(NOTE).unwrap();
        assert_eq!(note.verify("PeterNeumann", [&key().verifying_key()]), Ok(key().verifying_key()));
        assert_eq!(SignedNote::sign(note.text(), "PeterNeumann", &key()).unwrap().to_string(), NOTE);
    }

    #[test]
    fn another_name_or_key_is_unknown_and_another_text_is_not_signed() {
        let note = SignedNote::parse(NOTE).unwrap();
        let other = SigningKey::from_seed(&[7; 32]).verifying_key();
        let unknown = NoteError::UnknownKey("PeterNeumann+c74f20a3".to_owned());
        assert_eq!(note.verify("PeterNeumann", [&other]), Err(unknown.clone()));
        assert_eq!(note.verify("Peter", [&key().verifying_key()]), Err(unknown));
        let altered = SignedNote::parse(&NOTE.replace("your problem is", "my problem is")).unwrap();
        let bad = NoteError::BadSignature("PeterNeumann+c74f20a3".to_owned());
        assert_eq!(altered.verify("PeterNeumann", [&key().verifying_key()]), Err(bad));
    }

    #[test]
    fn a_second_signature_by_a_stranger_does_not_hide_the_known_one() {
        let stranger = SignedNote::sign("x\n", "witness.example/w", &SigningKey::from_seed(&[9; 32])).unwrap();
        let line = stranger.to_string().replace("x\n\n", "");
        let note = SignedNote::parse(&format!("{NOTE}{line}")).unwrap();
        assert_eq!(note.signatures().len(), 2);
        assert!(note.verify("PeterNeumann", [&key().verifying_key()]).is_ok());
    }

    #[test]
    fn texts_of_another_form_are_refused() {
        let bad = [
            String::new(),
            NOTE.replace("\n\n", "\n"),
            NOTE.replace('—', "-"),
            NOTE.trim_end().to_owned(),
            format!("{NOTE}\n"),
            NOTE.replace("your", "your\t"),
            NOTE.replace("x08", "*08"),
            NOTE.replace("JnAM=", "JnAN="),
            NOTE.replace("— PeterNeumann ", "— Peter+Neumann "),
            NOTE.replace(
                "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=",
                "x08gow==",
            ),
            format!("{}{NOTE}", "a\n".repeat(LARGEST)),
        ];
        for note in bad {
            assert!(matches!(SignedNote::parse(&note), Err(NoteError::Form(_))), "{note:.80}");
        }
        assert!(matches!(SignedNote::sign("x\n", "two words", &key()), Err(NoteError::Name(_))));
        assert!(matches!(SignedNote::sign("no newline", "n", &key()), Err(NoteError::Form(_))));
    }
}
