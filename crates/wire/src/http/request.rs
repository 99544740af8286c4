//! Requests with their headers in the order given and nothing added in secret.

/// A request; what is set here is exactly what is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    method: String,
    target: String,
    version: String,
    lines: Vec<Vec<u8>>,
    body: Vec<u8>,
}

impl Request {
    /// A request without headers. Spaces and control characters in `target` are percent-encoded.
    #[must_use]
    pub fn new(method: &str, target: &str) -> Self {
        let target: String = target
            .bytes()
            .map(|byte| match byte {
                0..=0x20 | 0x7f.. => format!("%{byte:02X}"),
                _ => char::from(byte).to_string(),
            })
            .collect();
        Self {
            method: one_line(method),
            target: if target.is_empty() { "/".to_owned() } else { target },
            version: "HTTP/1.1".to_owned(),
            lines: Vec::new(),
            body: Vec::new(),
        }
    }

    /// Another protocol word in the first line, such as `HTTP/1.0` or `RTSP/1.0`.
    #[must_use]
    pub fn version(mut self, version: &str) -> Self {
        self.version = one_line(version);
        self
    }

    /// Adds a header. Line ends and NUL in name or value become spaces, so a value taken from a device cannot
    /// add a header of its own.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.lines.push(format!("{}: {}", one_line(name), one_line(value)).into_bytes());
        self
    }

    /// Adds a header line exactly as given, even where the protocol forbids it.
    #[must_use]
    pub fn raw_line(mut self, line: &[u8]) -> Self {
        self.lines.push(line.to_vec());
        self
    }

    /// Sets the body and adds its `Content-Type` and `Content-Length`.
    #[must_use]
    pub fn body(self, content_type: &str, body: &[u8]) -> Self {
        let mut request =
            self.header("Content-Type", content_type).header("Content-Length", &body.len().to_string());
        request.body = body.to_vec();
        request
    }

    /// Sets a form body of these fields.
    #[must_use]
    pub fn form(self, fields: &[(String, String)]) -> Self {
        self.body("application/x-www-form-urlencoded", form_urlencoded(fields).as_bytes())
    }

    /// The method, as sent.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Whether it carries a message.
    #[must_use]
    pub fn has_body(&self) -> bool {
        !self.body.is_empty()
    }

    /// The request target, as sent.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The bytes to send.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = format!("{} {} {}\r\n", self.method, self.target, self.version).into_bytes();
        for line in &self.lines {
            out.extend_from_slice(line);
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(&self.body);
        out
    }
}

fn one_line(text: &str) -> String {
    text.replace(['\r', '\n', '\0'], " ")
}

/// The form encoding of the WHATWG URL standard, section 5: `a=1&b=two+words`.
#[must_use]
pub fn form_urlencoded(fields: &[(String, String)]) -> String {
    let encoded = |text: &str| percent_encoded(text).replace("%20", "+");
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    pairs.join("&")
}

/// Percent-encodes everything but the unreserved characters of RFC 3986 section 2.3.
#[must_use]
pub fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// The fields of a query or a form, decoded and read lossily; at most a thousand.
#[must_use]
pub fn form_pairs(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty()).take(1000);
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).map(|(a, b)| (decoded(a), decoded(b))).collect()
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let digit = |at: usize| char::from(*bytes.get(at)?).to_digit(16);
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 2;
            }
            (b'+', ..) => out.push(b' '),
            _ => out.push(*byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_decoded_and_a_broken_escape_stays() {
        let pairs = form_pairs("a=1+2&b%3d=%C3%BC&c=%zz%4&&d");
        let told: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(told, [("a", "1 2"), ("b=", "ü"), ("c", "%zz%4"), ("d", "")]);
    }

    #[test]
    fn headers_keep_their_order_and_spelling() {
        let bytes = Request::new("GET", "/a b").header("hOst", "192.0.2.7").header("X", "1").to_bytes();
        assert_eq!(bytes, b"GET /a%20b HTTP/1.1\r\nhOst: 192.0.2.7\r\nX: 1\r\n\r\n");
    }

    #[test]
    fn a_value_from_a_device_cannot_add_a_header() {
        let bytes = Request::new("GET", "/\r\nX: 1").header("Cookie", "a\r\nEvil: 1").to_bytes();
        assert_eq!(bytes, b"GET /%0D%0AX:%201 HTTP/1.1\r\nCookie: a  Evil: 1\r\n\r\n");
    }

    #[test]
    fn a_form_is_encoded_with_its_length() {
        let fields = [("user".to_owned(), "a b".to_owned()), ("p&".to_owned(), "ü".to_owned())];
        let bytes = Request::new("POST", "/login").form(&fields).to_bytes();
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.ends_with("\r\n\r\nuser=a+b&p%26=%C3%BC"), "{text}");
        assert!(text.contains("Content-Length: 20\r\n"), "{text}");
    }
}
