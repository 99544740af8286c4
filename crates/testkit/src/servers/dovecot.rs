//! `dovecot`, a mail server, with one of its protocols: it greets in clear and turns to TLS.
//!
//! Nobody has a mailbox there, and no mail is passed on.

use crate::Site;
use crate::certificate::Certificate;
use crate::process::{Ready, Recipe, Server, StartError, find, start, write};

/// What a test chooses about `dovecot`.
#[derive(Debug, Clone)]
pub struct Dovecot {
    /// `imap`, `pop3` or `submission`, which is SMTP.
    pub protocol: &'static str,
    /// The lowest version, in its writing: `TLSv1.2`.
    pub lowest: &'static str,
    /// Its certificate.
    pub certificate: Certificate,
}

impl Dovecot {
    /// Starts it; its parts run under users of their own, which takes root.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(&self, site: &Site) -> Result<Server, StartError> {
        let package = match self.protocol {
            "imap" => "dovecot-imapd",
            "pop3" => "dovecot-pop3d",
            _ => "dovecot-submissiond",
        };
        find("dovecot", package)?;
        if !rustix::process::geteuid().is_root() {
            return Err(StartError::Unprivileged { what: "run dovecot (not root)".into() });
        }
        start(
            &Recipe {
                program: "dovecot",
                package,
                ready: Ready::Tcp,
                lay_out: &|at, dir, command| {
                    let files = self.certificate.make(dir)?;
                    let (protocol, lowest) = (self.protocol, self.lowest);
                    let (address, port) = (at.ip(), at.port());
                    let (key, certificate) = (files.key.display(), files.certificate.display());
                    let config = dir.join("dovecot.conf");
                    let dir = dir.display();
                    // What it listens at by default would be in the way of another one.
                    let off = match protocol {
                        "imap" => "inet_listener imaps {\n port = 0\n }",
                        "pop3" => "inet_listener pop3s {\n port = 0\n }",
                        _ => "inet_listener submissions {\n port = 0\n }",
                    };
                    let text = format!(
                        "base_dir = {dir}/run\nstate_dir = {dir}/state\nlog_path = {dir}/log\nprotocols = {protocol}\n\
                         listen = {address}\nssl = yes\nssl_cert = <{certificate}\nssl_key = <{key}\n\
                         ssl_min_protocol = {lowest}\nsubmission_relay_host = {address}\nmail_location = maildir:{dir}/mail\n\
                         passdb {{\n driver = static\n args = password=never-used\n}}\n\
                         userdb {{\n driver = static\n args = uid=nobody gid=nogroup home={dir}\n}}\n\
                         service {protocol}-login {{\n inet_listener {protocol} {{\n port = {port}\n }}\n {off}\n}}\n"
                    );
                    write("dovecot", &config, &text)?;
                    command.arg("-F").arg("-c").arg(&config);
                    Ok(())
                },
            },
            site,
        )
    }
}
