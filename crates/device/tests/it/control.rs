//! The handle of a running product: stopping, restoring, telemetry, and what refuses to start.

use std::time::{Duration, Instant};

use device::{Config, Device, FaultSet, StartError};

use crate::bench::{Bench, addresses};

#[test]
fn dropping_frees_every_port_quickly_even_with_open_connections() {
    let bench = Bench::start("telnet-open,mqtt-broker-open,telemetry-plain");
    let _idle: Vec<_> = bench
        .running
        .ports()
        .iter()
        .filter_map(|listening| std::net::TcpStream::connect(listening.at).ok())
        .collect();
    let (address, cloud) = (bench.device, bench.cloud);
    std::thread::sleep(Duration::from_millis(100));
    let before = Instant::now();
    drop(bench);
    let took = before.elapsed();
    assert!(took < Duration::from_millis(400), "{took:?}");
    let again = Device::start(Config { address, cloud, faults: FaultSet::none(), seed: 1 });
    assert!(again.is_ok());
}

#[test]
fn a_taken_port_is_an_error_and_leaves_nothing_running() {
    let bench = Bench::start("");
    let [address, _] = addresses();
    let config = |cloud| Config { address, cloud, faults: FaultSet::none(), seed: 1 };
    assert!(matches!(Device::start(config(bench.cloud)), Err(StartError::Listen { .. })));
    let [_, free] = addresses();
    assert!(Device::start(config(free)).is_ok());
}

#[test]
fn an_address_beyond_loopback_is_refused() {
    let [_, cloud] = addresses();
    let config = Config { address: "192.0.2.7".parse().unwrap(), cloud, faults: FaultSet::none(), seed: 1 };
    assert!(matches!(Device::start(config), Err(StartError::NotLoopback { .. })));
}

#[test]
fn the_same_seed_keeps_label_and_keys_and_another_seed_does_not() {
    let start = |seed| {
        let [address, cloud] = addresses();
        Device::start(Config { address, cloud, faults: FaultSet::none(), seed }).unwrap()
    };
    let (one, same, other) = (Bench::start(""), Bench::start(""), start(43));
    assert_eq!(one.running.label(), same.running.label());
    assert_eq!(one.web().certificate().key_sha256, same.web().certificate().key_sha256);
    assert_ne!(one.running.label().serial, other.label().serial);
    assert_ne!(one.running.label().admin_password, other.label().admin_password);
    assert_ne!(one.running.ca_pem(), other.ca_pem());
}

#[test]
fn a_change_shows_in_the_snapshot_and_its_undoing_too() {
    let bench = Bench::start("");
    let before = bench.running.state();
    let admin = bench.admin();
    let put = |body: &str| assert_eq!(bench.with(&admin, "PUT", "/api/v1/config", body).status, 200);
    put("{\"remote_access\":true}");
    assert_ne!(bench.running.state(), before);
    put("{\"remote_access\":false}");
    assert_eq!(bench.running.state(), before);
    let old = bench.running.label().admin_password.clone();
    let new = "a quite different one";
    let change = |from: &str, to: &str| {
        let body = serde_json::json!({ "current": from, "new": to }).to_string();
        assert_eq!(bench.with(&admin, "POST", "/api/v1/password", &body).status, 200);
    };
    change(&old, new);
    assert_ne!(bench.running.state(), before);
    change(new, &old);
    assert_eq!(bench.running.state(), before);
}

#[test]
fn telemetry_reaches_the_cloud_about_once_a_second_and_the_plug_works_without_it() {
    let bench = Bench::start("");
    std::thread::sleep(Duration::from_millis(1500));
    assert!((1..=3).contains(&bench.running.telemetry_count()));
    let info = bench.with(&bench.admin(), "GET", "/api/v1/info", "");
    assert_eq!(info.json()["update_available"], "1.4.3");
    bench.running.set_cloud_offline(true);
    assert_eq!(bench.with(&bench.admin(), "PUT", "/api/v1/state", "{\"relay\":true}").status, 200);
}
