//! nginx with a few fixed pages, over plain HTTP or TLS, with or without basic authentication.
//!
//! One server is one listener: a device with both HTTP and HTTPS is two of them. It does not proxy.

use crate::Site;
use crate::certificate::Certificate;
use crate::process::{Ready, Recipe, Server, StartError, run, start, write};

/// What a test chooses about `nginx`.
#[derive(Debug, Clone, Default)]
pub struct Nginx {
    /// TLS, or plain HTTP.
    pub tls: Option<NginxTls>,
    /// User and password that every page asks for.
    pub basic_auth: Option<(String, String)>,
    /// Path below `/` without the slash, and text; `index.html` is there in any case.
    pub pages: Vec<(String, String)>,
    /// Further lines of the `server` block, for example `add_header X-Frame-Options DENY;`.
    pub config: Vec<String>,
    /// Lines of the `http` block around it, for example `limit_req_zone $remote_user zone=a:1m rate=6r/m;`.
    pub around: Vec<String>,
}

/// How nginx is to speak TLS.
#[derive(Debug, Clone, Default)]
pub struct NginxTls {
    /// Its certificate.
    pub certificate: Certificate,
    /// The value of `ssl_protocols`, for example `TLSv1 TLSv1.1`; none leaves nginx's own choice.
    pub protocols: Option<String>,
    /// The value of `ssl_ciphers`; versions below 1.2 and weak keys take `DEFAULT:@SECLEVEL=0`.
    pub ciphers: Option<String>,
}

impl Nginx {
    /// Starts it.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(&self, site: &Site) -> Result<Server, StartError> {
        start(
            &Recipe {
                program: "nginx",
                package: "nginx-light",
                ready: Ready::Tcp,
                lay_out: &|at, dir, command| {
                    let preparing = |source| StartError::Prepare { program: "nginx".into(), source };
                    std::fs::create_dir(dir.join("www")).map_err(preparing)?;
                    write("nginx", &dir.join("www/index.html"), "<h1>A device</h1>\n")?;
                    for (path, text) in &self.pages {
                        let path = dir.join("www").join(path);
                        if let Some(folder) = path.parent() {
                            std::fs::create_dir_all(folder).map_err(preparing)?;
                        }
                        write("nginx", &path, text)?;
                    }
                    let mut block = format!(
                        "listen {at}{};\nroot {}/www;\n",
                        if self.tls.is_some() { " ssl" } else { "" },
                        dir.display()
                    );
                    if let Some(tls) = &self.tls {
                        let files = tls.certificate.make(dir)?;
                        block.push_str(&format!(
                            "ssl_certificate {};\nssl_certificate_key {};\n",
                            files.certificate.display(),
                            files.key.display()
                        ));
                        if let Some(protocols) = &tls.protocols {
                            block.push_str(&format!("ssl_protocols {protocols};\n"));
                        }
                        if let Some(ciphers) = &tls.ciphers {
                            block.push_str(&format!("ssl_ciphers {ciphers};\n"));
                        }
                    }
                    if let Some((user, password)) = &self.basic_auth {
                        let users = dir.join("users");
                        write("nginx", &users, &format!("{user}:{}\n", hashed(password)?))?;
                        block.push_str(&format!(
                            "auth_basic \"device\";\nauth_basic_user_file {};\n",
                            users.display()
                        ));
                    }
                    block.push_str(&self.config.join("\n"));
                    let config = dir.join("nginx.conf");
                    write("nginx", &config, &whole(&self.around.join("\n"), &block, &dir.display().to_string()))?;
                    // The system's settings would forbid what an old device still does.
                    command.env("OPENSSL_CONF", "/dev/null");
                    command.args(["-e", "stderr", "-c"]).arg(&config);
                    Ok(())
                },
            },
            site,
        )
    }
}

fn hashed(password: &str) -> Result<String, StartError> {
    let mut command = std::process::Command::new("openssl");
    command.args(["passwd", "-apr1", password]);
    Ok(run("openssl", "openssl", &mut command)?.trim().to_owned())
}

fn whole(around: &str, server: &str, dir: &str) -> String {
    // Under root the workers would change to another account, which cannot read the temporary directory.
    let user = if rustix::process::geteuid().is_root() { "user root;\n" } else { "" };
    let folders: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|part| format!("{part}_temp_path {dir}/{part};\n"))
        .concat();
    format!(
        "daemon off;\n{user}worker_processes 1;\npid {dir}/pid;\n\
         events {{ worker_connections 64; }}\n\
         http {{\naccess_log off;\ndefault_type text/html;\n{folders}{around}\nserver {{\n{server}\n}}\n}}\n"
    )
}
