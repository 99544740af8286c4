//! How an HTTP answer asks for a credential: a challenge, a form, a page whose script sends a login.

use model::AuthScheme;
use wire::http::auth::challenges;
use wire::http::page::forms;
use wire::http::{Limits, Progress, Response, ResponseReader};
use wire::text::visible_str;

/// The ways in which an answer asks for a credential, each with what it calls itself.
pub fn prompts(response: &Response) -> Vec<(AuthScheme, String)> {
    let mut found = Vec::new();
    if response.status == 401 {
        for challenge in response.headers_named("www-authenticate").flat_map(challenges) {
            let scheme = match challenge.scheme.to_ascii_lowercase().as_str() {
                "basic" => AuthScheme::HttpBasic,
                "digest" => AuthScheme::HttpDigest,
                "bearer" => AuthScheme::HttpBearer,
                _ => continue,
            };
            found.push((scheme, visible_str(challenge.parameter("realm").unwrap_or_default(), 120)));
        }
    }
    for form in forms(&response.text()).iter().filter(|form| form.asks_for_password()) {
        // Two password inputs change or set a password; they are no door to come in by.
        if form.password_fields().count() == 1 {
            let scheme = if form.is_element { AuthScheme::HttpForm } else { AuthScheme::HttpJson };
            found.push((scheme, visible_str(form.action.as_deref().unwrap_or_default(), 120)));
        }
    }
    found.dedup();
    found
}

/// Reads an answer from its bytes, whole or as far as they go.
pub fn read(bytes: &[u8]) -> Option<Response> {
    let mut reader = ResponseReader::new("GET", Limits { body: super::exchange::MOST_BODY, ..Limits::default() });
    match reader.feed(bytes).ok()? {
        Progress::Done(response) => Some(response),
        Progress::NeedMore => reader.finish().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(answer: &str) -> Vec<AuthScheme> {
        prompts(&read(answer.as_bytes()).unwrap()).into_iter().map(|(scheme, _)| scheme).collect()
    }

    #[test]
    fn challenges_and_forms_ask_for_a_credential() {
        let challenged = "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"plug\"\r\n\
                          WWW-Authenticate: Digest realm=\"plug\", nonce=\"1\"\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(told(challenged), [AuthScheme::HttpBasic, AuthScheme::HttpDigest]);
        let form =
            "HTTP/1.0 200 OK\r\n\r\n<form method=post action=/login><input name=u><input type=password></form>";
        assert_eq!(told(form), [AuthScheme::HttpForm]);
        assert_eq!(told("HTTP/1.0 200 OK\r\n\r\n<input id=u><input id=p type=password>"), [AuthScheme::HttpJson]);
    }

    #[test]
    fn a_page_that_sets_a_password_is_no_login() {
        let page = "HTTP/1.0 200 OK\r\n\r\n<form><input type=password name=a><input type=password name=b></form>";
        assert_eq!(told(page), []);
    }
}
