//! The small certificate authority of the maker, the certificates of device and associated service, and the TLS
//! settings built from them. Keys belong to the seed, so a device keeps its key over restarts.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SanType, SerialNumber, date_time_ymd,
};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};

use crate::digest::Derive;
use crate::label::Label;
use crate::p256;
use crate::uplink::trust::{Ignores, Trust};
use crate::uplink::way::NAME as SERVICE;

/// Everything TLS needs, for both sides.
pub(crate) struct Certificates {
    pub(crate) ca_pem: String,
    /// Its private key, which the maker lends to a test.
    pub(crate) ca_key_pem: String,
    /// HTTPS of the device.
    pub(crate) device: Arc<ServerConfig>,
    /// HTTPS of the associated service.
    pub(crate) cloud: Arc<ServerConfig>,
    /// The broker of the associated service: asks for a client certificate, tells later whether one came.
    pub(crate) broker: Arc<ServerConfig>,
    /// The device as a client of the associated service's broker.
    pub(crate) uplink: Arc<ClientConfig>,
    /// The device as a client of its update service.
    pub(crate) updater: Arc<ClientConfig>,
}

/// Why the certificates could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// A key or certificate could not be generated.
    #[error("generate the certificates")]
    Generate(#[from] rcgen::Error),
    /// TLS refused the certificates.
    #[error("set up TLS")]
    Tls(#[from] rustls::Error),
    /// The verifier of client certificates could not be built.
    #[error("set up the verification of client certificates")]
    Verifier(#[from] rustls::client::VerifierBuilderError),
}

impl Certificates {
    pub(crate) fn new(
        derive: &Derive,
        label: &Label,
        [device_at, cloud_at]: [IpAddr; 2],
        expired: bool,
        [telemetry, updates]: [Ignores; 2],
    ) -> Result<Self, CertificateError> {
        let year = current_year();
        let ca_key = key(derive, "ca key")?;
        let mut ca = params("Lumen Demonstration CA", derive, [year - 2, year + 10]);
        // One more authority may stand below it, as for a test that is lent one.
        ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(1));
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let ca_certificate = ca.self_signed(&ca_key)?;
        let mut roots = RootCertStore::empty();
        roots.add(ca_certificate.der().clone())?;
        let roots = Arc::new(roots);
        let ca_key_pem = ca_key.serialize_pem();
        let issuer = Issuer::new(ca, ca_key);

        let sign = |name: &str, purpose, years, at: Option<IpAddr>| -> Result<_, CertificateError> {
            let key = key(derive, &format!("{name} key"))?;
            let mut leaf = params(name, derive, years);
            leaf.subject_alt_names = at.map(SanType::IpAddress).into_iter().collect();
            if name == SERVICE {
                leaf.subject_alt_names.push(SanType::DnsName(name.try_into()?));
            }
            leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
            leaf.extended_key_usages = vec![purpose];
            leaf.use_authority_key_identifier_extension = true;
            Ok((leaf.signed_by(&key, &issuer)?, key))
        };
        let valid = [year - 1, year + 2];
        let past = [year - 6, year - 3];
        let serving = ExtendedKeyUsagePurpose::ServerAuth;
        let device =
            sign("lumen-plug.local", serving.clone(), if expired { past } else { valid }, Some(device_at))?;
        let cloud = sign(SERVICE, serving, valid, Some(cloud_at))?;
        let uplink = sign(&label.serial, ExtendedKeyUsagePurpose::ClientAuth, valid, None)?;

        Ok(Self {
            ca_pem: ca_certificate.pem(),
            ca_key_pem,
            device: server(&device, None)?,
            broker: server(&cloud, Some(Arc::clone(&roots)))?,
            cloud: server(&cloud, None)?,
            uplink: client(&uplink, Arc::clone(&roots), telemetry)?,
            updater: client(&uplink, roots, updates)?,
        })
    }
}

type Leaf = (Certificate, KeyPair);

fn key(derive: &Derive, purpose: &str) -> Result<KeyPair, rcgen::Error> {
    let der = PrivatePkcs8KeyDer::from(p256::pkcs8(derive, purpose));
    KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_ECDSA_P256_SHA256)
}

fn params(name: &str, derive: &Derive, [from, to]: [i32; 2]) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "Lumen Demonstration");
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(from, 1, 1);
    params.not_after = date_time_ymd(to, 12, 31);
    let mut serial = derive.bytes(&format!("certificate of {name}"));
    // RFC 5280, 4.1.2.2: positive, at most 20 octets.
    serial[0] = serial[0] & 0x7f | 0x40;
    params.serial_number = Some(SerialNumber::from_slice(&serial[..16]));
    params
}

fn private(key: &KeyPair) -> PrivateKeyDer<'static> {
    PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()))
}

fn server(
    (certificate, key): &Leaf,
    clients: Option<Arc<RootCertStore>>,
) -> Result<Arc<ServerConfig>, CertificateError> {
    let provider = Arc::new(default_provider());
    let verifier = match clients {
        None => WebPkiClientVerifier::no_client_auth(),
        Some(roots) => WebPkiClientVerifier::builder_with_provider(roots, Arc::clone(&provider))
            .allow_unauthenticated()
            .build()?,
    };
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![certificate.der().clone()], private(key))?;
    Ok(Arc::new(config))
}

fn client(
    (certificate, key): &Leaf,
    roots: Arc<RootCertStore>,
    ignores: Ignores,
) -> Result<Arc<ClientConfig>, CertificateError> {
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Trust::new(roots, ignores)?))
        .with_client_auth_cert(vec![certificate.der().clone()], private(key))?;
    Ok(Arc::new(config))
}

fn current_year() -> i32 {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    // Within a day of the true turn of the year; validity is counted in whole years around it.
    1970 + (seconds / 31_556_952) as i32
}
