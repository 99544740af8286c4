//! What an auditor asks about evidence and no probe can see: which unit, which firmware, who, until when.
//!
//! It is told from the dossier and the bench as they are when something is recorded; what they do not say stays unsaid.

use dossier::{Dossier, Located};
use model::{Digest, DutIdentity, Timestamp};

const DAY_MILLIS: i64 = 86_400_000;

/// The product as the dossier and the bench name it. Nothing in it was looked at.
pub(crate) fn declared(dossier: &Dossier) -> DutIdentity {
    let text =
        |found: Option<&Located<String>>| found.map(|t| t.value.trim().to_owned()).filter(|text| !text.is_empty());
    let model = text(dossier.product.as_ref().and_then(|p| p.model.as_ref()));
    let target = dossier.bench.as_ref().and_then(|b| b.target("dut"));
    let image = text(dossier.release().and_then(|r| r.firmware.as_ref()));
    DutIdentity {
        model: model.unwrap_or_default(),
        release: dossier.release_version().to_owned(),
        serial: text(target.and_then(|t| t.serial.as_ref())),
        firmware: None,
        // What is no digest is the linter's to name.
        firmware_digest: image.and_then(|text| Digest::from_hex(text.strip_prefix("sha256:")?).ok()),
        proofs: Vec::new(),
    }
}

/// Until when the policy lets a measurement count that ended then.
pub(crate) fn observation_valid_until(dossier: &Dossier, ended: Timestamp) -> Option<Timestamp> {
    after(ended, dossier.policy.as_ref()?.observation_days.as_ref()?.value)
}

/// Until when the policy lets what a person says count that was last true then.
pub(crate) fn statement_valid_until(dossier: &Dossier, last_true: Timestamp) -> Option<Timestamp> {
    after(last_true, dossier.policy.as_ref()?.statement_days.as_ref()?.value)
}

fn after(when: Timestamp, days: u32) -> Option<Timestamp> {
    Some(Timestamp::from_millis(when.millis().checked_add(i64::from(days) * DAY_MILLIS)?))
}

#[cfg(test)]
mod tests {
    use dossier::SourceText;

    use super::*;

    fn dossier(assay: &str, bench: &str) -> Dossier {
        let file = |path: &str, text: &str| SourceText { path: path.to_owned(), text: text.to_owned() };
        dossier::read(vec![file("assay.toml", assay), file("bench.toml", bench)]).0
    }

    #[test]
    fn what_is_declared_is_told_and_what_is_not_stays_unsaid() {
        let digest = Digest::of(b"image");
        let assay = format!("[product]\nmodel = \"M\"\n[[release]]\nversion = \"1\"\nfirmware = \"{digest}\"\n");
        let full = declared(&dossier(&assay, "[[target]]\nname = \"dut\"\nserial = \" 0042 \"\n"));
        assert_eq!((full.model.as_str(), full.release.as_str()), ("M", "1"));
        assert_eq!((full.serial.as_deref(), full.firmware_digest), (Some("0042"), Some(digest)));
        assert_eq!(full.firmware, None, "nobody read it");
        let thin = declared(&dossier("[[release]]\nversion = \"1\"\nfirmware = \"sha256:…\"\n", ""));
        assert_eq!((thin.serial, thin.firmware_digest), (None, None));
    }

    #[test]
    fn validity_comes_from_the_policy_alone() {
        let policy = dossier("[policy]\nobservation-days = 2\n", "");
        let at = Timestamp::parse("2026-01-30T12:00:00Z").unwrap();
        assert_eq!(observation_valid_until(&policy, at).unwrap().to_string(), "2026-02-01T12:00:00Z");
        assert_eq!(statement_valid_until(&policy, at), None);
    }
}
