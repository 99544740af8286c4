//! The head of a report: what was assessed, against what, by which version, and what it came to altogether.

use model::{Confidence, Digest, Edition, Outcome, Timestamp};

use super::provision::Clause;
use super::told::told;

told! {
    /// What was assessed, when, and by what.
    pub struct Head {
        /// The product's name as declared.
        pub product: String,
        /// Its model designation as declared.
        pub model: String,
        /// The release as declared.
        pub release: String,
        /// The supplier organization as declared.
        pub supplier: String,
        /// Who made the report: the test laboratory, or the supplier itself.
        pub assessor: String,
        /// The edition.
        pub edition: Edition,
        /// The requirements document.
        pub requirements: Document,
        /// The test specification.
        pub tests: Document,
        /// The moment the verdict is for.
        pub at: Timestamp,
        /// The rule set that judged.
        pub ruleset: u32,
        /// The cryptography policy that was judged by.
        pub crypto_policy: CryptoPolicy,
        /// The program and its version.
        pub tool: String,
        /// The state of the ledger that the report rests on; none when nothing has been recorded.
        pub ledger: Option<Ledger>,
    }

    /// A cryptography policy.
    pub struct CryptoPolicy {
        /// Its name.
        pub name: String,
        /// Its version.
        pub version: String,
        /// Digest of its text.
        pub digest: Digest,
        /// Whether it stands in the dossier folder in place of the one built in.
        pub replaced: bool,
    }

    /// A published document.
    pub struct Document {
        /// `EN 303 645` or `TS 103 701`.
        pub id: String,
        /// `V3.1.3`.
        pub version: String,
        /// Year and month of publication.
        pub published: String,
        /// Title.
        pub title: String,
        /// Where ETSI publishes it.
        pub url: String,
    }

    /// The state of the ledger.
    pub struct Ledger {
        /// Number of records.
        pub records: u64,
        /// Root of the tree over all records.
        pub root: Digest,
        /// Names of the keys that signed, one each.
        pub signers: Vec<String>,
    }

    /// The verdict over the provisions of one kind.
    pub struct Total {
        /// The verdict.
        pub outcome: Outcome,
        /// One sentence that says why.
        pub because: String,
        /// Provisions by outcome.
        pub counts: Counts,
    }

    /// How many came out as what.
    pub struct Counts {
        /// Passed.
        pub pass: u64,
        /// Failed.
        pub fail: u64,
        /// Looked at and not decided.
        pub inconclusive: u64,
        /// Not looked at yet.
        pub open: u64,
        /// Do not apply, or are not claimed.
        pub not_applicable: u64,
    }

    /// What the verdicts rest on, in numbers.
    pub struct Figures {
        /// Unit instances by outcome.
        pub instances: Counts,
        /// Decided unit instances by what decided them, most frequent first.
        pub decided_by: Vec<Tally>,
        /// Applicable test cases whose criteria were read in the edition's text, or are unchanged from one that was.
        pub confidence_high: u64,
        /// Those whose criteria are derived from the units of the edition.
        pub confidence_medium: u64,
        /// Those whose reading decides the verdict and is not certain.
        pub confidence_low: u64,
        /// Applicable test cases that a person has to confirm.
        pub needs_person: u64,
    }

    /// A word and a number.
    pub struct Tally {
        /// What is counted.
        pub what: String,
        /// How many.
        pub count: u64,
    }
}

impl Counts {
    /// How many of this outcome.
    pub fn of(&self, outcome: Outcome) -> u64 {
        match outcome {
            Outcome::Pass => self.pass,
            Outcome::Fail => self.fail,
            Outcome::Inconclusive => self.inconclusive,
            Outcome::Open => self.open,
            Outcome::NotApplicable => self.not_applicable,
        }
    }

    /// Counts outcomes.
    pub fn over(outcomes: impl IntoIterator<Item = Outcome>) -> Self {
        let mut counts = Self { pass: 0, fail: 0, inconclusive: 0, open: 0, not_applicable: 0 };
        for outcome in outcomes {
            *match outcome {
                Outcome::Pass => &mut counts.pass,
                Outcome::Fail => &mut counts.fail,
                Outcome::Inconclusive => &mut counts.inconclusive,
                Outcome::Open => &mut counts.open,
                Outcome::NotApplicable => &mut counts.not_applicable,
            } += 1;
        }
        counts
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.pass + self.fail + self.inconclusive + self.open + self.not_applicable
    }
}

impl Figures {
    /// Counts what the clauses hold.
    pub fn of(clauses: &[Clause]) -> Self {
        let cases = || clauses.iter().flat_map(|c| &c.provisions).flat_map(|p| &p.cases);
        let instances = || cases().flat_map(|c| &c.units).flat_map(|u| &u.instances);
        let mut decided_by: Vec<Tally> = Vec::new();
        for instance in instances().filter(|i| matches!(i.outcome, Outcome::Pass | Outcome::Fail)) {
            let word = instance.basis.as_str();
            match decided_by.iter_mut().find(|t| t.what == word) {
                Some(tally) => tally.count += 1,
                None => decided_by.push(Tally { what: word.to_owned(), count: 1 }),
            }
        }
        decided_by.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.what.cmp(&b.what)));
        let sure = |c| cases().filter(|x| x.outcome != Outcome::NotApplicable && x.confidence == c).count() as u64;
        Self {
            instances: Counts::over(instances().map(|i| i.outcome)),
            decided_by,
            confidence_high: sure(Confidence::High),
            confidence_medium: sure(Confidence::Medium),
            confidence_low: sure(Confidence::Low),
            needs_person: cases().filter(|c| c.needs_person).count() as u64,
        }
    }
}
