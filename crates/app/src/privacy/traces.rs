//! The forms in which a secret turns up in texts and bytes: as it is, encoded, escaped, turned around, as a plain digest.

use std::ops::Range;

use model::Digest;

use super::A_WORD;

/// Shorter encoded forms stand anywhere by chance.
const SHORTEST_FORM: usize = 5;

/// One form of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    form: Vec<u8>,
    /// Whether it counts only where no letter or digit is beside it.
    alone: bool,
}

/// Every form of a secret that is looked for.
pub fn traces(secret: &str) -> Vec<Trace> {
    let bytes = secret.as_bytes();
    let is_short = bytes.len() < A_WORD;
    let mut forms: Vec<(Vec<u8>, bool)> = vec![(bytes.to_vec(), is_short)];
    let json = serde_json::Value::from(secret).to_string();
    forms.push((json.trim_matches('"').into(), is_short));
    forms.push((html(secret).into(), is_short));
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    for digits in [hex(bytes), hex(Digest::of(bytes).as_bytes())] {
        forms.push((digits.to_uppercase().into(), false));
        forms.push((digits.into(), false));
    }
    let all = bytes.iter().map(|b| format!("%{b:02x}")).collect::<String>();
    forms.extend([(all.to_uppercase().into(), false), (all.into(), false)]);
    for keep in ["-._~", "-._~!*'()", "*-._"] {
        let percent = percent(bytes, keep);
        for percent in [percent.replace("%20", "+"), percent] {
            forms.push((lower_escapes(&percent).into(), is_short));
            forms.push((percent.into(), is_short));
        }
    }
    for url in [false, true] {
        for before in 0..3 {
            forms.push((base64_core(bytes, before, url).into(), false));
        }
        forms.push((base64_core(Digest::of(bytes).as_bytes(), 0, url).into(), false));
    }
    forms.push((secret.chars().rev().collect::<String>().into(), is_short));
    let units = || secret.encode_utf16();
    forms.push((units().flat_map(u16::to_le_bytes).collect(), false));
    forms.push((units().flat_map(u16::to_be_bytes).collect(), false));
    let mut traces: Vec<Trace> = Vec::new();
    for (form, alone) in forms {
        let enough = form.len() >= SHORTEST_FORM || form == bytes;
        if enough && traces.iter().all(|trace| trace.form != form) {
            traces.push(Trace { form, alone });
        }
    }
    traces
}

impl Trace {
    /// The bytes that are looked for.
    pub(super) fn form(&self) -> &[u8] {
        &self.form
    }

    /// Whether it counts only where no letter or digit is beside it.
    pub(super) fn counts_alone(&self) -> bool {
        self.alone
    }

    /// Where the form stands in a text.
    pub fn find(&self, text: &str) -> Vec<Range<usize>> {
        let Ok(form) = std::str::from_utf8(&self.form) else { return Vec::new() };
        let places = text.match_indices(form).map(|(at, _)| at..at + form.len());
        places.filter(|at| !self.alone || is_alone(text.as_bytes(), at)).collect()
    }

    /// Whether the form stands in these bytes.
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        let (Some(first), length) = (self.form.first(), self.form.len()) else { return false };
        let mut from = 0;
        while let Some(at) = bytes[from..].iter().position(|byte| byte == first).map(|at| from + at) {
            let place = at..at + length;
            if bytes[at..].starts_with(&self.form) && (!self.alone || is_alone(bytes, &place)) {
                return true;
            }
            from = at + 1;
        }
        false
    }
}

pub(super) fn is_alone(bytes: &[u8], at: &Range<usize>) -> bool {
    let is_part = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    !is_part(at.start.checked_sub(1).and_then(|before| bytes.get(before))) && !is_part(bytes.get(at.end))
}

fn html(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    escaped.replace('"', "&quot;").replace('\'', "&#39;")
}

fn percent(bytes: &[u8], keep: &str) -> String {
    let one = |byte: &u8| match byte {
        b if b.is_ascii_alphanumeric() || keep.as_bytes().contains(b) => char::from(*b).to_string(),
        b => format!("%{b:02X}"),
    };
    bytes.iter().map(one).collect()
}

/// `%2F` as `%2f`.
fn lower_escapes(text: &str) -> String {
    let mut pieces = text.split('%');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |out, piece| {
        let (escape, rest) = piece.split_at(piece.len().min(2));
        format!("{out}%{}{rest}", escape.to_lowercase())
    })
}

/// The characters of a Base64 text (RFC 4648) that these bytes alone decide, with so many other bytes before them.
fn base64_core(bytes: &[u8], before: usize, url: bool) -> String {
    let alphabet: &[u8; 64] = match url {
        true => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
        false => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    };
    let (first, last) = (8 * before, 8 * (before + bytes.len()));
    let bit = |at: usize| bytes[(at - first) / 8] >> (7 - (at - first) % 8) & 1;
    let sextets = first.div_ceil(6)..last / 6;
    let index = |sextet: usize| (6 * sextet..6 * sextet + 6).fold(0, |n, at| n << 1 | usize::from(bit(at)));
    sextets.map(|sextet| char::from(alphabet[index(sextet)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_found(secret: &str, text: &str) -> bool {
        traces(secret).iter().any(|trace| !trace.find(text).is_empty())
    }

    #[test]
    fn a_secret_is_found_in_every_form() {
        let secret = "p&\"ss wörd/7";
        for text in [
            "is p&\"ss wörd/7!",
            r#"{"a":"p&\"ss wörd/7"}"#,
            "p&amp;&quot;ss wörd/7",
            "?k=p%26%22ss%20w%C3%B6rd%2F7",
            "?k=p%26%22ss+w%c3%b6rd%2f7",
            "%70%26%22%73%73%20%77%c3%b6%72%64%2f%37",
            "7026227373207 0 702622737320 77c3b672642f37".replace(' ', "").as_str(),
            "7/dröw ss\"&p",
        ] {
            assert!(is_found(secret, text), "{text}");
        }
        assert!(!is_found(secret, "p& ss word/7"));
    }

    #[test]
    fn a_secret_is_found_in_base64_wherever_it_stands() {
        // `hunter2!` behind 0 to 3 bytes and before some.
        for text in ["aHVudGVyMiE=", "eGh1bnRlcjIheQ==", "eHhodW50ZXIyIXl5", "YWRtaW46aHVudGVyMiE="] {
            assert!(is_found("hunter2!", text), "{text}");
        }
        assert!(is_found("~~~???>>>", "fn5-Pz8_Pj4-"));
        assert_eq!(base64_core(b"hunter2!", 0, false), "aHVudGVyMi");
    }

    #[test]
    fn a_short_secret_counts_alone_and_its_plain_digest_too() {
        assert!(is_found("4711", "the pin is 4711."));
        assert!(!is_found("4711", "port 47113"));
        assert!(is_found("4711", &Digest::of(b"4711").to_string()));
        assert!(is_found("hunter2hunter2", "xhunter2hunter2y"));
    }

    #[test]
    fn wide_text_is_found_in_bytes() {
        let wide: Vec<u8> = "a secret1".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(traces("secret1").iter().any(|trace| trace.is_in(&wide)));
        assert!(!traces("secret2").iter().any(|trace| trace.is_in(&wide)));
    }
}
