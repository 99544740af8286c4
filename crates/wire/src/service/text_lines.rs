//! Recognition of protocols that speak in lines.

use super::{Identified, ProbeKind};
use crate::telnet::{Negotiator, prompt};

/// Product names looked for in greetings of each protocol; a version is what follows the name.
const FTP: &[&str] = &[
    "vsFTPd",
    "ProFTPD",
    "Pure-FTPd",
    "FileZilla Server",
    "Microsoft FTP Service",
    "bftpd",
    "GNU inetutils",
    "oftpd",
    "uFTPD",
    "wu-",
    "Serv-U",
    "pyftpdlib",
    "BusyBox",
    "QNX",
    "VxWorks",
    "Nucleus",
];
const SMTP: &[&str] =
    &["Postfix", "Exim", "Sendmail", "OpenSMTPD", "Microsoft ESMTP MAIL Service", "qmail", "msmtpd", "Haraka"];
const MAIL_READING: &[&str] = &["Dovecot", "Courier-IMAP", "Cyrus", "UW IMAP", "Microsoft Exchange", "Zimbra"];
const TELNET: &[&str] = &[
    "BusyBox",
    "OpenWrt",
    "DD-WRT",
    "VxWorks",
    "MikroTik",
    "RouterOS",
    "Linux",
    "FreeBSD",
    "Hisilicon",
    "Buildroot",
];
const SSH: &[(&str, &str)] = &[
    ("OpenSSH_for_Windows_", "OpenSSH for Windows"),
    ("OpenSSH_", "OpenSSH"),
    ("dropbear_", "Dropbear"),
    ("dropbear", "Dropbear"),
    ("libssh_", "libssh"),
    ("libssh-", "libssh"),
    ("RomSShell_", "RomSShell"),
    ("Cisco-", "Cisco"),
    ("AsyncSSH_", "AsyncSSH"),
    ("paramiko_", "Paramiko"),
    ("Go", "Go x/crypto/ssh"),
    ("mpSSH_", "mpSSH"),
    ("lancom", "LANCOM"),
    ("ROSSSH", "ROSSSH"),
];
const DNS: &[&str] = &["dnsmasq", "unbound", "PowerDNS", "Knot", "NSD", "BIND", "CoreDNS"];

/// Forms that hold only as the answer to their own probe.
pub(super) fn answer_to(answer: &[u8], to: ProbeKind) -> Option<Identified> {
    let line = first_line(answer);
    let is = |start: &[u8]| answer.starts_with(start);
    match to {
        ProbeKind::Redis if is(b"+PONG") || is(b"-NOAUTH") || is(b"-DENIED Redis") => {
            Some(Identified::new("redis", line).product("Redis"))
        }
        ProbeKind::Memcached if is(b"VERSION ") => {
            Some(Identified::new("memcached", line).product("memcached").version(&lossy(&line[8..])))
        }
        _ => None,
    }
}

/// Forms that need no probe.
pub(super) fn unprompted(answer: &[u8]) -> Option<Identified> {
    let line = first_line(answer);
    let text = lossy(line);
    let is = |start: &str| text.starts_with(start);
    if answer.starts_with(b"SSH-") {
        return Some(ssh(line, &text));
    }
    if is("HTTP/1.") || is("HTTP/0.9") {
        return Some(by_header("http", answer, &["server"]));
    }
    if is("RTSP/") {
        return Some(by_header("rtsp", answer, &["server"]));
    }
    if is("SIP/2.0 ") {
        return Some(by_header("sip", answer, &["server", "user-agent"]));
    }
    if is("220 ") || is("220-") {
        return Some(ftp_or_smtp(answer, line));
    }
    if is("+OK") {
        return Some(named(Identified::new("pop3", line), &text, MAIL_READING));
    }
    if ["* OK", "* PREAUTH", "* BYE"].into_iter().any(is) {
        return Some(named(Identified::new("imap", line), &text, MAIL_READING));
    }
    if let Some(version) = text.strip_prefix("RFB ").filter(|rest| rest.as_bytes().get(3) == Some(&b'.')) {
        return Some(Identified::new("vnc", line).version(version));
    }
    if let Some(version) = text.strip_prefix("@RSYNCD: ") {
        return Some(Identified::new("rsync", line).product("").version(version));
    }
    if is("<?xml") || is("<stream:stream") {
        let all = lossy(&answer[..answer.len().min(2048)]);
        if all.contains("jabber:") || all.contains("<stream:stream") {
            return Some(Identified::new("xmpp", line));
        }
    }
    telnet(answer)
}

fn ssh(line: &[u8], text: &str) -> Identified {
    let software = text.splitn(3, '-').nth(2).unwrap_or_default().split(' ').next().unwrap_or_default();
    let found = Identified::new("ssh", line);
    for (start, product) in SSH {
        if let Some(version) = software.strip_prefix(start) {
            return found.product(product).version(version);
        }
    }
    match software.split_once('_') {
        Some((product, version)) => found.product(product).version(version),
        None => found.product(software),
    }
}

fn by_header(protocol: &'static str, answer: &[u8], names: &[&str]) -> Identified {
    for line in answer.split(|byte| *byte == b'\n').skip(1).take(100) {
        let text = lossy(line);
        let Some((name, value)) = text.split_once(':') else { break };
        if names.iter().any(|wanted| name.trim().eq_ignore_ascii_case(wanted)) {
            let found = Identified::new(protocol, line.trim_ascii());
            let first = value.trim().split(" (").next().unwrap_or_default();
            return match first.split_once('/') {
                Some((product, version)) if !product.contains(' ') => {
                    found.product(product).version(version.split([' ', ',']).next().unwrap_or_default())
                }
                _ => {
                    match first.rsplit_once(' ').filter(|(_, last)| last.starts_with(|c: char| c.is_ascii_digit()))
                    {
                        Some((product, version)) => found.product(product).version(version),
                        None => found.product(first),
                    }
                }
            };
        }
    }
    Identified::new(protocol, first_line(answer))
}

fn ftp_or_smtp(answer: &[u8], line: &[u8]) -> Identified {
    let greeting = lossy(&answer[..answer.len().min(4096)]);
    let lower = greeting.to_ascii_lowercase();
    let protocol = if lower.contains("smtp") || lower.contains("mail") || lower.contains("postfix") {
        "smtp"
    } else if lower.contains("ftp") || FTP.iter().any(|name| greeting.contains(name)) {
        "ftp"
    } else {
        "ftp-or-smtp"
    };
    let names = if protocol == "smtp" { SMTP } else { FTP };
    named(Identified::new(protocol, line), &greeting, names)
}

fn telnet(answer: &[u8]) -> Option<Identified> {
    let mut negotiator = Negotiator::new();
    let text = negotiator.feed(answer).text;
    let starts_with_command = matches!(answer, [0xff, 0xfa..=0xfe, ..]);
    let asks = prompt(&text).is_some_and(|prompt| prompt != crate::telnet::Prompt::Shell);
    if !(starts_with_command || asks || negotiator.has_negotiated() && text.is_ascii()) {
        return None;
    }
    let evidence = if text.trim_ascii().is_empty() { answer } else { text.trim_ascii() };
    Some(named(Identified::new("telnet", evidence), &lossy(&text), TELNET))
}

/// Product and version out of a name server's own text.
pub(super) fn dns_software(found: Identified, text: &str) -> Identified {
    if text.starts_with("9.") {
        return found.product("BIND").version(text);
    }
    named(found, text, DNS)
}

/// Takes the first of these names that the text holds, and the version behind it.
fn named(found: Identified, text: &str, names: &[&str]) -> Identified {
    for name in names {
        let Some((_, behind)) = text.split_once(name) else { continue };
        let found = found.product(name);
        let version = behind.trim_start_matches([' ', '/', '-', '_', '(', 'v', 'V']);
        let end =
            version.find(|c: char| !(c.is_ascii_alphanumeric() || ".-+_".contains(c))).unwrap_or(version.len());
        let version = version[..end].trim_end_matches(['.', '-']);
        return if version.starts_with(|c: char| c.is_ascii_digit()) { found.version(version) } else { found };
    }
    found
}

fn first_line(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii_end()
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
