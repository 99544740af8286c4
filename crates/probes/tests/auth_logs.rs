//! Logs of earlier revisions of auth.defaults and auth.guessing still give the reading they gave.
#![allow(clippy::unwrap_used)]

mod lab;

#[test]
fn a_kept_log_of_defaults_gives_the_reading_it_gave() {
    lab::logs::still_reads("auth.defaults.1");
}

#[test]
fn a_kept_log_of_guessing_gives_the_reading_it_gave() {
    lab::logs::still_reads("auth.guessing.1");
    lab::logs::still_reads("auth.guessing.2");
}
