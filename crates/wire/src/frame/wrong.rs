//! Messages that are wrong in one part, and texts in which something can be put that would act behind the service.

use serde_json::{Value, json};

use super::{Frame, Part, number, tlv};

/// A wrong message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The part, by its name or its place.
    pub part: String,
    /// What is wrong, by its class.
    pub violation: &'static str,
    /// In words.
    pub shown: String,
    /// Whether nothing in the description forbids it.
    pub allowed: bool,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A part that holds a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Its name.
    pub name: String,
    /// Its well-formed value.
    pub value: String,
    at: usize,
    /// The name in a message of JSON.
    key: Option<String>,
}

/// Brackets of a nesting that no reader should follow.
const DEPTH: usize = 1000;

impl Frame {
    /// Every wrong message with at most so many bytes in a value, harmless mistakes first.
    #[must_use]
    pub fn wrong(&self, most: usize) -> Vec<Wrong> {
        let good = self.bytes();
        let mut found: Vec<Wrong> = Vec::new();
        for (at, part) in self.parts.iter().enumerate() {
            let name = part.name(at);
            let behind =
                self.parts[at + 1..].iter().rev().fold(0, |length, part| length + part.bytes(length).len());
            for (violation, shown, allowed, bytes) in part.wrong(behind, most) {
                found.push(Wrong { part: name.clone(), violation, shown, allowed, bytes: self.with(at, &bytes) });
            }
        }
        let mut whole = |violation, shown: &str, allowed, bytes: Vec<u8>| {
            let (part, shown) = ("message".to_owned(), shown.to_owned());
            found.push(Wrong { part, violation, shown, allowed, bytes });
        };
        whole("malformed", "cut in the middle", false, good[..good.len() / 2].to_vec());
        whole("malformed", "the last byte is missing", false, good[..good.len() - 1].to_vec());
        whole("malformed", "every bit turned over", false, good.iter().map(|byte| !byte).collect());
        whole("malformed", "in the order of its bytes from behind", false, good.iter().rev().copied().collect());
        whole("out-of-order", "the second half before the first", false, {
            let (first, second) = good.split_at(good.len() / 2);
            [second, first].concat()
        });
        whole("repeated", "twice at once", true, good.repeat(2));
        whole("oversize", "one byte many times", false, vec![b'A'; most]);
        // What does not differ is not wrong.
        found.retain(|wrong| wrong.bytes != good && !wrong.bytes.is_empty());
        found
    }

    /// The parts that hold a text.
    #[must_use]
    pub fn texts(&self) -> Vec<Text> {
        let mut found = Vec::new();
        for (at, part) in self.parts.iter().enumerate() {
            match part {
                Part::Text { name, value, .. } => {
                    found.push(Text { name: name.clone(), value: value.clone(), at, key: None });
                }
                Part::Json(Value::Object(fields)) => {
                    found.extend(fields.iter().filter_map(|(name, value)| {
                        let value = value.as_str()?.to_owned();
                        Some(Text { name: name.clone(), value, at, key: Some(name.clone()) })
                    }));
                }
                _ => {}
            }
        }
        found
    }

    /// The message with another text.
    #[must_use]
    pub fn with_text(&self, text: &Text, value: &str) -> Vec<u8> {
        match (self.parts.get(text.at), &text.key) {
            (Some(Part::Json(own)), Some(key)) => {
                let mut own = own.clone();
                own[key.as_str()] = json!(value);
                self.with(text.at, own.to_string().as_bytes())
            }
            _ => self.with(text.at, value.as_bytes()),
        }
    }
}

type Ways = Vec<(&'static str, String, bool, Vec<u8>)>;

impl Part {
    fn name(&self, at: usize) -> String {
        match self {
            Part::Number { name, .. } | Part::Text { name, .. } | Part::Tlv { name, .. } => name.clone(),
            Part::Bytes(_) => format!("bytes {}", at + 1),
            Part::Length(..) => format!("length {}", at + 1),
            Part::Json(_) => "json".to_owned(),
        }
    }

    fn wrong(&self, behind: usize, most: usize) -> Ways {
        let mut found: Ways = Vec::new();
        let mut add = |violation, shown: String, allowed, bytes| found.push((violation, shown, allowed, bytes));
        match self {
            Part::Bytes(bytes) => {
                let mut other = bytes.clone();
                other[0] ^= 0x5a;
                add("reserved", "another first byte".to_owned(), false, other);
                add("missing", "left out".to_owned(), false, Vec::new());
                // Twice may be another good message, as `get get`.
                add("duplicate-names", "twice".to_owned(), true, bytes.repeat(2));
            }
            Part::Length(size, little) => {
                let behind = i64::try_from(behind).unwrap_or(i64::MAX);
                for (told, shown) in [
                    (0, "0"),
                    (behind - 1, "one fewer than follow"),
                    (behind + 1, "one more than follow"),
                    (i64::MAX, "the greatest"),
                    (-1, "all bits"),
                ] {
                    add("wrong-length", shown.to_owned(), false, number(told, *size, *little));
                }
            }
            Part::Number { size, little, least, greatest, .. } => {
                let declared =
                    [least.map(|least| least.wrapping_sub(1)), greatest.map(|most| most.wrapping_add(1))];
                for value in declared.into_iter().flatten() {
                    add("out-of-range", value.to_string(), false, number(value, *size, *little));
                }
                for value in [i64::MIN >> (64 - 8 * size), i64::MAX >> (64 - 8 * size), -1, 0] {
                    let allowed = least.is_none_or(|own| value >= own) && greatest.is_none_or(|own| value <= own);
                    add("out-of-range", value.to_string(), allowed, number(value, *size, *little));
                }
            }
            Part::Text { shortest, longest, value, .. } => {
                let of = |count: usize| value.chars().chain("a".chars()).cycle().take(count).collect::<String>();
                add("empty", "empty".to_owned(), shortest.is_none_or(|least| least == 0), Vec::new());
                if let Some(longest) = longest.filter(|longest| *longest < most) {
                    add("too-long", format!("{} characters", longest + 1), false, of(longest + 1).into_bytes());
                }
                if let Some(shortest @ 2..) = *shortest {
                    add("too-short", format!("{} characters", shortest - 1), false, of(shortest - 1).into_bytes());
                }
                // Which bytes a text may hold is not described; what they do is looked at all the same.
                let put = |more: &[u8]| [value.as_bytes(), more].concat();
                add("control-characters", "NUL, line ends and escape".to_owned(), true, put(b"\0\r\n\x1b[2J"));
                add("invalid-text", "c0 af ff".to_owned(), true, put(b"\xc0\xaf\xff"));
                add("oversize", format!("{most} bytes"), longest.is_none(), vec![b'A'; most]);
            }
            Part::Json(value) => found.extend(in_json(value, most)),
            Part::Tlv { tag, value, .. } => {
                add("wrong-length", "a length of 255".to_owned(), false, tlv(*tag, 255, value));
                add("wrong-length", "a length of 0".to_owned(), false, tlv(*tag, 0, value));
                add(
                    "unknown-option",
                    "a tag that is not described".to_owned(),
                    true,
                    tlv(!tag, value.len(), value),
                );
                add("duplicate-names", "twice".to_owned(), true, tlv(*tag, value.len(), value).repeat(2));
                add("missing", "left out".to_owned(), true, Vec::new());
                add("oversize", "255 bytes".to_owned(), true, tlv(*tag, 255, &[b'A'; 255]));
            }
        }
        found
    }
}

fn in_json(own: &Value, most: usize) -> Ways {
    let text = own.to_string();
    let mut found: Ways = vec![
        ("malformed", "cut by one".to_owned(), false, text.as_bytes()[..text.len() - 1].to_vec()),
        ("wrong-type", "a list".to_owned(), false, b"[]".to_vec()),
        (
            "deep-nesting",
            format!("{DEPTH} lists"),
            false,
            ["[".repeat(DEPTH), "]".repeat(DEPTH)].concat().into_bytes(),
        ),
        ("invalid-text", "c0 af ff".to_owned(), false, [text.as_bytes(), b"\xc0\xaf\xff"].concat()),
    ];
    let Value::Object(fields) = own else { return found };
    for (name, value) in fields {
        let mut put = |violation, other: Option<Value>, allowed| {
            let mut fields = fields.clone();
            let shown = other.as_ref().map_or_else(
                || "left out".to_owned(),
                |value| {
                    let text = value.to_string();
                    text.chars().take(40).collect()
                },
            );
            match other {
                Some(other) => fields.insert(name.clone(), other),
                None => fields.remove(name),
            };
            found.push((
                violation,
                format!("{name}: {shown}"),
                allowed,
                Value::Object(fields).to_string().into_bytes(),
            ));
        };
        put("null", Some(Value::Null), false);
        put("missing", None, true);
        match value {
            Value::String(text) => {
                put("wrong-type", Some(json!(42)), false);
                put("control-characters", Some(json!(format!("{text}\u{0}\r\n\u{1b}[2J"))), false);
                put("oversize", Some(json!("A".repeat(most))), true);
            }
            Value::Number(_) => {
                put("wrong-type", Some(json!("assay")), false);
                put("out-of-range", Some(json!(i64::MIN)), true);
                put("out-of-range", Some(json!(i64::MAX)), true);
            }
            _ => put("wrong-type", Some(json!("assay")), false),
        }
    }
    let mut more = fields.clone();
    more.insert("assay_extra".to_owned(), json!("assay"));
    found.push(("extra-names", "assay_extra".to_owned(), true, Value::Object(more).to_string().into_bytes()));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Frame {
        let lines =
            ["bytes 7e", "length 2", "number 1 level 0..100 = 50", "text name 2..8 = plug", "tlv 07 n = 68"];
        Frame::read(&lines).unwrap()
    }

    #[test]
    fn each_part_is_wrong_alone_and_lengths_stay_right() {
        let frame = frame();
        let wrong = frame.wrong(300);
        let one = |part: &str, violation: &str| -> Vec<Vec<u8>> {
            let here = wrong.iter().filter(|wrong| wrong.part == part && wrong.violation == violation);
            here.map(|wrong| wrong.bytes.clone()).collect()
        };
        assert_eq!(frame.bytes(), b"\x7e\0\x08\x32plug\x07\x01h");
        assert_eq!(one("name", "empty"), [b"\x7e\0\x04\x32\x07\x01h"]);
        assert_eq!(one("name", "too-long"), [b"\x7e\0\x0d\x32plugaplug\x07\x01h"]);
        assert_eq!(one("length 2", "wrong-length").len(), 5);
        assert_eq!(one("length 2", "wrong-length")[1], b"\x7e\0\x07\x32plug\x07\x01h");
        assert_eq!(
            one("level", "out-of-range")[..2],
            [b"\x7e\0\x08\xffplug\x07\x01h", b"\x7e\0\x08\x65plug\x07\x01h"]
        );
        assert_eq!(one("n", "wrong-length")[0], b"\x7e\0\x08\x32plug\x07\xffh");
        assert!(wrong.iter().all(|wrong| wrong.bytes != frame.bytes() && wrong.bytes.len() < 700));
        let declared = wrong.iter().filter(|wrong| wrong.part == "level" && !wrong.allowed).count();
        assert_eq!(declared, 5, "127 and all bits lie beyond the description, 0 does not");
    }

    #[test]
    fn a_message_in_json_is_broken_name_by_name() {
        let frame = Frame::read(&["length 4", "json = {\"cmd\":\"get\",\"n\":1}"]).unwrap();
        let wrong = frame.wrong(300);
        let shown: Vec<_> = wrong.iter().map(|wrong| (wrong.violation, wrong.shown.as_str())).collect();
        for wanted in [
            ("wrong-type", "cmd: 42"),
            ("null", "n: null"),
            ("missing", "n: left out"),
            ("malformed", "cut by one"),
        ] {
            assert!(shown.contains(&wanted), "{wanted:?}: {shown:?}");
        }
        let texts = frame.texts();
        assert_eq!(texts.len(), 1);
        assert_eq!(frame.with_text(&texts[0], "x\""), b"\0\0\0\x13{\"cmd\":\"x\\\"\",\"n\":1}");
    }

    #[test]
    fn nothing_panics_on_the_smallest_frames() {
        for line in ["bytes 00", "length 1", "number 8 n = -1", "text t = a", "json = 7", "tlv ff n ="] {
            let frame = Frame::read(&[line]).unwrap();
            assert!(frame.wrong(64).iter().all(|wrong| !wrong.bytes.is_empty()), "{line}");
        }
    }
}
