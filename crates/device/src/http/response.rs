//! One response, and text made safe for a page.

use serde_json::Value;

/// What a site does with a request.
#[derive(Debug)]
pub(crate) enum Reply {
    Send(Response),
    /// The connection ends without an answer, as after a crash.
    Drop,
}

/// A response.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    headers: Vec<(&'static str, String)>,
    /// A header line as a client sent it: only with a fault.
    line: Option<String>,
    body: Vec<u8>,
}

impl Response {
    pub(crate) fn new(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("Content-Type", media_type.to_owned())];
        Self { status, headers, line: None, body: body.into() }
    }

    pub(crate) fn text(status: u16, text: impl Into<String>) -> Self {
        Self::new(status, "text/plain; charset=utf-8", text.into())
    }

    pub(crate) fn html(status: u16, page: impl Into<String>) -> Self {
        Self::new(status, "text/html; charset=utf-8", page.into()).with(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
        )
    }

    pub(crate) fn json(status: u16, value: &Value) -> Self {
        Self::new(status, "application/json", value.to_string())
    }

    /// A JSON answer that only says what was wrong with the request.
    pub(crate) fn error(status: u16, message: &str) -> Self {
        Self::json(status, &serde_json::json!({ "error": message }))
    }

    pub(crate) fn redirect(status: u16, to: impl Into<String>) -> Self {
        Self::text(status, "").with("Location", to)
    }

    /// Adds a header field; values come from us or are free of line breaks by their type.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        let value: String = value.into();
        self.headers.push((name, value.replace(['\r', '\n'], " ")));
        self
    }

    /// Adds a header line as it is, which nothing but a fault does.
    pub(crate) fn with_line(mut self, line: &str) -> Self {
        self.line = Some(line.lines().next().unwrap_or_default().to_owned());
        self
    }

    /// The bytes to send.
    pub(super) fn bytes(&self, head_only: bool, keep: bool) -> Vec<u8> {
        let connection = if keep { "keep-alive" } else { "close" };
        let mut out = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            out.push_str(&format!("{name}: {value}\r\n"));
        }
        if let Some(line) = &self.line {
            out.push_str(&format!("X-File: x\r\n{line}\r\n"));
        }
        out.push_str(&format!(
            "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\
             Connection: {connection}\r\nContent-Length: {}\r\n\r\n",
            self.body.len()
        ));
        let mut bytes = out.into_bytes();
        if !head_only {
            bytes.extend_from_slice(&self.body);
        }
        bytes
    }
}

impl From<Response> for Reply {
    fn from(response: Response) -> Self {
        Self::Send(response)
    }
}

/// Text for a page, attribute values included.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        202 => "Accepted",
        204 => "No Content",
        302 => "Found",
        303 => "See Other",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "Status",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_value_cannot_start_a_new_line() {
        let bytes = Response::text(200, "x").with("Location", "a\r\nSet-Cookie: b").bytes(false, true);
        assert!(!String::from_utf8(bytes).unwrap().contains("\nSet-Cookie"));
    }

    #[test]
    fn markup_is_escaped() {
        assert_eq!(escape("<a href='\"&"), "&lt;a href=&#39;&quot;&amp;");
    }
}
