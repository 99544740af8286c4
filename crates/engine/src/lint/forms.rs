//! Notes on texts that have to have a form: URLs, dates, digests, package URLs, versions in order.

use std::collections::BTreeMap;

use dossier::{Located, Note, Span, TextValue};
use model::Timestamp;

use super::look::Look;
use super::note;

pub(super) fn check(look: &Look<'_>, notes: &mut Vec<Note>) {
    for text in &look.dossier.texts {
        url(text, notes);
    }
    for row in &look.dossier.ics.rows {
        day(row.review.as_ref(), notes);
    }
    if let Some(consent) = look.dossier.bench.as_ref().and_then(|b| b.consent.as_ref()) {
        day(consent.until.as_ref(), notes);
    }
    releases(look, notes);
}

fn url(text: &TextValue, notes: &mut Vec<Note>) {
    let (key, value) = (text.key(), text.text.value.trim());
    let web = key.ends_with("-url");
    let endpoint = key == "endpoints";
    let either = key == "documents" && value.contains("://");
    if value.is_empty() || !(web || endpoint || either) {
        if key == "purl" && !value.starts_with("pkg:") && !value.is_empty() {
            let message = "a package URL begins with `pkg:`";
            notes.push(
                note("bad-package-url", text.text.span, message, "begins otherwise")
                    .hint("write for example `pkg:generic/mbedtls@3.6.2`"),
            );
        }
        return;
    }
    let fault = match scheme_and_host(value) {
        Err(fault) => fault,
        Ok(scheme) if web && !matches!(scheme.as_str(), "http" | "https") => {
            "has to begin with https:// or http://"
        }
        Ok(_) => return,
    };
    let note = note("bad-url", text.text.span, format!("`{key}` has to be a URL"), fault);
    notes.push(if endpoint {
        note.hint("write for example `mqtts://cloud.example:8883`")
    } else {
        note.hint("write for example `https://www.example.com/security`")
    });
}

/// The scheme of a URL with a host, or what is wrong with it (RFC 3986, 3.1 and 3.2).
fn scheme_and_host(url: &str) -> Result<String, &'static str> {
    if url.contains(char::is_whitespace) {
        return Err("contains a space");
    }
    let (scheme, rest) = url.split_once("://").ok_or("has no scheme such as https://")?;
    let lettered = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    if !lettered || !scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')) {
        return Err("has no scheme such as https://");
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (host, port) = match host.strip_prefix('[').and_then(|h| h.split_once(']')) {
        Some((address, rest)) => {
            address.parse::<std::net::Ipv6Addr>().map_err(|_| "has no valid IPv6 address")?;
            (address, rest.strip_prefix(':'))
        }
        None => host.split_once(':').map_or((host, None), |(host, port)| (host, Some(port))),
    };
    if port.is_some_and(|p| p.parse::<u16>().is_err()) {
        return Err("has no valid port");
    }
    let named = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    if host.is_empty() || !host.chars().all(named) || host.starts_with('.') || host.contains("..") {
        return Err("has no valid host");
    }
    Ok(scheme.to_ascii_lowercase())
}

fn is_day(text: &str) -> bool {
    text.len() == 10 && Timestamp::parse(text).is_ok()
}

fn day(text: Option<&Located<String>>, notes: &mut Vec<Note>) {
    let Some(text) = text.filter(|t| !is_day(t.value.trim())) else { return };
    notes.push(
        note("bad-date", text.span, "a date is a day of the calendar", "not a date").hint("write `2026-01-31`"),
    );
}

fn releases(look: &Look<'_>, notes: &mut Vec<Note>) {
    let mut versions: BTreeMap<&str, Span> = BTreeMap::new();
    let mut last: Option<&Located<String>> = None;
    for release in &look.dossier.releases {
        if let Some(version) = &release.version
            && let Some(earlier) = versions.insert(version.value.trim(), version.span)
        {
            notes.push(
                note(
                    "duplicate-release",
                    version.span,
                    "a release has a version of its own",
                    "the version of another",
                )
                .also(earlier, "first given here")
                .consequence("evidence is bound to a version: that of one release would count for the other"),
            );
        }
        day(release.date.as_ref(), notes);
        if let Some(date) = release.date.as_ref().filter(|d| is_day(d.value.trim())) {
            if let Some(earlier) = last.filter(|e| e.value.trim() > date.value.trim()) {
                notes.push(
                    note(
                        "release-order",
                        date.span,
                        "releases stand in order, the newest last",
                        "older than the one before",
                    )
                    .also(earlier.span, "the one before")
                    .consequence("the last release is the one assessed"),
                );
            }
            last = Some(date);
        }
        if let Some(digest) = release.firmware.as_ref().filter(|d| !is_digest(d.value.trim())) {
            notes.push(
                note("bad-digest", digest.span, "a firmware digest is SHA-256 in hexadecimal", "not of that form")
                    .hint("write `sha256:` and 64 hexadecimal digits"),
            );
        }
    }
}

fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:").is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_with_a_scheme_and_a_host_are_accepted() {
        for url in [
            "https://www.example.com",
            "https://example.com:8443/path?query#part",
            "mqtts://cloud.example:8883",
            "http://[2001:db8::7]:80/",
            "https://user@example.com/x",
            "coap+tcp://192.0.2.1",
        ] {
            assert!(scheme_and_host(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn other_texts_are_no_urls() {
        for url in [
            "www.example.com",
            "https:/example.com",
            "https://",
            "https:///path",
            "://host",
            "https://exa mple.com",
            "https://example.com:99999",
            "https://[::zz]/",
            "ht!tp://example.com",
            "https://a..b",
        ] {
            assert!(scheme_and_host(url).is_err(), "{url}");
        }
    }
}
