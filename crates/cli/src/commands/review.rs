//! `assay review`: records what a reviewer decided about a recorded assessment.

use app::review::{Draft, review};

use crate::args::review::{Decision, Review};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Records the review.
pub(crate) fn run(out: &mut Output, args: &Review) -> Result<Exit, Failure> {
    let draft = Draft {
        record: args.record,
        checkpoint: args.checkpoint.clone(),
        decision: match args.decision {
            Decision::Approve => model::Decision::Approve,
            Decision::Return => model::Decision::Return,
        },
        reasons: args.because.clone(),
        person: args.by.clone(),
        role: args.role.clone(),
        key: args.key.clone(),
    };
    let done = review(&args.folder, &draft, app::now()).map_err(|e| Failure::new(e, "nothing was recorded"))?;
    out.say(&format!(
        "recorded as number {}: {} of record {}, release {}, verdicts {}",
        done.seq, done.review.checkpoint, done.review.assessment, done.review.release, done.review.verdicts
    ));
    out.clock_behind(done.clock_behind);
    Ok(Exit::Ok)
}
