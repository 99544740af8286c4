//! `assay verify`: every step that shows a bundle to be sound, and the first item that is not.

use std::fmt::Write as _;

use app::verify::{Against, Taken, Verification, verify};
use serde_json::json;

use crate::args::bundle::Verify;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Verifies and lists the steps.
pub(crate) fn run(out: &mut Output, args: &Verify) -> Result<Exit, Failure> {
    let not_done = "nothing was verified";
    let against = Against::read(args.key.as_deref(), args.since.as_deref());
    let against = against.map_err(|e| Failure::new(e, not_done))?;
    let verified = verify(&args.file, &against).map_err(|e| Failure::new(e, not_done))?;
    let exit = if verified.is_sound() { Exit::Ok } else { Exit::LedgerBroken };
    if args.json {
        let Verification { claims, steps, failed } = &verified;
        out.json(&json!({
            "version": 1, "verified": verified.is_sound(), "claims": claims, "steps": steps, "failed": failed,
        }));
        return Ok(exit);
    }
    out.data(&steps(&verified));
    match &verified.failed {
        None => out.say(&sound(&verified)),
        Some(failed) => {
            out.error(&format!("failed to verify {}: {failed}", args.file.display()), None);
            out.say("nothing in this bundle counts");
        }
    }
    Ok(exit)
}

fn steps(verified: &Verification) -> String {
    let mut text = String::new();
    for step in &verified.steps {
        let mark = match step.result {
            Taken::Done => "ok",
            Taken::NotDone => "not",
            Taken::Failed => "FAIL",
        };
        let _ = writeln!(text, "{mark:<5}{:<20}{}", step.step, step.says);
    }
    text
}

fn sound(verified: &Verification) -> String {
    let not = verified.steps.iter().filter(|step| step.result == Taken::NotDone).count();
    let of = verified.claims.as_ref().map(|claims| format!("{} {}: ", claims.product, claims.release));
    format!(
        "{}verified in {} steps; {not} could not be taken, and what they would have shown is not shown.",
        of.unwrap_or_default(),
        verified.steps.len() - not
    )
}
