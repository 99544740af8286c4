//! Logs of earlier revisions of the net probes still give the reading they gave.
#![allow(clippy::unwrap_used)]

mod lab;

#[test]
fn a_kept_log_of_tcp_ports_gives_the_reading_it_gave() {
    lab::logs::still_reads("net.tcp-ports.1");
}

#[test]
fn a_kept_log_of_services_gives_the_reading_it_gave() {
    lab::logs::still_reads("net.services.1");
}

#[test]
fn a_kept_log_of_udp_services_gives_the_reading_it_gave() {
    lab::logs::still_reads("net.udp-services.1");
}
