//! The classes of wrong input: what a probe calls a violation, and which kind of wrongness it is.

/// Violations by class. A probe's test holds that each one it makes stands here.
const CLASSES: &[(&str, &[&str])] = &[
    ("type", &["wrong-type", "null", "wrong-form"]),
    ("length", &["oversize", "too-long", "too-short", "empty", "wrong-length"]),
    ("range", &["out-of-range", "not-a-choice"]),
    ("encoding", &["invalid-text", "control-characters", "wrong-byte-order"]),
    (
        "structure",
        &[
            "missing",
            "extra-names",
            "duplicate-names",
            "deep-nesting",
            "malformed",
            "wrong-media",
            "wrong-topic",
            "reserved",
            "unknown-option",
            "wrong-checksum",
            "wrong-version",
        ],
    ),
    ("order", &["out-of-order", "repeated", "stale-token", "unknown-token", "restarted"]),
    ("access", &["no-session", "no-session-violation", "hidden-path"]),
    (
        "injection",
        &[
            "quote-canary",
            "markup-canary",
            "template-canary",
            "traversal-canary",
            "command-canary",
            "header-canary",
            "query-canary",
            "delay-canary",
            "entity-canary",
            "entity-inside",
        ],
    ),
];

/// The class of a violation: `type`, `length`, `range`, `encoding`, `structure`, `order`, `access`, `injection`.
pub fn input_class(violation: &str) -> Option<&'static str> {
    CLASSES.iter().find(|(_, names)| names.contains(&violation)).map(|(class, _)| *class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_stands_in_one_class() {
        let mut all: Vec<_> = CLASSES.iter().flat_map(|(_, names)| names.iter()).collect();
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
        assert_eq!((input_class("oversize"), input_class("none")), (Some("length"), None));
    }
}
