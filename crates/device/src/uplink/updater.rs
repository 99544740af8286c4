//! The update client: fetches the manifest, verifies its signature, refuses old versions, verifies the image.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use ring::signature::{ED25519, UnparsedPublicKey};
use rustls::ClientConfig;

use super::fetch;
use super::way::Way;
use crate::cloud::{MANIFEST_PATH, Manifest};
use crate::crew::lock;
use crate::digest::sha256_hex;
use crate::fault_set::FaultSet;
use crate::faults::Fault;
use crate::ports;

/// The update client of one device.
pub(crate) struct Updater {
    way: Arc<Way>,
    plain: bool,
    tls: Arc<ClientConfig>,
    trusted: Vec<u8>,
    verifies: bool,
    takes_older: bool,
    available: Mutex<Option<String>>,
}

/// How an update ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Updated {
    /// Nothing newer is offered.
    UpToDate,
    /// This version was installed.
    Installed(String),
    /// Offered and refused.
    Rejected(&'static str),
    /// The service did not answer as it should.
    Unreachable,
}

impl Updater {
    /// `trusted` is the Ed25519 public key of the maker.
    pub(crate) fn new(way: Arc<Way>, tls: Arc<ClientConfig>, trusted: Vec<u8>, faults: &FaultSet) -> Self {
        Self {
            way,
            plain: faults.has(Fault::UpdateCheckPlain),
            tls,
            trusted,
            verifies: !faults.has(Fault::UpdateUnverified),
            takes_older: faults.has(Fault::UpdateRollbackAccepted),
            available: Mutex::default(),
        }
    }

    fn service(&self) -> SocketAddr {
        SocketAddr::new(self.way.address(), ports::CLOUD_HTTPS)
    }

    /// The newer version seen by the last check.
    pub(crate) fn available(&self) -> Option<String> {
        lock(&self.available).clone()
    }

    /// Looks whether a newer version is offered, without installing it.
    pub(crate) fn check(&self, current: &str) {
        let newer = self.manifest().and_then(Result::ok).map(|manifest| manifest.version);
        *lock(&self.available) = newer.filter(|version| number(version) > number(current));
    }

    /// Fetches, verifies and installs.
    pub(crate) fn run(&self, current: &str) -> Updated {
        let manifest = match self.manifest() {
            None => return Updated::Unreachable,
            Some(Err(why)) => return Updated::Rejected(why),
            Some(Ok(manifest)) => manifest,
        };
        let (offered, installed) = (number(&manifest.version), number(current));
        if offered == installed {
            return Updated::UpToDate;
        }
        if offered < installed && !self.takes_older {
            return Updated::Rejected("the version is older than the installed one");
        }
        let Ok(image) = fetch::get(self.way.own(), self.service(), &self.tls, &manifest.image) else {
            return Updated::Unreachable;
        };
        let intact = image.len() as u64 == manifest.size && sha256_hex(&image) == manifest.sha256;
        if self.verifies && !intact {
            return Updated::Rejected("the image is not the signed one");
        }
        *lock(&self.available) = None;
        Updated::Installed(manifest.version)
    }

    /// The manifest with a valid signature; `None` when there was no readable answer.
    fn manifest(&self) -> Option<Result<Manifest, &'static str>> {
        let bytes = match self.plain {
            true => {
                let at = SocketAddr::new(self.way.address(), ports::CLOUD_HTTP_PLAIN);
                fetch::get_plain(self.way.own(), at, MANIFEST_PATH)
            }
            false => fetch::get(self.way.own(), self.service(), &self.tls, MANIFEST_PATH),
        };
        let bytes = bytes.ok()?;
        let Some(manifest) = Manifest::read(&bytes) else {
            return Some(Err("the manifest is not valid"));
        };
        let key = UnparsedPublicKey::new(&ED25519, &self.trusted);
        if self.verifies && key.verify(&manifest.signed_bytes(), &manifest.signature).is_err() {
            return Some(Err("the signature of the manifest is not valid"));
        }
        Some(Ok(manifest))
    }
}

/// A version as numbers; what is no number counts as zero, so an unreadable version is never newer.
fn number(version: &str) -> [u32; 3] {
    let mut out = [0; 3];
    for (place, part) in out.iter_mut().zip(version.split('.')) {
        *place = part.parse().unwrap_or(0);
    }
    out
}
