//! Reads a software bill of materials: which components a release is made of.
//!
//! CycloneDX in JSON, SPDX 2 in JSON and SPDX 3 in JSON-LD, as far as name, version, identifiers, supplier and hash go.
//! Tolerant: what it does not know is left alone, and a component without a name is counted, not guessed. Whether the
//! list is complete, or agrees with the declarations, is not its business.

mod cyclonedx;
mod spdx;

use model::Component;
use serde_json::Value;

/// Largest SBOM that is read, in bytes.
pub const LARGEST: usize = 32 * 1024 * 1024;
/// Most components that are read.
pub const MOST: usize = 20_000;
/// Longest text that is taken over, in bytes.
const LONGEST: usize = 1000;

/// What an SBOM lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sbom {
    /// Form and version: `CycloneDX 1.6`, `SPDX-2.3`.
    pub form: String,
    /// The components in order of name and version, each once.
    pub components: Vec<Component>,
    /// How many have no name, or one that is no text of at most 1000 bytes; they are left out.
    pub unnamed: usize,
}

/// Why an SBOM was not read.
#[derive(Debug, thiserror::Error)]
pub enum SbomError {
    /// It is too large.
    #[error("it has {size} bytes; at most {LARGEST} are read")]
    Large {
        /// Its size.
        size: usize,
    },
    /// It is no JSON, or nests too deep.
    #[error(
        "it is no JSON that can be read\n\nhint: CycloneDX and SPDX in JSON are read; other forms can be converted"
    )]
    Json(#[source] serde_json::Error),
    /// It is JSON of another kind.
    #[error(
        "it is neither CycloneDX nor SPDX: no `bomFormat`, `spdxVersion` or `@graph`\n\nhint: CycloneDX and SPDX in JSON are read"
    )]
    Form,
    /// It lists nothing.
    #[error("it lists no component")]
    Empty,
    /// It lists too much.
    #[error("it lists more than {MOST} components")]
    Many,
}

/// Reads an SBOM.
///
/// # Errors
/// [`SbomError`] when it is no SBOM of a known form, or lists nothing.
pub fn read(bytes: &[u8]) -> Result<Sbom, SbomError> {
    if bytes.len() > LARGEST {
        return Err(SbomError::Large { size: bytes.len() });
    }
    // A byte order mark is no part of JSON (RFC 8259, 8.1), and some tools write one.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let document: Value = serde_json::from_slice(bytes).map_err(SbomError::Json)?;
    let mut found = Found::default();
    let form = if document["bomFormat"] == "CycloneDX" {
        cyclonedx::read(&document, &mut found);
        format!(
            "CycloneDX {}",
            document["specVersion"].as_str().filter(|v| v.len() < 16).unwrap_or("of no version")
        )
    } else if let Some(version) = document["spdxVersion"].as_str() {
        spdx::read(&document, &mut found);
        version.chars().take(16).collect()
    } else if document["@graph"].is_array() {
        spdx::read_graph(&document, &mut found);
        "SPDX-3".to_owned()
    } else {
        return Err(SbomError::Form);
    };
    match (found.components.len(), found.many) {
        (_, true) => return Err(SbomError::Many),
        (0, false) => return Err(SbomError::Empty),
        _ => {}
    }
    found.components.sort();
    found.components.dedup();
    Ok(Sbom { form, components: found.components, unnamed: found.unnamed })
}

/// What has been read so far.
#[derive(Debug, Default)]
struct Found {
    components: Vec<Component>,
    unnamed: usize,
    many: bool,
}

impl Found {
    /// Takes a component; without a name it is counted.
    fn take(&mut self, component: Component) {
        if component.name.is_empty() {
            self.unnamed += 1;
        } else if self.components.len() < MOST {
            self.components.push(component);
        } else {
            self.many = true;
        }
    }
}

/// A text that is there, is not blank and is not too long.
fn text(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim();
    (!text.is_empty() && text.len() <= LONGEST).then(|| text.to_owned())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The strongest of several hashes, as `sha-256:…`; whatever the algorithm is called.
fn strongest<'a>(hashes: impl Iterator<Item = (&'a Value, &'a Value)>) -> Option<String> {
    const ORDER: [&str; 8] = ["md5", "sha1", "sha224", "sha256", "sha3256", "sha384", "sha3512", "sha512"];
    let plain = |name: &str| name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    let one = |(algorithm, digits): (&Value, &Value)| {
        let (algorithm, digits) = (text(algorithm)?, text(digits)?);
        let is_hex = digits.len() <= 256 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        let rank = ORDER.iter().position(|known| *known == plain(&algorithm));
        is_hex.then(|| (rank, format!("{}:{}", algorithm.to_lowercase(), digits.to_lowercase())))
    };
    hashes.filter_map(one).max().map(|(_, hash)| hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(sbom: &Sbom) -> Vec<(&str, &str)> {
        sbom.components.iter().map(|c| (c.name.as_str(), c.version.as_str())).collect()
    }

    #[test]
    fn components_of_cyclonedx_are_read_with_those_inside_them_and_the_product_itself_is_none() {
        let text = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"component": {"name": "plug"}},
            "components": [
              {"name": "openssl", "version": "3.0.15", "purl": "pkg:generic/openssl@3.0.15",
               "cpe": "cpe:2.3:a:openssl:openssl:3.0.15:*:*:*:*:*:*:*", "supplier": {"name": "OpenSSL"},
               "hashes": [{"alg": "SHA-1", "content": "00"}, {"alg": "SHA-256", "content": "AB"}],
               "components": [{"group": "org.example", "name": "inner", "version": 2}]},
              {"version": "1"}]}"#;
        let sbom = read(text.as_bytes()).unwrap();
        assert_eq!(sbom.form, "CycloneDX 1.6");
        assert_eq!(named(&sbom), [("openssl", "3.0.15"), ("org.example/inner", "")]);
        assert_eq!(sbom.components[0].supplier.as_deref(), Some("OpenSSL"));
        assert_eq!(sbom.components[0].hash.as_deref(), Some("sha-256:ab"));
        assert_eq!(sbom.unnamed, 1);
    }

    #[test]
    fn packages_of_spdx_are_read_without_the_one_the_document_describes() {
        let text = r#"{"spdxVersion": "SPDX-2.3", "documentDescribes": ["SPDXRef-plug"], "packages": [
              {"SPDXID": "SPDXRef-plug", "name": "plug"},
              {"SPDXID": "SPDXRef-1", "name": "mbedtls", "versionInfo": "3.6.2", "supplier": "Organization: Arm",
               "checksums": [{"algorithm": "SHA256", "checksumValue": "cd"}],
               "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:generic/mbedtls@3.6.2"},
                                {"referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a:arm:mbedtls:3.6.2"}]},
              {"SPDXID": "SPDXRef-2", "name": "lwip", "versionInfo": "NOASSERTION", "supplier": "NOASSERTION"}]}"#;
        let sbom = read(text.as_bytes()).unwrap();
        assert_eq!(named(&sbom), [("lwip", ""), ("mbedtls", "3.6.2")]);
        let mbedtls = &sbom.components[1];
        assert_eq!(mbedtls.purl.as_deref(), Some("pkg:generic/mbedtls@3.6.2"));
        assert_eq!((mbedtls.supplier.as_deref(), mbedtls.hash.as_deref()), (Some("Arm"), Some("sha256:cd")));
        assert!(mbedtls.cpe.is_some() && sbom.components[0].supplier.is_none());
    }

    #[test]
    fn packages_of_an_spdx_3_graph_are_read() {
        let text = r#"{"@context": "x", "@graph": [{"type": "CreationInfo"}, {"type": "software_Package",
            "name": "zlib", "software_packageVersion": "1.3.1", "software_packageUrl": "pkg:generic/zlib@1.3.1"}]}"#;
        assert_eq!(named(&read(text.as_bytes()).unwrap()), [("zlib", "1.3.1")]);
    }

    #[test]
    fn what_is_no_sbom_is_refused_with_its_reason() {
        let fault = |text: &str| read(text.as_bytes()).unwrap_err();
        assert!(matches!(fault("<bom/>"), SbomError::Json(_)));
        assert!(matches!(fault("[]"), SbomError::Form));
        assert!(matches!(fault(r#"{"bomFormat": "CycloneDX", "components": 7}"#), SbomError::Empty));
        assert!(matches!(fault(&"[".repeat(100_000)), SbomError::Json(_)), "nesting is bounded");
        let many = format!(
            r#"{{"bomFormat": "CycloneDX", "components": [{}]}}"#,
            vec![r#"{"name":"a"}"#; MOST + 1].join(",")
        );
        assert!(matches!(fault(&many), SbomError::Many));
    }

    #[test]
    fn a_text_of_a_hostile_length_is_left_out_and_never_cut() {
        let long = "v".repeat(LONGEST + 1);
        let text = format!(
            r#"{{"bomFormat": "CycloneDX", "components": [{{"name": "a", "version": "{long}"}}, {{"name": "{long}"}}]}}"#
        );
        let sbom = read(text.as_bytes()).unwrap();
        assert_eq!((named(&sbom), sbom.unnamed), (vec![("a", "")], 1));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _ = read(&bytes);
        }
    }
}
