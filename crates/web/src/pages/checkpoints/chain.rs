//! The way out as a chain of marks, each with its name and where it stands: a list, so that it reads without the picture.

use maud::{Markup, html};
use report::checkpoints::{Checkpoints, State};

/// The chain; each link leads to its checkpoint.
pub(super) fn chain(told: &Checkpoints) -> Markup {
    let next = told.next().map(|one| one.name.as_str());
    html! {
        nav.chain aria-label="Checkpoints" {
            ol {
                @for (number, one) in told.checkpoints.iter().enumerate() {
                    li.{ "c-" (key(one.state)) } aria-current=[(next == Some(one.name.as_str())).then_some("step")] {
                        a href={ "#" (anchor(number)) } {
                            svg aria-hidden="true" viewBox="0 0 24 24" width="24" height="24" { (shape(one.state)) }
                            span.name { (one.name) }
                            span.small { (one.state.as_str()) }
                        }
                    }
                }
            }
        }
    }
}

/// The place on the page where a checkpoint is told.
pub(super) fn anchor(number: usize) -> String {
    format!("checkpoint-{}", number + 1)
}

/// Where a checkpoint stands, as shape, colour and word.
pub(super) fn state(state: State) -> Markup {
    let key = key(state);
    html! { span.chip.(key) { svg.mark aria-hidden="true" { use href={ "#i-" (key) } {} } (state.as_str()) } }
}

fn key(state: State) -> &'static str {
    match state {
        State::Reached => "pass",
        State::Outdated => "inconclusive",
        State::Ready => "open",
        State::Waiting => "na",
    }
}

/// Told apart without colour: a tick, an exclamation mark, an empty ring, a broken ring.
fn shape(state: State) -> Markup {
    html! {
        @match state {
            State::Reached => { circle.fill cx="12" cy="12" r="10" {} path.on d="M7 12.5l3.4 3.4L17 9" {} }
            State::Outdated => { circle.ring cx="12" cy="12" r="10" {} path.line d="M12 6.5v7M12 16.6v.9" {} }
            State::Ready => { circle.ring cx="12" cy="12" r="10" {} }
            State::Waiting => { circle.ring.broken cx="12" cy="12" r="10" {} }
        }
    }
}
