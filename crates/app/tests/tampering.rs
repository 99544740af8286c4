//! Nobody changes a bundle unnoticed: not by a byte, not by an item, not with a key of their own, and, as far as that
//! can be seen, not with the log's own key either. What is wrong is named.
#![allow(clippy::unwrap_used)]

#[path = "tampering/bytes.rs"]
mod bytes;
#[path = "tampering/hostile.rs"]
mod hostile;
#[path = "tampering/independent.rs"]
mod independent;
#[path = "tampering/insider.rs"]
mod insider;
#[path = "tampering/items.rs"]
mod items;
#[path = "tampering/real.rs"]
mod real;
