//! Cipher suites that another tool asked for and did not list.
//!
//! Both nmap and testssl ask for every suite in their tables and print what was taken. What their tables lack was not
//! asked for, and is not refused.

use model::{Endpoint, Fact, TlsVersion};
use wire::tls::suites::offerable;

use crate::tls::hello::wire_version;

/// What was asked for and not listed, where anything was listed: a tool that lists nothing may not have asked.
pub(super) fn unlisted(endpoint: Endpoint, version: TlsVersion, listed: &[u16], lacks: &[u16]) -> Option<Fact> {
    let mut ids = match version {
        TlsVersion::Ssl2 => return None,
        _ => offerable(wire_version(version)),
    };
    ids.retain(|id| !listed.contains(id) && !lacks.contains(id));
    (!listed.is_empty() && !ids.is_empty()).then_some(Fact::TlsSuitesRefused { endpoint, version, ids })
}
