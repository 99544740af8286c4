//! Names of algorithms that are broken whatever a dossier says: the yardstick where it lists none of its own.
//!
//! Only classes without dispute (RFC 7465, RFC 8996, RFC 9325, 4.1; RFC 9142 for SSH). Best practice is judged
//! elsewhere, by a person.

/// Why a TLS cipher suite, by IANA name, is broken; nothing when it is in no such class.
pub(super) fn broken_suite(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_uppercase();
    let classes: [(&[&str], &str); 7] = [
        (&["_ANON_"], "no authentication of the server"),
        (&["_NULL", "TLS_SHA256_SHA256", "TLS_SHA384_SHA384"], "no encryption"),
        (&["EXPORT"], "export strength"),
        (&["RC4"], "RC4"),
        (&["3DES", "_DES_", "_DES40_"], "DES or 3DES"),
        (&["_RC2_"], "RC2"),
        (&["_MD5"], "MD5"),
    ];
    classes.iter().find(|(marks, _)| marks.iter().any(|m| name.contains(m))).map(|(_, why)| *why)
}

/// Why an SSH algorithm of a list is broken; nothing when it is in no such class.
pub(super) fn broken_ssh(list: &str, name: &str) -> Option<&'static str> {
    if list.contains("compress") {
        return None;
    }
    let name = name.to_ascii_lowercase();
    let classes: [(&[&str], &str); 6] = [
        (&["group1-sha1", "rsa1024-sha1"], "key exchange of 1024 bits"),
        (&["ssh-dss"], "DSA host key"),
        (&["arcfour", "rc4"], "RC4"),
        (&["des-cbc"], "DES or 3DES"),
        (&["hmac-md5", "umac-32"], "a weak message check"),
        (&["ssh1"], "SSH 1"),
    ];
    if name == "none" {
        return Some("no protection");
    }
    classes.iter().find(|(marks, _)| marks.iter().any(|m| name.contains(m))).map(|(_, why)| *why)
}

/// Whether a name in an SSH list marks an extension of the protocol and no algorithm.
pub(super) fn is_ssh_marker(name: &str) -> bool {
    name.starts_with("ext-info-") || name.starts_with("kex-strict-")
}

/// Why a certificate's key or signature is weak (NIST SP 800-131A Rev. 2, tables 2 and 8); nothing when it is not.
pub(super) fn weak_certificate(key: &str, bits: u32, signature: &str) -> Option<String> {
    let key = key.to_ascii_lowercase();
    let signature = signature.to_ascii_lowercase();
    let least = if key.starts_with("rsa") || key.starts_with("dsa") {
        2048
    } else if key.starts_with("ec") || key.starts_with("ed") {
        224
    } else {
        0
    };
    if bits < least {
        return Some(format!("a {key} key of {bits} bits"));
    }
    let plain = signature.replace('-', "");
    ["md5", "sha1"].into_iter().find(|h| plain.contains(h)).map(|_| format!("a signature of {signature}"))
}
