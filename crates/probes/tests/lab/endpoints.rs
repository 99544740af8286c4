//! TLS servers that are set up in many ways, each by one name: what the probe is held against other tools at.

use probes::tls::server_offer::StartTls;
use testkit::certificate::{Certificate, Key};
use testkit::servers::{
    Dovecot, GnuTlsServer, Mosquitto, Nginx, NginxTls, OpenSslServer, TlsVersion as V, Vsftpd,
};
use testkit::{Server, Site, StartError};

/// Starts a server.
type Start = Box<dyn Fn(&Site) -> Result<Server, StartError> + Send>;

/// One way to set up a server.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// The protocol in which it is asked to turn to TLS.
    pub(crate) via: Option<StartTls>,
    start: Start,
}

impl Kind {
    pub(crate) fn start(&self) -> Result<Server, StartError> {
        (self.start)(&Site::loopback())
    }
}

pub(crate) fn rsa(bits: u32, digest: &str) -> Certificate {
    Certificate { key: Key::Rsa(bits), digest: digest.into(), ..Certificate::default() }
}

pub(crate) fn openssl(
    versions: &[V],
    ciphers: &str,
    certificate: Certificate,
    arguments: &[&str],
) -> OpenSslServer {
    OpenSslServer {
        versions: versions.to_vec(),
        ciphers: ciphers.into(),
        certificate,
        arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
    }
}

fn kind(
    name: &'static str,
    via: Option<StartTls>,
    start: impl Fn(&Site) -> Result<Server, StartError> + Send + 'static,
) -> Kind {
    Kind { name, via, start: Box::new(start) }
}

/// Every kind; openssl, nginx, mosquitto, vsftpd, dovecot and gnutls-serv.
pub(crate) fn kinds() -> Vec<Kind> {
    use V::{V1_0, V1_1, V1_2, V1_3};
    let all = [V1_0, V1_1, V1_2, V1_3];
    let old = "ALL:COMPLEMENTOFALL:@SECLEVEL=0";
    let of_openssl = [
        ("default", openssl(&[V1_2, V1_3], "DEFAULT", Certificate::default(), &[])),
        ("everything", openssl(&all, old, rsa(2048, "sha256"), &[])),
        ("old", openssl(&[V1_0, V1_1], old, rsa(1024, "sha1"), &[])),
        ("1.2-alone", openssl(&[V1_2], "ECDHE+AESGCM", rsa(2048, "sha256"), &[])),
        ("1.3-alone", openssl(&[V1_3], "DEFAULT", Certificate::default(), &[])),
        ("static-rsa", openssl(&[V1_2], "kRSA:@SECLEVEL=0", rsa(2048, "sha256"), &[])),
        ("no-encryption", openssl(&[V1_2], "eNULL:aNULL:@SECLEVEL=0", rsa(2048, "sha256"), &[])),
        ("own-order", openssl(&[V1_1, V1_2], old, rsa(3072, "sha384"), &["-serverpref"])),
        ("one-group", openssl(&[V1_2, V1_3], "ECDHE", Certificate::default(), &["-curves", "P-256"])),
        ("renegotiates", openssl(&[V1_2], "ECDHE+AESGCM", rsa(2048, "sha256"), &["-client_renegotiation"])),
        ("no-tickets", openssl(&[V1_2], "ECDHE:DHE", rsa(2048, "sha256"), &["-no_ticket", "-no_cache"])),
    ];
    let mut kinds: Vec<Kind> =
        of_openssl.into_iter().map(|(name, server)| kind(name, None, move |site| server.start(site))).collect();
    kinds.push(kind("nginx", None, |site| {
        let tls = NginxTls { certificate: rsa(2048, "sha256"), protocols: None, ciphers: None };
        Nginx { tls: Some(tls), ..Nginx::default() }.start(site)
    }));
    kinds.push(kind("mosquitto", None, |site| {
        Mosquitto { login: None, tls: Some(rsa(2048, "sha256")) }.start(site)
    }));
    kinds.push(kind("vsftpd", Some(StartTls::Ftp), |site| {
        Vsftpd { tls: Some(rsa(2048, "sha256")), ..Vsftpd::default() }.start(site)
    }));
    kinds.push(kind("dovecot-imap", Some(StartTls::Imap), |site| {
        Dovecot { protocol: "imap", lowest: "TLSv1.2", certificate: rsa(2048, "sha256") }.start(site)
    }));
    kinds.push(kind("gnutls", None, |site| {
        GnuTlsServer { certificate: rsa(2048, "sha256"), ..GnuTlsServer::default() }.start(site)
    }));
    kinds.push(kind("early-data", None, |site| {
        let arguments = vec!["--earlydata".to_owned(), "--maxearlydata=1024".to_owned()];
        GnuTlsServer { certificate: rsa(2048, "sha256"), arguments, ..GnuTlsServer::default() }.start(site)
    }));
    kinds.push(kind("gnutls-old", None, |site| {
        let priority = "NORMAL:-VERS-ALL:+VERS-TLS1.0:+VERS-TLS1.1:+VERS-TLS1.2:+3DES-CBC:+SHA1".to_owned();
        GnuTlsServer { priority, certificate: rsa(2048, "sha256"), ..GnuTlsServer::default() }.start(site)
    }));
    kinds
}
