//! Releases of the product: entering one, listing them, and what a new one makes stale.

mod add;
mod declare;
mod listed;
mod sbom;
mod status;

pub use engine::Currency;

pub use add::{Added, Draft, ReleaseError, add};
pub use listed::{Listed, list};
pub use sbom::{Differing, Differs};
pub use status::{Counts, Standing, Status, of as status_of, status};

/// A text as one line for a terminal: bounded, and nothing in it moves a cursor or hides.
pub fn visible(text: &str) -> String {
    wire::text::visible_str(text, 500)
}
