//! The update service: a manifest, signed with Ed25519, and the image it describes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};

use crate::digest::{Derive, sha256_hex};
use crate::http::Response;
use crate::label::MODEL;

/// Path of the manifest.
pub(crate) const MANIFEST_PATH: &str = "/updates/manifest.json";
const IMAGE_SIZE: usize = 4096;

/// What the update service offers. Everything but `Genuine` is what an attacker in its place might do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// The newer version, correctly signed.
    Genuine,
    /// The newer version with one bit of the image changed.
    TamperedImage,
    /// A manifest whose version was raised without a new signature.
    TamperedManifest,
    /// An old version, correctly signed at its time.
    Older,
}

/// What a manifest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub(crate) version: String,
    pub(crate) image: String,
    pub(crate) size: u64,
    pub(crate) sha256: String,
    pub(crate) signature: Vec<u8>,
}

impl Manifest {
    /// The bytes that are signed.
    pub(crate) fn signed_bytes(&self) -> Vec<u8> {
        format!("lumen update\n{MODEL}\n{}\n{}\n{}\n", self.version, self.size, self.sha256).into_bytes()
    }

    /// Reads a manifest; `None` when a field is missing or of another product.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        let text = |field: &str| value.get(field)?.as_str().map(str::to_owned);
        if text("product")? != MODEL {
            return None;
        }
        Some(Self {
            version: text("version")?,
            image: text("image")?,
            size: value.get("size")?.as_u64()?,
            sha256: text("sha256")?,
            signature: STANDARD.decode(text("signature")?).ok()?,
        })
    }

    fn json(&self) -> Value {
        json!({
            "product": MODEL,
            "version": self.version,
            "image": self.image,
            "size": self.size,
            "sha256": self.sha256,
            "signature": STANDARD.encode(&self.signature),
        })
    }
}

/// The images and their manifests.
pub(crate) struct Updates {
    newer: (Manifest, Vec<u8>),
    older: (Manifest, Vec<u8>),
}

impl Updates {
    /// Builds both versions; the second part is the public key that devices trust.
    pub(crate) fn new(derive: &Derive) -> Option<(Self, Vec<u8>)> {
        let key = Ed25519KeyPair::from_seed_unchecked(&derive.bytes("vendor update key")).ok()?;
        let release = |version: &str| {
            let image = image(derive, version);
            let mut manifest = Manifest {
                version: version.to_owned(),
                image: format!("/updates/lpc-{version}.img"),
                size: image.len() as u64,
                sha256: sha256_hex(&image),
                signature: Vec::new(),
            };
            manifest.signature = key.sign(&manifest.signed_bytes()).as_ref().to_vec();
            (manifest, image)
        };
        let updates = Self { newer: release("1.4.3"), older: release("1.3.9") };
        Some((updates, key.public_key().as_ref().to_vec()))
    }

    /// The response for a path of the update service.
    pub(super) fn get(&self, path: &str, offer: Offer) -> Option<Response> {
        let (manifest, image) = if offer == Offer::Older { &self.older } else { &self.newer };
        if path == MANIFEST_PATH {
            let mut manifest = manifest.clone();
            if offer == Offer::TamperedManifest {
                manifest.version = "9.9.9".to_owned();
            }
            return Some(Response::json(200, &manifest.json()));
        }
        if path != manifest.image {
            return None;
        }
        let mut image = image.clone();
        if offer == Offer::TamperedImage {
            image[IMAGE_SIZE / 2] ^= 1;
        }
        Some(Response::new(200, "application/octet-stream", image))
    }
}

fn image(derive: &Derive, version: &str) -> Vec<u8> {
    let mut out = format!("LPCIMG {version}\n").into_bytes();
    for block in 0.. {
        out.extend(derive.bytes(&format!("image {version} {block}")));
        if out.len() >= IMAGE_SIZE {
            break;
        }
    }
    out.truncate(IMAGE_SIZE);
    out
}
