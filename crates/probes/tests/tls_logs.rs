//! Logs of earlier revisions of tls.server-offer still give the reading they gave.
#![allow(clippy::unwrap_used)]

mod lab;

#[test]
fn a_kept_log_of_a_server_offer_gives_the_reading_it_gave() {
    lab::logs::still_reads("tls.server-offer.1");
}
