//! Starting the product: which service listens where, and which only with a fault.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::Arc;

use crate::certificates::{CertificateError, Certificates};
use crate::cloud::{Cloud, CloudSite, UpdateService};
use crate::crew::{Crew, lock};
use crate::digest::Derive;
use crate::fault_set::FaultSet;
use crate::faults::Fault;
use crate::http::{self, Site, Visit};
use crate::label::{Label, Secrets};
use crate::mqtt::broker::{Broker, TICK};
use crate::plug::Plug;
use crate::ports::{self, Listening, Transport};
use crate::running::Running;
use crate::services::{coap, mdns, rtsp, ssdp};
use crate::tls::{Acceptor, OldTls};
use crate::undeclared::{console, ftp, snmp, telnet, tftp, ws_discovery};
use crate::uplink::stray;
use crate::uplink::telemetry::Telemetry;
use crate::uplink::trust::Ignores;
use crate::uplink::updater::Updater;
use crate::uplink::way::Way;
use crate::web::{Plain, Web};

/// The demonstration product; see [`Device::start`].
#[derive(Debug)]
pub struct Device;

/// How a product is started.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address of the device; loopback.
    pub address: IpAddr,
    /// Address of the associated service; loopback.
    pub cloud: IpAddr,
    /// Its weaknesses.
    pub faults: FaultSet,
    /// Which device of the production run it is: same seed, same label, same keys.
    pub seed: u64,
}

/// Why a product could not be started. Nothing is left running.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The product is weak on purpose and listens on loopback addresses only.
    #[error("start the device on an address that is not loopback: {at}")]
    NotLoopback {
        /// The refused address.
        at: IpAddr,
    },
    /// A port could not be opened.
    #[error("open the port of {service}: {at}")]
    Listen {
        /// What was to listen there.
        service: &'static str,
        /// Address and port.
        at: SocketAddr,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A background thread could not be started.
    #[error("start the connection to the associated service")]
    Background(#[source] io::Error),
    /// No certificates.
    #[error("prepare TLS")]
    Certificates(#[from] CertificateError),
    /// No signing key for updates.
    #[error("prepare the update service")]
    Updates,
}

impl Device {
    /// Starts device and associated service.
    ///
    /// # Errors
    /// A non-loopback address, a port in use, or failing cryptography; nothing is left running then.
    pub fn start(config: Config) -> Result<Running, StartError> {
        for at in [config.address, config.cloud] {
            if !at.is_loopback() {
                return Err(StartError::NotLoopback { at });
            }
        }
        let derive = Derive::new(config.seed);
        let label = Label::new(&derive);
        let secrets = Secrets::new(&derive);
        let expired = config.faults.has(Fault::TlsExpiredCert);
        let ignores = [Ignores::of_telemetry(&config.faults), Ignores::of_updater(&config.faults)];
        let certificates = Certificates::new(&derive, &label, [config.address, config.cloud], expired, ignores)?;
        let (updates, trusted) = UpdateService::new(&derive).ok_or(StartError::Updates)?;
        let way = Arc::new(Way::new(config.address, config.cloud));
        let updater = Updater::new(Arc::clone(&way), Arc::clone(&certificates.updater), trusted, &config.faults);
        let plug = Arc::new(Plug::new(config.address, config.faults.clone(), label, secrets, updater));
        let cloud = Arc::new(Cloud::new(config.faults.clone(), updates));
        let mut running = Running {
            crew: Arc::new(Crew::default()),
            ca_pem: certificates.ca_pem.clone(),
            ca_key_pem: certificates.ca_key_pem.clone(),
            way: Arc::clone(&way),
            listening: Vec::new(),
            plug,
            cloud,
        };
        // From here on an error drops `running`, which stops what was already started.
        running.open_cloud(&config, &certificates)?;
        running.open_device(&certificates)?;
        running.open_undeclared(&config)?;
        let telemetry = Telemetry {
            plug: Arc::clone(&running.plug),
            crew: Arc::clone(&running.crew),
            way,
            tls: Arc::clone(&certificates.uplink),
        };
        running.crew.background(move || telemetry.run()).map_err(StartError::Background)?;
        Ok(running)
    }
}

impl Running {
    fn open_cloud(&mut self, config: &Config, certificates: &Certificates) -> Result<(), StartError> {
        let old = || OldTls::of_cloud(&config.faults);
        let at = |port| SocketAddr::new(config.cloud, port);
        let site = CloudSite::new(Arc::clone(&self.cloud));
        let web = Acceptor::new(Arc::clone(&certificates.cloud), old());
        let cloud = Arc::clone(&self.cloud);
        self.tcp("cloud-https", at(ports::CLOUD_HTTPS), true, move |stream| {
            if !cloud.is_offline() {
                serve_https(&web, &site, stream);
            }
        })?;
        let broker = Acceptor::new(Arc::clone(&certificates.broker), old());
        let cloud = Arc::clone(&self.cloud);
        self.tcp("cloud-mqtt", at(ports::CLOUD_MQTT), true, move |stream| {
            cloud.serve_broker(&broker, stream);
        })
    }

    fn open_device(&mut self, certificates: &Certificates) -> Result<(), StartError> {
        let at = |port| SocketAddr::new(self.plug.address, port);
        let [http, https, rtsp_at] = [ports::HTTP, ports::HTTPS, ports::RTSP].map(at);
        let [mdns_at, ssdp_at, coap_at] = [ports::MDNS, ports::SSDP, ports::COAP].map(at);
        let plain = Plain::new(Arc::clone(&self.plug));
        self.tcp("http", http, true, move |stream| serve_http(&plain, stream))?;
        let site = Web::new(Arc::clone(&self.plug));
        let web = Acceptor::new(Arc::clone(&certificates.device), OldTls::of_device(&self.plug.faults));
        self.tcp("https", https, true, move |stream| serve_https(&web, &site, stream))?;
        let plug = Arc::clone(&self.plug);
        if plug.has(Fault::RtspIsBroker) {
            let broker = Broker::default();
            self.tcp("mqtt", rtsp_at, false, move |stream| serve_broker(&broker, stream))?;
        } else {
            self.tcp("rtsp", rtsp_at, true, move |stream| rtsp::serve(&plug, stream))?;
        }
        let plug = Arc::clone(&self.plug);
        self.udp("mdns", mdns_at, true, move |datagram, _| mdns::answer(&plug, datagram))?;
        if !self.plug.has(Fault::SsdpMissing) {
            let plug = Arc::clone(&self.plug);
            self.udp("ssdp", ssdp_at, true, move |datagram, _| ssdp::answer(&plug, datagram))?;
        }
        let plug = Arc::clone(&self.plug);
        self.udp("coap", coap_at, true, move |datagram, from| coap::answer(&plug, datagram, from))
    }

    fn open_undeclared(&mut self, config: &Config) -> Result<(), StartError> {
        let at = |port| SocketAddr::new(config.address, port);
        let has = |fault| config.faults.has(fault);
        if has(Fault::TelnetRootShell) {
            self.tcp("telnet", at(ports::TELNET), false, telnet::shell)?;
        } else if has(Fault::TelnetOpen) {
            self.tcp("telnet", at(ports::TELNET), false, telnet::login)?;
        }
        if has(Fault::FtpAnonymous) {
            self.tcp("ftp", at(ports::FTP), false, ftp::serve)?;
        }
        if has(Fault::DebugPortOpen) {
            self.tcp("debug", at(ports::DEBUG), false, console::serve)?;
        }
        if has(Fault::MqttBrokerOpen) {
            let broker = Broker::default();
            self.tcp("mqtt", at(ports::BROKER), false, move |stream| serve_broker(&broker, stream))?;
        }
        if has(Fault::SnmpPublic) {
            self.udp("snmp", at(ports::SNMP), false, |datagram, _| snmp::answer(datagram))?;
        } else if has(Fault::SnmpBeforeSetup) {
            let plug = Arc::clone(&self.plug);
            self.udp("snmp", at(ports::SNMP), false, move |datagram, _| {
                (!lock(&plug.settings).initialized).then(|| snmp::answer(datagram)).flatten()
            })?;
        }
        if has(Fault::WsDiscoveryOpen) {
            let plug = Arc::clone(&self.plug);
            let at = at(ports::WS_DISCOVERY);
            self.udp("ws-discovery", at, false, move |datagram, _| ws_discovery::answer(&plug, datagram))?;
        }
        if has(Fault::TftpOpen) {
            self.udp("tftp", at(ports::TFTP), false, |datagram, _| tftp::answer(datagram))?;
        }
        if has(Fault::UpdateCheckPlain) || has(Fault::PersonalDataPlain) {
            let plain = SocketAddr::new(config.cloud, ports::CLOUD_HTTP_PLAIN);
            let site = CloudSite::new(Arc::clone(&self.cloud));
            self.tcp("cloud-http-plain", plain, false, move |stream| serve_http(&site, stream))?;
        }
        if has(Fault::DestinationUndeclared) {
            let at = SocketAddr::new(stray::stranger(config.cloud), ports::STRANGER_HTTP);
            let site = CloudSite::new(Arc::clone(&self.cloud));
            self.tcp("stranger-http", at, false, move |stream| serve_http(&site, stream))?;
        }
        if has(Fault::TelemetryPlain) || has(Fault::UplinkCredentialPlain) {
            let cloud = Arc::clone(&self.cloud);
            let plain = SocketAddr::new(config.cloud, ports::CLOUD_MQTT_PLAIN);
            self.tcp("cloud-mqtt-plain", plain, false, move |stream| cloud.serve_plain_broker(stream))?;
        }
        Ok(())
    }

    fn tcp(
        &mut self,
        service: &'static str,
        at: SocketAddr,
        intended: bool,
        serve: impl Fn(TcpStream) + Send + Sync + 'static,
    ) -> Result<(), StartError> {
        let opened = self.crew.listen(at, serve);
        self.note(service, Transport::Tcp, at, intended, opened)
    }

    fn udp(
        &mut self,
        service: &'static str,
        at: SocketAddr,
        intended: bool,
        answer: impl Fn(&[u8], SocketAddr) -> Option<Vec<u8>> + Send + 'static,
    ) -> Result<(), StartError> {
        let opened = self.crew.datagrams(at, answer);
        self.note(service, Transport::Udp, at, intended, opened)
    }

    fn note(
        &mut self,
        service: &'static str,
        transport: Transport,
        at: SocketAddr,
        intended: bool,
        opened: io::Result<()>,
    ) -> Result<(), StartError> {
        opened.map_err(|source| StartError::Listen { service, at, source })?;
        self.listening.push(Listening { service, transport, at, intended });
        Ok(())
    }
}

fn serve_http(site: &dyn Site, mut stream: TcpStream) {
    let Some(mut visit) = Visit::new(&stream) else {
        return;
    };
    if http::serve(&mut stream, &mut visit, site) {
        http::linger(&stream);
    }
}

fn serve_broker(broker: &Broker, mut stream: TcpStream) {
    if stream.set_read_timeout(Some(TICK)).is_ok() {
        broker.serve(&mut stream, true);
    }
}

fn serve_https(acceptor: &Acceptor, site: &dyn Site, stream: TcpStream) {
    let Some(mut secured) = acceptor.accept(stream) else {
        return;
    };
    let Some(mut visit) = Visit::new(&secured.sock) else {
        return;
    };
    if http::serve(&mut secured, &mut visit, site) {
        secured.conn.send_close_notify();
        // The client may be gone already.
        let _ = secured.conn.write_tls(&mut secured.sock);
        http::linger(&secured.sock);
    }
}
