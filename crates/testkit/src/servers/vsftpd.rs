//! `vsftpd`, an FTP server, with or without anonymous login.
//!
//! It offers TLS only where a certificate is given, after `AUTH TLS`, and lets nobody write.

use crate::Site;
use crate::certificate::Certificate;
use crate::process::{Ready, Recipe, Server, StartError, find, start, write};

/// What a test chooses about `vsftpd`.
#[derive(Debug, Clone)]
pub struct Vsftpd {
    /// Whether `anonymous` may log in with any password.
    pub anonymous: bool,
    /// The greeting.
    pub banner: String,
    /// The certificate with which it turns to TLS; without one it does not.
    pub tls: Option<Certificate>,
}

impl Default for Vsftpd {
    fn default() -> Self {
        Self { anonymous: false, banner: "Device FTP ready".into(), tls: None }
    }
}

impl Vsftpd {
    /// Starts it; it changes its root directory for each session, which takes root.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(&self, site: &Site) -> Result<Server, StartError> {
        find("vsftpd", "vsftpd")?;
        if !rustix::process::geteuid().is_root() {
            return Err(StartError::Unprivileged { what: "run vsftpd (not root)".into() });
        }
        start(
            &Recipe {
                program: "vsftpd",
                package: "vsftpd",
                ready: Ready::Tcp,
                lay_out: &|at, dir, command| {
                    let config = dir.join("vsftpd.conf");
                    for part in ["public", "empty"] {
                        std::fs::create_dir(dir.join(part))
                            .map_err(|source| StartError::Prepare { program: "vsftpd".into(), source })?;
                    }
                    write("vsftpd", &dir.join("public/readme.txt"), "hello\n")?;
                    let mut text = format!(
                        "listen=YES\nlisten_address={}\nlisten_port={}\nbackground=NO\n\
                         ftpd_banner={}\nxferlog_enable=NO\nconnect_from_port_20=NO\n",
                        at.ip(),
                        at.port(),
                        self.banner
                    );
                    if let Some(certificate) = &self.tls {
                        let files = certificate.make(dir)?;
                        text.push_str(&format!(
                            "ssl_enable=YES\nrsa_cert_file={}\nrsa_private_key_file={}\nforce_local_logins_ssl=NO\n\
                             force_local_data_ssl=NO\n",
                            files.certificate.display(),
                            files.key.display()
                        ));
                    }
                    let dir = dir.display();
                    text.push_str(&format!("anon_root={dir}/public\nsecure_chroot_dir={dir}/empty\n"));
                    // It refuses to start when nobody at all could log in, so local accounts stay on without
                    // anonymous login.
                    text.push_str(if self.anonymous {
                        "anonymous_enable=YES\nlocal_enable=NO\n"
                    } else {
                        "anonymous_enable=NO\nlocal_enable=YES\n"
                    });
                    write("vsftpd", &config, &text)?;
                    command.arg(&config);
                    Ok(())
                },
            },
            site,
        )
    }
}
