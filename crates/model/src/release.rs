//! A release of the product's software as the ledger keeps it, and the components it is made of.

use serde::{Deserialize, Serialize};

use crate::{Artefact, Digest};

/// The firmware image of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// The name it came with; hostile text, shown only after sanitising.
    pub name: String,
    /// The image itself, where it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Artefact>,
}

/// A software component, as an SBOM lists it. Texts come from the SBOM's maker and are bounded, not sanitised.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Component {
    /// Name.
    pub name: String,
    /// Version; empty when the SBOM gives none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// Package URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purl: Option<String>,
    /// CPE, 2.2 or 2.3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpe: Option<String>,
    /// Supplier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supplier: Option<String>,
    /// Digest of the component as the SBOM gives it: `sha-256:…`, the strongest where it gives several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
}

/// A release of the product: one leaf of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Version designation, as `assay.toml` declares it.
    pub version: String,
    /// Date of release, `2026-01-31`, where it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// The version that it follows; none for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<String>,
    /// Position of the state of the dossier that names it first.
    pub dossier: u64,
    /// The firmware image, where one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firmware: Option<Image>,
    /// The SBOM as it came, where one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sbom: Option<Artefact>,
    /// What the SBOM lists, in order of name and version.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<Component>,
    /// What changed, for a reader.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_of_which_only_the_version_is_known_reads() {
        let release: Release = serde_json::from_str(r#"{"version": "1.4.3", "dossier": 7}"#).unwrap();
        assert_eq!((release.version.as_str(), release.dossier), ("1.4.3", 7));
        assert!(release.firmware.is_none() && release.sbom.is_none() && release.components.is_empty());
    }
}
