//! The linter: that a good dossier is free of notes, and that each slip gives its note at its place.
#![allow(clippy::unwrap_used)]

mod codes;
mod good;
mod mutations;
mod older;
mod schemas;
mod skeleton;
mod slips;
