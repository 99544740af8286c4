//! Paths that web servers of devices often have, and which links are left alone because following them may act.

use wire::http::page::{Destination, links, resolve};

/// Paths that are asked for whether or not a page links to them.
pub(super) fn well_known() -> impl Iterator<Item = &'static str> {
    [ITSELF, CONFIGURATION, INTERFACES, DIAGNOSIS, ADMINISTRATION].into_iter().flat_map(str::split_whitespace)
}

/// What the product tells of itself.
const ITSELF: &str = "
    /status /status.json /status.html /status.xml /info /info.json /about /version /version.json /device
    /device.json /deviceinfo /device-info /system /sysinfo /health /healthz /ping /state /shelly
    /description.xml /rootDesc.xml /setup.xml /upnp/desc.xml /HNAP1/ /onvif/device_service /cgi-bin/
    /cgi-bin/info /cgi-bin/status /cgi-bin/luci /cgi-bin/getinfo.cgi /cgi-bin/config /cgi-bin/export
    /goform/getStatus";

/// Configuration and copies of it.
const CONFIGURATION: &str = "
    /config /config.json /config.xml /config.bin /config.cfg /config.txt /config.ini /settings
    /settings.json /settings.cfg /backup /backup.cfg /backup.bin /backup.zip /backup.tar.gz /backup.sql
    /romfile.cfg /rom-0 /nvram /export /conf /wifi /wlan /network /users /users.json /password.txt /passwd
    /etc/passwd /key.pem /server.key /private.key /.env /.git/config /.git/HEAD /.svn/entries /.htpasswd
    /.DS_Store /web.config /WEB-INF/web.xml";

/// Interfaces for programs and their descriptions.
const INTERFACES: &str = "
    /api /api/ /api/v1 /api/v1/ /api/v2 /api/status /api/info /api/config /api/users /api/v1/status
    /api/v1/info /api/v1/config /api/v1/state /api/v1/userdata /api/v1/users /openapi.json /openapi.yaml
    /api/openapi.json /api/v1/openapi.json /swagger.json /swagger.yaml /swagger /swagger-ui.html /api-docs
    /v2/api-docs /v3/api-docs /graphql /rpc /json /rest";

/// Diagnosis.
const DIAGNOSIS: &str = "
    /server-status /server-info /nginx_status /metrics /actuator /actuator/env /debug /debug/pprof/
    /debug/vars /trace /log /logs /log.txt /syslog /messages /core /phpinfo.php /test /diag /console
    /shell /webshell /telnet";

/// Files and administration.
const ADMINISTRATION: &str = "
    /files /download /upload /firmware /firmware.bin /update /upgrade /ota /admin /admin/ /manager /setup
    /index.html /login /login.html /api/login /api/v1/login /auth/login /signin /robots.txt /sitemap.xml
    /.well-known/security.txt /.well-known/core /snapshot.jpg /image.jpg /video /stream /tmp/ /backup/
    /data/ /uploads/";

/// Places that may take a login or a file without having a page: their methods are asked for, nothing is sent.
pub(super) const TAKERS: &[&str] = &[
    "/login",
    "/api/login",
    "/api/v1/login",
    "/auth/login",
    "/upload",
    "/firmware",
    "/update",
    "/upgrade",
    "/ota",
    "/api/v1/firmware",
    "/api/firmware",
    "/api/upload",
];

/// Whether a path is a place to log in.
pub(super) fn is_login(path: &str) -> bool {
    let last = path.split('?').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    ["login", "signin", "sign-in", "logon"].contains(&last.to_lowercase().as_str())
}

/// Words of a path or query that hint at an action: some products act on a mere GET.
const ACTS: &[&str] = &[
    "logout",
    "signout",
    "logoff",
    "reboot",
    "restart",
    "reset",
    "factory",
    "factoryreset",
    "delete",
    "remove",
    "erase",
    "clear",
    "format",
    "shutdown",
    "poweroff",
    "halt",
    "on",
    "off",
    "toggle",
    "switch",
    "set",
    "save",
    "apply",
    "start",
    "stop",
    "enable",
    "disable",
    "install",
    "flash",
    "write",
    "add",
    "create",
    "exec",
    "execute",
    "run",
    "cmd",
    "command",
    "wipe",
    "restore",
    "pair",
    "unpair",
    "open",
    "close",
    "lock",
    "unlock",
    "play",
    "trigger",
    "send",
    "submit",
    "move",
    "ptz",
    "up",
    "down",
    "upgrade",
    "update",
];

/// Names of query fields that choose a page and change nothing.
const CHOOSES: &[&str] =
    &["page", "id", "v", "ver", "version", "lang", "tab", "view", "name", "file", "path", "t"];

/// Endings of files that hold no text about the product.
const DULL: &[&str] =
    &[".css", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".ico", ".woff", ".woff2", ".ttf", ".eot", ".map", ".webp"];

/// Where a page leads at the same server, in the order found; second, the targets that look like actions.
pub(super) fn leads(target: &str, text: &str) -> (Vec<String>, Vec<String>) {
    let (mut follow, mut leave) = (Vec::new(), Vec::new());
    let linked = links(text).into_iter().filter(|link| link.element != "form").map(|link| link.target);
    for reference in linked.chain(quoted(text)) {
        let Destination::SameOrigin(to) = resolve(target, &reference) else { continue };
        let (path, query) = to.split_once('?').unwrap_or((&to, ""));
        let lower = path.to_lowercase();
        if DULL.iter().any(|ending| lower.ends_with(ending)) || path.len() > 200 {
            continue;
        }
        let chooses = query
            .split('&')
            .all(|pair| CHOOSES.contains(&pair.split('=').next().unwrap_or_default().to_lowercase().as_str()));
        let acts = words(path).any(|word| ACTS.contains(&word.as_str()));
        // A query may act; the page behind the bare path is looked at instead.
        let to = if !query.is_empty() && !chooses { path.to_owned() } else { to };
        let list = if acts { &mut leave } else { &mut follow };
        if !list.contains(&to) {
            list.push(to);
        }
    }
    (follow, leave)
}

/// Whether following a path by itself looks harmless.
pub(super) fn is_harmless(path: &str) -> bool {
    !words(path).any(|word| ACTS.contains(&word.as_str()))
}

fn words(path: &str) -> impl Iterator<Item = String> {
    path.split(|character: char| !character.is_alphanumeric()).map(str::to_lowercase)
}

/// Paths that a script names in quotes.
fn quoted(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for quote in ['"', '\'', '`'] {
        for piece in scripts(text).flat_map(|script| script.split(quote)).take(4000) {
            let is_path = piece.starts_with('/')
                && (3..=80).contains(&piece.len())
                && !piece.starts_with("//")
                && piece.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_-.".contains(&byte));
            if is_path && !found.contains(&piece.to_owned()) && found.len() < 200 {
                found.push(piece.to_owned());
            }
        }
    }
    found
}

/// The scripts of a page; a text that is no page is one itself.
fn scripts(text: &str) -> impl Iterator<Item = &str> {
    let is_page = text.trim_start().starts_with('<');
    let whole = (!is_page).then_some(text);
    let inside = text.split("<script").skip(1).filter(move |_| is_page);
    whole.into_iter().chain(inside.map(|behind| behind.split("</script").next().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_paths_in_scripts_are_followed_and_actions_are_not() {
        let page = r#"<a href="/info?page=2">i</a><a href="relay/0?turn=on">r</a><a href="/reboot">x</a>
                      <img src="/logo.png"><form action="/save"></form><a href="http://elsewhere.example/">e</a>
                      <script>fetch("/api/v1/scan"); fetch('/api/wifi/reset')</script>"#;
        let (follow, leave) = leads("/", page);
        assert_eq!(follow, ["/info?page=2", "/relay/0", "/api/v1/scan"]);
        assert_eq!(leave, ["/reboot", "/api/wifi/reset"]);
    }

    #[test]
    fn no_path_is_listed_twice_and_each_begins_with_a_slash() {
        let mut sorted: Vec<_> = well_known().collect();
        let count = sorted.len();
        assert!((100..200).contains(&count), "{count}");
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), count);
        assert!(well_known().chain(TAKERS.iter().copied()).all(|path| path.starts_with('/')));
    }
}
