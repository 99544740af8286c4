//! `Set-Cookie` headers (RFC 6265 section 5.2) and the `Cookie` header that gives them back.

/// A cookie as the server set it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SetCookie {
    /// The name.
    pub name: String,
    /// The value; often a secret.
    pub value: String,
    /// `Path`, as received.
    pub path: Option<String>,
    /// `Domain`, as received.
    pub domain: Option<String>,
    /// `Max-Age`, in seconds.
    pub max_age: Option<i64>,
    /// `Expires`, as received.
    pub expires: Option<String>,
    /// `SameSite`, as received.
    pub same_site: Option<String>,
    /// Whether `Secure` is set.
    pub secure: bool,
    /// Whether `HttpOnly` is set.
    pub http_only: bool,
}

impl SetCookie {
    /// Reads a `Set-Cookie` value; none without a name.
    #[must_use]
    pub fn read(value: &str) -> Option<Self> {
        let mut parts = value.split(';');
        let (name, content) = parts.next()?.split_once('=')?;
        let mut cookie =
            Self { name: name.trim().to_owned(), value: content.trim().to_owned(), ..Self::default() };
        if cookie.name.is_empty() {
            return None;
        }
        for part in parts {
            let (name, content) = part.split_once('=').unwrap_or((part, ""));
            let content = content.trim().to_owned();
            match name.trim().to_ascii_lowercase().as_str() {
                "path" => cookie.path = Some(content),
                "domain" => cookie.domain = Some(content),
                "max-age" => cookie.max_age = content.parse().ok(),
                "expires" => cookie.expires = Some(content),
                "samesite" => cookie.same_site = Some(content),
                "secure" => cookie.secure = true,
                "httponly" => cookie.http_only = true,
                _ => {}
            }
        }
        Some(cookie)
    }
}

/// The `Cookie` value that gives these cookies back; a later cookie replaces an earlier one of its name.
#[must_use]
pub fn cookie_header(cookies: &[SetCookie]) -> String {
    let is_last = |at: usize| cookies[at + 1..].iter().all(|later| later.name != cookies[at].name);
    let pairs: Vec<String> = (0..cookies.len())
        .filter(|at| is_last(*at))
        .map(|at| format!("{}={}", cookies[at].name, cookies[at].value))
        .collect();
    pairs.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "sid=a=b; Path=/; HttpOnly; secure; SameSite=Lax; Max-Age=60; Expires=Wed, 21 Oct 2026";

    #[test]
    fn attributes_are_read_in_any_case() {
        let cookie = SetCookie::read(GOOD).unwrap();
        assert_eq!((cookie.name.as_str(), cookie.value.as_str()), ("sid", "a=b"));
        assert!(cookie.http_only && cookie.secure);
        assert_eq!(cookie.max_age, Some(60));
        assert_eq!(cookie.same_site.as_deref(), Some("Lax"));
    }

    #[test]
    fn a_later_cookie_replaces_an_earlier_one() {
        let cookies: Vec<_> = ["a=1", "b=2", "a=3"].iter().filter_map(|text| SetCookie::read(text)).collect();
        assert_eq!(cookie_header(&cookies), "b=2; a=3");
    }

    #[test]
    fn no_bytes_make_the_reader_panic() {
        crate::hostile::survives(GOOD.as_bytes(), |bytes| SetCookie::read(&String::from_utf8_lossy(bytes)));
    }
}
