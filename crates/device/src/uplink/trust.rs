//! Whether the device takes what shows itself as the associated service, soundly or with one look left out.

use std::sync::Arc;
use std::time::Duration;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use crate::fault_set::FaultSet;
use crate::faults::Fault;

/// The look that is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ignores {
    Nothing,
    Everything,
    Authority,
    Name,
    Date,
    /// That only an authority may issue certificates.
    Constraints,
}

impl Ignores {
    /// What the telemetry of a device with these faults leaves out.
    pub(crate) fn of_telemetry(faults: &FaultSet) -> Self {
        let known = [
            (Fault::UplinkAnyCertificate, Self::Everything),
            (Fault::UplinkUnknownAuthority, Self::Authority),
            (Fault::UplinkWrongHost, Self::Name),
            (Fault::UplinkExpired, Self::Date),
            (Fault::UplinkLeafAsAuthority, Self::Constraints),
        ];
        known.into_iter().find(|(fault, _)| faults.has(*fault)).map_or(Self::Nothing, |(_, ignores)| ignores)
    }

    /// What its update client leaves out.
    pub(crate) fn of_updater(faults: &FaultSet) -> Self {
        let known = [(Fault::UpdateAnyCertificate, Self::Everything), (Fault::UpdateWrongHost, Self::Name)];
        known.into_iter().find(|(fault, _)| faults.has(*fault)).map_or(Self::Nothing, |(_, ignores)| ignores)
    }
}

/// Trusts the maker's authority.
#[derive(Debug)]
pub(crate) struct Trust {
    sound: Arc<WebPkiServerVerifier>,
    ignores: Ignores,
}

impl Trust {
    pub(crate) fn new(
        roots: Arc<RootCertStore>,
        ignores: Ignores,
    ) -> Result<Self, rustls::client::VerifierBuilderError> {
        let sound = WebPkiServerVerifier::builder_with_provider(roots, Arc::new(default_provider())).build()?;
        Ok(Self { sound, ignores })
    }
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        staple: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let judged = self.sound.verify_server_cert(leaf, between, name, staple, now);
        let Err(Error::InvalidCertificate(why)) = &judged else { return judged };
        let taken = ServerCertVerified::assertion();
        match (self.ignores, why) {
            (Ignores::Everything, _) => Ok(taken),
            (Ignores::Authority, CertificateError::UnknownIssuer) => {
                verify_server_name(&ParsedCertificate::try_from(leaf)?, name).map(|()| taken)
            }
            (
                Ignores::Name,
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            ) => Ok(taken),
            (Ignores::Date, CertificateError::ExpiredContext { not_after, .. }) => {
                let then = Duration::from_secs(not_after.as_secs().saturating_sub(1));
                self.sound.verify_server_cert(leaf, between, name, staple, UnixTime::since_unix_epoch(then))
            }
            // Whoever stands behind the leaf is taken for its authority, if it is trusted itself.
            (Ignores::Constraints, _) => match between {
                [issuer, rest @ ..] if self.sound.verify_server_cert(issuer, rest, name, staple, now).is_ok() => {
                    Ok(taken)
                }
                _ => judged,
            },
            _ => judged,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.sound.verify_tls12_signature(message, leaf, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.sound.verify_tls13_signature(message, leaf, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.sound.supported_verify_schemes()
    }
}
