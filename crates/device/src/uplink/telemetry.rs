//! Publishes measurements about once a second, and reconnects with growing pauses when the service is away.
//!
//! A device that is switched off and on again begins anew without a pause.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::ClientConfig;

use super::way::Way;
use super::{fallback, fetch, stray};
use crate::crew::{Crew, lock};
use crate::faults::Fault;
use crate::mqtt::packet;
use crate::plug::Plug;
use crate::ports;

const PERIOD: Duration = Duration::from_secs(1);
const KEEP_ALIVE_SECONDS: u16 = 30;
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// The pause of the fault that storms the service.
const NO_PAUSE: Duration = Duration::from_millis(10);
/// The pause of a device that is switched off and on all the time.
const RESTART: Duration = Duration::from_millis(20);
/// How often a pause looks whether the device is switched off and on.
const SLICE: Duration = Duration::from_millis(100);
const UPDATE_CHECK: Duration = Duration::from_secs(10 * 60);
const CONNECT: Duration = Duration::from_secs(2);

/// The connection of one device to its associated service.
pub(crate) struct Telemetry {
    pub(crate) plug: Arc<Plug>,
    pub(crate) crew: Arc<Crew>,
    pub(crate) way: Arc<Way>,
    pub(crate) tls: Arc<ClientConfig>,
}

impl Telemetry {
    /// Runs until the product stops.
    pub(crate) fn run(&self) {
        let mut pause = FIRST_PAUSE;
        let mut checked = None;
        while !self.crew.is_stopping() {
            if self.session(&mut checked).is_ok_and(|published| published) {
                pause = FIRST_PAUSE;
            }
            let wait = match () {
                () if self.plug.has(Fault::ReconnectStorm) => NO_PAUSE,
                () if self.plug.has(Fault::ReconnectInStep) => pause,
                () => jittered(pause),
            };
            if self.pause(wait) {
                return;
            }
            if self.plug.is_restarting() {
                pause = FIRST_PAUSE;
            } else if !self.plug.has(Fault::ReconnectFlat) {
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }

    /// Waits, less long when the device is switched off and on; true when the product stops.
    fn pause(&self, wait: Duration) -> bool {
        let until = Instant::now() + wait;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if self.plug.is_restarting() {
                return self.crew.rest(RESTART.min(left));
            }
            if left.is_zero() || self.crew.rest(SLICE.min(left)) {
                return self.crew.is_stopping();
            }
        }
    }

    /// One connection; true when something was published before it ended.
    fn session(&self, checked: &mut Option<Instant>) -> io::Result<bool> {
        // Before the address is asked for: a restart in between must not be missed.
        let begun = self.plug.restarts();
        let plain = self.plug.has(Fault::TelemetryPlain) || self.plug.has(Fault::UplinkCredentialPlain);
        let address = self.way.address();
        let port = if plain { ports::CLOUD_MQTT_PLAIN } else { ports::CLOUD_MQTT };
        let at = SocketAddr::new(address, port);
        let stream = fetch::connect(self.plug.address, at)?;
        let Some(_link) = self.crew.admit(&stream) else {
            return Ok(false);
        };
        if plain {
            return self.in_clear(stream, begun, checked);
        }
        let published = self.publish(&mut fetch::secure(stream, &self.tls)?, begun, checked);
        match &published {
            Err(_) if self.plug.has(Fault::UplinkPlainFallback) => {
                let at = SocketAddr::new(address, ports::CLOUD_MQTT_PLAIN);
                self.in_clear(fetch::connect(self.plug.address, at)?, begun, checked)
            }
            Err(error) if self.plug.has(Fault::UplinkTls10) && fallback::wants_older(error) => {
                fallback::agree_to_tls_1_0(self.plug.address, at)?;
                published
            }
            _ => published,
        }
    }

    fn in_clear(
        &self,
        mut stream: std::net::TcpStream,
        begun: u64,
        checked: &mut Option<Instant>,
    ) -> io::Result<bool> {
        stream.set_read_timeout(Some(CONNECT))?;
        self.publish(&mut stream, begun, checked)
    }

    fn publish(
        &self,
        stream: &mut (impl Read + Write),
        begun: u64,
        checked: &mut Option<Instant>,
    ) -> io::Result<bool> {
        let serial = &self.plug.label.serial;
        let hello = match self.plug.has(Fault::UplinkCredentialPlain) {
            true => {
                packet::connect_as(serial, KEEP_ALIVE_SECONDS, serial, &self.plug.label.password_from_serial())
            }
            false => packet::connect(serial, KEEP_ALIVE_SECONDS),
        };
        stream.write_all(&hello)?;
        stream.flush()?;
        let answer = packet::read(stream, &mut Vec::new())?;
        if answer.kind != packet::CONNACK || answer.body.get(1) != Some(&0) {
            return Ok(false);
        }
        let topic = format!("lumen/{serial}/telemetry");
        for count in 0_u64.. {
            let relay = lock(&self.plug.settings).relay;
            let message = format!("{{\"relay\":{relay},\"watts\":{},\"celsius\":31}}", if relay { 42 } else { 0 });
            let sent =
                stream.write_all(&packet::publish(&topic, message.as_bytes())).and_then(|()| stream.flush());
            if sent.is_err() {
                return Ok(count > 0);
            }
            if checked.is_none_or(|checked| checked.elapsed() > UPDATE_CHECK) {
                let current = lock(&self.plug.settings).firmware.clone();
                self.plug.updater.check(&current);
                *checked = Some(Instant::now());
            }
            if !self.plug.is_restarting() {
                stray::send(&self.plug, self.way.address());
            }
            if self.crew.rest(PERIOD) || self.plug.restarts() != begun || self.plug.is_restarting() {
                break;
            }
        }
        Ok(true)
    }
}

/// Between half of a pause and the whole, so that many devices do not come back in step.
fn jittered(pause: Duration) -> Duration {
    let half = pause / 2;
    let share = getrandom::u32().unwrap_or(0) % 1000;
    half + half * share / 1000
}
