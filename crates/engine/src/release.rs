//! What becomes of results when the product gets a new release: what each rests on, and whether that changed.

pub(crate) mod carry;
mod currency;
mod earlier;
mod part;
mod policy;
pub(crate) mod rests;
mod words;

pub use currency::{Carried, Currency};
pub use earlier::{Earlier, EarlierInstance};
pub use part::{Part, PartKind, changed};
pub use policy::{DEFAULT_DAYS, Rule as CarryRule, rules as carry_rules};
