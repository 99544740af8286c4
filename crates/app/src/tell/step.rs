//! Next steps as sentences that begin with a verb, with the command that does them where one does.

use engine::Next;
use report::presentation::{Step, Verb};

pub(super) fn step(next: &Next) -> Step {
    let (verb, text, command) = match next {
        Next::Declare { place, entry, what } => {
            let at = match entry {
                Some(entry) => format!("{place}, {entry}"),
                None => place.clone(),
            };
            (Verb::Declare, format!("declare {what} in {at}"), None)
        }
        Next::Observe { probe, target } => {
            let command = format!("assay observe --probe {probe} --target {target}");
            (Verb::Observe, format!("run {probe} against {target}"), Some(command))
        }
        Next::State { what } => {
            (Verb::State, format!("let a named person decide: {what}"), Some("assay state".to_owned()))
        }
        Next::Prepare { what } => (Verb::Prepare, format!("complete bench.toml: {what}"), None),
        Next::Mend { what } => (Verb::Mend, format!("mend the product and measure again: {what}"), None),
    };
    Step { verb, text, command }
}
