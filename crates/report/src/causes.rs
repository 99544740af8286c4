//! Findings of one cause, told together: the same sentence on the same observations fails several unit instances.
//!
//! A document for programs lists every finding by itself; this is for readers.

use crate::presentation::{Finding, Ground};

/// Findings that say the same of the same observations.
pub(crate) struct Cause<'a> {
    /// Mandatory provisions first; at least one.
    pub(crate) findings: Vec<&'a Finding>,
    /// What all of them rest on. What one rests on besides stands with its unit instance.
    pub(crate) grounds: Vec<&'a Ground>,
}

impl<'a> Cause<'a> {
    /// The one that stands for all: the first on a mandatory provision, or the first.
    pub(crate) fn first(&self) -> &'a Finding {
        self.findings[0]
    }

    /// Whether a mandatory provision fails by it.
    pub(crate) fn mandatory(&self) -> bool {
        self.findings.iter().any(|finding| finding.mandatory)
    }

    /// The provisions of one kind that fail by it, each once.
    pub(crate) fn provisions(&self, mandatory: bool) -> Vec<&'a str> {
        let mut provisions = Vec::new();
        for finding in self.findings.iter().filter(|finding| finding.mandatory == mandatory) {
            if !provisions.contains(&finding.provision.as_str()) {
                provisions.push(&finding.provision);
            }
        }
        provisions
    }
}

/// The findings by cause, in the order of the first finding of each.
pub(crate) fn causes(findings: &[Finding]) -> Vec<Cause<'_>> {
    let mut causes: Vec<Cause<'_>> = Vec::new();
    for finding in findings {
        let at = causes.iter().position(|cause| same(cause.first(), finding));
        match at.and_then(|at| causes.get_mut(at)) {
            Some(cause) => {
                cause.findings.push(finding);
                cause.grounds.retain(|ground| finding.grounds.contains(ground));
            }
            None => causes.push(Cause { findings: vec![finding], grounds: finding.grounds.iter().collect() }),
        }
    }
    causes
}

/// Whether two findings have one cause. Without an observation in common, equal words may be about different things.
fn same(one: &Finding, other: &Finding) -> bool {
    let seen = |finding: &Finding| {
        finding.grounds.iter().find_map(|ground| match ground {
            Ground::Observed(seen) => Some((seen.record, seen.text.clone())),
            _ => None,
        })
    };
    one.because == other.because && one.next == other.next && seen(one).is_some() && seen(one) == seen(other)
}

#[cfg(test)]
mod tests {
    use model::Timestamp;

    use super::*;
    use crate::presentation::{Declared, Observed, Place};

    fn finding(provision: &str, because: &str, grounds: &[Ground], mandatory: bool) -> Finding {
        Finding {
            provision: provision.to_owned(),
            mandatory,
            about: format!("{provision}-1a"),
            because: because.to_owned(),
            grounds: grounds.to_vec(),
            next: Vec::new(),
        }
    }

    fn observed(record: u64, text: &str) -> Ground {
        Ground::Observed(Observed {
            record,
            probe: "net.tcp-ports".to_owned(),
            tool: String::new(),
            target: "dut".to_owned(),
            when: Timestamp::from_millis(0),
            text: text.to_owned(),
        })
    }

    fn declared(text: &str) -> Ground {
        let at = Place { path: "a.toml".to_owned(), line: 1, column: 1, quote: String::new() };
        Ground::Declared(Declared { at, text: text.to_owned() })
    }

    #[test]
    fn the_same_words_on_the_same_observation_are_one_cause_on_what_all_rest_on() {
        let findings = [
            finding("5.5-1", "old version", &[declared("a"), observed(7, "tls-1.0"), declared("c")], true),
            finding("5.6-1", "open port", &[observed(4, "23/tcp")], true),
            finding("5.8-1", "old version", &[declared("c"), observed(7, "tls-1.0"), observed(8, "held")], false),
        ];
        let causes = causes(&findings);
        assert_eq!(causes.len(), 2);
        assert_eq!(causes[0].provisions(true), ["5.5-1"]);
        assert_eq!(causes[0].provisions(false), ["5.8-1"]);
        assert_eq!(causes[0].grounds, [&observed(7, "tls-1.0"), &declared("c")]);
        assert!(causes[0].mandatory());
    }

    #[test]
    fn equal_words_on_other_observations_or_on_none_stay_apart() {
        let findings = [
            finding("5.1-1", "missing", &[declared("a")], true),
            finding("5.1-2", "missing", &[declared("a")], true),
            finding("5.1-3", "missing", &[observed(1, "x")], true),
            finding("5.1-4", "missing", &[observed(2, "x")], true),
        ];
        assert_eq!(causes(&findings).len(), 4);
    }
}
