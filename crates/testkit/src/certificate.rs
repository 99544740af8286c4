//! Self-signed server certificates, good and bad ones, made by `openssl`.
//!
//! The key, the names, the digest and the time of validity can be chosen, since a probe has to see each of them. It
//! does not make chains: a certificate here is always its own issuer.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::StartError;
use crate::process::{run, write};

/// What a certificate is to look like.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// The subject's common name.
    pub common_name: String,
    /// Alternative names in openssl's writing, for example `DNS:device.example` or `IP:127.0.0.1`.
    pub names: Vec<String>,
    /// The key.
    pub key: Key,
    /// The digest of the signature in openssl's writing, for example `sha256`.
    pub digest: String,
    /// When it is valid.
    pub valid: Valid,
}

/// The key of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// RSA with this many bits.
    Rsa(u32),
    /// Elliptic curve P-256.
    P256,
}

/// When a certificate is valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Valid {
    /// From now on for this many days.
    Days(u32),
    /// Between two moments written `YYYYMMDDHHMMSSZ`, past or future.
    Between(String, String),
}

/// The files of a certificate, in PEM.
#[derive(Debug, Clone)]
pub struct KeyPair {
    /// The private key.
    pub key: PathBuf,
    /// The certificate.
    pub certificate: PathBuf,
}

impl Default for Certificate {
    /// `device.example`, P-256, SHA-256, valid from now on for 30 days.
    fn default() -> Self {
        Self {
            common_name: "device.example".into(),
            names: vec!["DNS:device.example".into()],
            key: Key::P256,
            digest: "sha256".into(),
            valid: Valid::Days(30),
        }
    }
}

impl Certificate {
    /// The default, but with a validity that ended in 2021.
    #[must_use]
    pub fn expired() -> Self {
        Self { valid: Valid::Between("20200101000000Z".into(), "20210101000000Z".into()), ..Self::default() }
    }

    /// Makes the key and the certificate as files in a directory.
    ///
    /// # Errors
    /// [`StartError::Missing`] without `openssl`, others when it refuses.
    pub fn make(&self, dir: &Path) -> Result<KeyPair, StartError> {
        let files = KeyPair { key: dir.join("key.pem"), certificate: dir.join("certificate.pem") };
        let config = dir.join("certificate.cnf");
        write("openssl", &config, &self.config(dir))?;
        write("openssl", &dir.join("index.txt"), "")?;
        write("openssl", &dir.join("serial"), "1001\n")?;
        let new_key = match self.key {
            Key::Rsa(bits) => vec!["-newkey".to_owned(), format!("rsa:{bits}")],
            Key::P256 => ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"].map(str::to_owned).to_vec(),
        };
        let mut request = Command::new("openssl");
        request.arg("req").args(new_key).args(["-nodes", "-batch"]);
        request.arg(format!("-{}", self.digest));
        request.arg("-config").arg(&config);
        request.arg("-keyout").arg(&files.key);
        match &self.valid {
            Valid::Days(days) => {
                request.args(["-x509", "-extensions", "leaf", "-days", &days.to_string()]);
                request.arg("-out").arg(&files.certificate);
                run("openssl", "openssl", &mut request)?;
            }
            // `openssl req` of Debian 12 cannot set the moments; `openssl ca` can.
            Valid::Between(from, until) => {
                let asked = dir.join("request.pem");
                request.arg("-new").arg("-out").arg(&asked);
                run("openssl", "openssl", &mut request)?;
                let mut sign = Command::new("openssl");
                sign.args(["ca", "-selfsign", "-batch", "-notext", "-extensions", "leaf"]);
                sign.args(["-startdate", from, "-enddate", until, "-md", &self.digest]);
                sign.arg("-config").arg(&config);
                sign.arg("-keyfile").arg(&files.key);
                sign.arg("-in").arg(&asked);
                sign.arg("-out").arg(&files.certificate);
                run("openssl", "openssl", &mut sign)?;
            }
        }
        Ok(files)
    }

    fn config(&self, dir: &Path) -> String {
        let mut leaf = "[leaf]\nbasicConstraints = CA:FALSE\n".to_owned();
        if !self.names.is_empty() {
            leaf.push_str(&format!("subjectAltName = {}\n", self.names.join(",")));
        }
        format!(
            "[req]\nprompt = no\ndistinguished_name = name\n\
             [name]\nCN = {}\n\
             {leaf}\
             [ca]\ndefault_ca = own\n\
             [own]\ndatabase = {dir}/index.txt\nserial = {dir}/serial\nnew_certs_dir = {dir}\n\
             policy = any\nunique_subject = no\n\
             [any]\ncommonName = supplied\n",
            self.common_name,
            dir = dir.display()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(certificate: &Certificate) -> Option<String> {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let files = crate::ready(certificate.make(dir.path()))?;
        let mut show = Command::new("openssl");
        show.args(["x509", "-noout", "-text", "-in"]).arg(&files.certificate);
        Some(run("openssl", "openssl", &mut show).expect("openssl reads its own certificate"))
    }

    #[test]
    fn a_certificate_has_the_key_and_the_names_asked_for() {
        let Some(text) = described(&Certificate {
            key: Key::Rsa(1024),
            names: vec!["IP:127.1.2.3".into()],
            ..Certificate::default()
        }) else {
            return;
        };
        assert!(text.contains("(1024 bit)"), "{text}");
        assert!(text.contains("IP Address:127.1.2.3"), "{text}");
    }

    #[test]
    fn an_expired_certificate_ended_in_2021() {
        let Some(text) = described(&Certificate::expired()) else {
            return;
        };
        assert!(text.contains("Not After : Jan  1 00:00:00 2021"), "{text}");
        assert!(text.contains("DNS:device.example"), "{text}");
    }
}
