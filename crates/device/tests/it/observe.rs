//! One observation per fault: does it show? The match is exhaustive, so a new fault needs its observation.

use std::net::TcpStream;
use std::time::Duration;

use device::{Fault, Offer, ports};
use wire::mqtt;
use wire::tls::{ClientHello, Version, extension};

use crate::bench::{Bench, credentials, token};
use crate::impostor::{Shows, is_told};
use crate::talk::Talk;

const RC4: &[u16] = &[0x0005, 0x0004];
const SOUND: &[u16] = &[0xc02b, 0xc02c];
const AES: &[u16] = &[0x002f, 0x0035];

/// Does the fault show on this product? Panics when the answer is neither the good nor the bad one.
pub(crate) fn shows(fault: Fault, bench: &Bench) -> bool {
    match fault {
        Fault::PasswordDefault => accepts(bench, "admin", "admin"),
        Fault::BackdoorAccount => accepts(bench, "support", "support"),
        Fault::PasswordFromSerial => accepts(bench, "admin", &bench.running.label().password_from_serial()),
        Fault::LoginEmptyPassword => accepts(bench, "admin", ""),
        Fault::SessionPredictable => {
            let number = |token: String| token.parse::<u64>().ok();
            let (first, second) = (number(bench.admin()), number(bench.admin()));
            first.zip(second).is_some_and(|(first, second)| second == first + 1)
        }
        Fault::SessionCookieBare => {
            let label = bench.running.label();
            let answer = bench.login(label.admin_user, &label.admin_password);
            let cookie = answer.field("set-cookie").unwrap();
            !["HttpOnly", "Secure", "SameSite"].iter().all(|word| cookie.contains(word))
        }
        Fault::SessionSurvivesLogout => {
            let token = bench.admin();
            assert_eq!(bench.with(&token, "POST", "/api/v1/logout", "").status, 200);
            either(bench.with(&token, "GET", "/api/v1/info", "").status, 200, 401)
        }
        Fault::AlteredSessionAccepted => {
            let mut token = bench.admin();
            token.replace_range(30..34, if token[30..34] == *"0000" { "1111" } else { "0000" });
            either(bench.with(&token, "GET", "/api/v1/info", "").status, 200, 401)
        }
        Fault::RoleFromCookie => {
            let cookie = format!("lumen_session={}; lumen_role=admin", bench.guest());
            let answer = bench.web().send("GET", "/api/v1/config", &[("Cookie", cookie.as_str())], "").unwrap();
            either(answer.status, 200, 403)
        }
        Fault::HttpLoginPlain => {
            if !either(bench.plain_get("/").status, 200, 308) {
                return false;
            }
            let label = bench.running.label();
            let form = format!("username={}&password={}", label.admin_user, label.admin_password);
            let answer = Talk::plain(bench.at(ports::HTTP)).send("POST", "/login", &[], &form).unwrap();
            answer.status == 303 && answer.field("set-cookie").is_some()
        }
        Fault::PasswordChangeIgnored => password_change(bench) == Some(false),
        Fault::PasswordChangeMissing => password_change(bench).is_none(),
        Fault::SessionSurvivesChange => {
            let (other, acting) = (bench.admin(), bench.admin());
            let (old, new) = (bench.running.label().admin_password.clone(), "correct horse battery");
            let change = |from: &str, to: &str| {
                let body = serde_json::json!({ "current": from, "new": to }).to_string();
                bench.with(&acting, "POST", "/api/v1/password", &body).status == 200
            };
            let survives = |other: &str| either(bench.with(other, "GET", "/api/v1/info", "").status, 200, 401);
            change(&old, new) && survives(&other) && change(new, &old)
        }
        Fault::NoLockout => either(last_of_wrong(bench, 10), 401, 429),
        Fault::LockoutPerConnection => {
            let fields = [("Content-Type", "application/json")];
            let mut talk = bench.web();
            let mut wrong = || talk.send("POST", "/api/v1/login", &fields, credentials("admin", "wrong"));
            let last = (0..6).map(|_| wrong().unwrap().status).last().unwrap();
            last == 429 && either(bench.login("admin", "wrong").status, 401, 429)
        }
        Fault::LockoutByForwardedFor => {
            assert_eq!(last_of_wrong(bench, 6), 429);
            let fields = [("Content-Type", "application/json"), ("X-Forwarded-For", "10.1.2.3")];
            let body = credentials("admin", "wrong");
            let claimed = bench.web().send("POST", "/api/v1/login", &fields, &body).unwrap();
            either(claimed.status, 401, 429)
        }
        Fault::LockoutPerDoor => {
            assert_eq!(last_of_wrong(bench, 6), 429);
            let refused = crate::good_profile::digest_conversation(bench, "wrong");
            assert!(refused.contains(" 401 ") || refused.contains(" 503 "), "{refused}");
            !refused.contains(" 503 ")
        }
        Fault::LockoutRaced => {
            let wrong = at_once(bench, 10);
            let slipped = wrong.iter().filter(|status| **status == 401).count();
            slipped > 5 && either(bench.login("admin", "wrong").status, 429, 401)
        }
        Fault::LockoutResetByAnyLogin => {
            let wrong = |_| {
                let last = last_of_wrong(bench, 4);
                let label = bench.running.label();
                bench.login(label.guest_user, &label.guest_password);
                last
            };
            let rounds: Vec<u16> = (0..3).map(wrong).collect();
            !bench.running.faults().has(Fault::NoLockout) && rounds.iter().all(|status| *status == 401)
        }
        Fault::ConfigUnauthenticated => {
            either(bench.json("PUT", "/api/v1/config", "{\"remote_access\":true}").status, 200, 401)
        }
        Fault::GuestCanConfigure => {
            let guest = bench.guest();
            either(bench.with(&guest, "PUT", "/api/v1/config", "{\"remote_access\":true}").status, 200, 403)
        }
        Fault::ConfigCrossSite => {
            let cookie = format!("lumen_session={}", bench.admin());
            let fields =
                [("Cookie", cookie.as_str()), ("Origin", "https://evil.example"), ("Content-Type", "text/plain")];
            let answer = bench.web().send("PUT", "/api/v1/config", &fields, "{\"remote_access\":true}").unwrap();
            either(answer.status, 200, 403)
        }
        Fault::CoapOpen => {
            let read = |datagram: Vec<u8>| {
                let reply = bench.udp(ports::COAP, &datagram).unwrap();
                wire::coap::Message::read(&reply).unwrap().code_text()
            };
            let get = wire::coap::get("/provision", 7, &[1]);
            let mut put = wire::coap::get("/provision", 8, &[2]);
            put.code = (0, 3);
            put.payload = b"{\"ssid\":\"evil\",\"key\":\"evilevil\"}".to_vec();
            let codes = [read(get.to_bytes()), read(put.to_bytes())];
            assert!(codes == ["2.05", "2.04"] || codes == ["4.01", "4.01"], "{codes:?}");
            codes[0] == "2.05"
        }
        Fault::StateUnauthenticated => {
            let read = either(bench.get("/api/v1/state").status, 200, 401);
            read && either(bench.json("PUT", "/api/v1/state", "{\"relay\":true}").status, 200, 401)
        }
        Fault::UserdataUnauthenticated => either(bench.get("/api/v1/userdata").status, 200, 401),
        Fault::RtspOpen => {
            let answer = describe(bench, "");
            assert!(answer.starts_with("RTSP/1.0 200") || answer.starts_with("RTSP/1.0 401"), "{answer}");
            answer.contains("m=video")
        }

        Fault::WsDiscoveryOpen => bench
            .udp(ports::WS_DISCOVERY, &wire::discovery::probe())
            .is_some_and(|answer| wire::discovery::matches(&answer)[0].scope("mac").is_some()),
        Fault::SnmpBeforeSetup => {
            let objects: [&[u32]; 1] = [wire::snmp::SYS_DESCR];
            let get = wire::snmp::Operation::Get;
            let get = wire::snmp::request(wire::snmp::Version::V2c, b"public", get, 1, &objects);
            let in_use = bench.udp(ports::SNMP, &get).is_some();
            bench.running.press_reset();
            let as_shipped = bench.udp(ports::SNMP, &get).is_some();
            bench.running.set_up();
            as_shipped && !in_use
        }
        Fault::RtspIsBroker => !describe(bench, "").starts_with("RTSP/1.0 "),
        Fault::SsdpMissing => bench.udp(ports::SSDP, &wire::ssdp::search("ssdp:all", 1)).is_none(),
        Fault::ConfigOpenBeforeSetup => {
            let write = || bench.json("PUT", "/api/v1/config", "{\"remote_access\":true}").status;
            let in_use = write();
            bench.running.press_reset();
            let as_shipped = write();
            bench.running.set_up();
            either(as_shipped, 200, 401) && in_use == 401
        }
        Fault::CoapLeaksSerial => {
            let reply = bench.udp(ports::COAP, &wire::coap::get("/about", 7, &[1]).to_bytes()).unwrap();
            let read = wire::coap::Message::read(&reply).unwrap();
            String::from_utf8_lossy(&read.payload).contains(&bench.running.label().serial)
        }

        Fault::TelnetOpen => {
            bench.lines(ports::TELNET, &["root", "x"]).is_some_and(|text| text.contains("Login incorrect"))
        }
        Fault::TelnetRootShell => bench.lines(ports::TELNET, &["id"]).is_some_and(|text| text.contains("uid=0")),
        Fault::FtpAnonymous => {
            let lines = ["USER anonymous", "PASS a@b.example"];
            bench.lines(ports::FTP, &lines).is_some_and(|text| text.contains("230 "))
        }
        Fault::DebugPortOpen => bench.lines(ports::DEBUG, &["mem"]).is_some_and(|text| text.contains("free")),
        Fault::MqttBrokerOpen => {
            let connect = mqtt::connect(mqtt::Version::V311, "test", None, 10);
            TcpStream::connect(bench.at(ports::BROKER)).is_ok_and(|mut stream| {
                use std::io::{Read, Write};
                stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
                stream.write_all(&connect).unwrap();
                let mut answer = [0; 4];
                stream.read_exact(&mut answer).unwrap();
                answer == [0x20, 2, 0, 0]
            })
        }
        Fault::SnmpPublic => {
            let object: &[u32] = &[1, 3, 6, 1, 2, 1, 1, 1, 0];
            let operation = wire::snmp::Operation::Get;
            let request = wire::snmp::request(wire::snmp::Version::V2c, b"public", operation, 7, &[object]);
            bench.udp(ports::SNMP, &request).is_some_and(|reply| {
                wire::snmp::read(&reply).unwrap();
                String::from_utf8_lossy(&reply).contains("LPC-1 firmware")
            })
        }
        Fault::TftpOpen => {
            let request = wire::tftp::read_request("config.bin", false);
            bench.udp(ports::TFTP, &request).is_some_and(|reply| reply.starts_with(&[0, 3, 0, 1]))
        }

        Fault::InfoDisclosureStatus => {
            let answer = bench.get("/status");
            either(answer.status, 200, 404) && answer.body.contains(&bench.running.label().serial)
        }
        Fault::OpenapiPublic => either(bench.get("/api/v1/openapi.json").status, 200, 401),
        Fault::ServerBanner => {
            bench.get("/").field("server").is_some() && bench.plain_get("/").field("server").is_some()
        }
        Fault::MdnsLeaksSerial => {
            let name =
                wire::dns::Name::from_labels([b"Lumen Plug Cam".as_slice(), b"_lumenplug", b"_tcp", b"local"]);
            let Some(reply) = bench.udp(ports::MDNS, &wire::dns::query(7, &name, 16).to_bytes()) else {
                return false;
            };
            wire::dns::Message::read(&reply).unwrap();
            contains(&reply, &bench.running.label().serial)
        }
        Fault::SsdpLeaksSerial => {
            let Some(reply) = bench.udp(ports::SSDP, &wire::ssdp::search("ssdp:all", 1)) else {
                return false;
            };
            let named = wire::ssdp::Announcement::read(&reply).unwrap().server().is_some();
            let document = bench.plain_get("/description.xml");
            assert_eq!((document.status, document.body.contains("<serialNumber>")), (200, named));
            named
        }
        Fault::ConfigBackupPublic => {
            let answer = bench.get("/backup.cfg");
            either(answer.status, 200, 404) && answer.body.contains("wifi_key=")
        }

        Fault::Tls10 => answers(bench, ports::HTTPS, Version::TLS10, AES),
        Fault::Tls11 => answers(bench, ports::HTTPS, Version::TLS11, AES),
        Fault::TlsSslv3 => answers(bench, ports::HTTPS, Version::SSL3, AES),
        Fault::TlsRc4 => answers(bench, ports::HTTPS, Version::TLS12, RC4),
        Fault::TlsNull => answers(bench, ports::HTTPS, Version::TLS12, &[0x003b, 0x0001]),
        Fault::TlsExport => answers(bench, ports::HTTPS, Version::TLS12, &[0x0003, 0x0008]),
        Fault::TlsAnon => {
            let curve = answers(bench, ports::HTTPS, Version::TLS12, &[0xc018]);
            assert_eq!(curve, answers(bench, ports::HTTPS, Version::TLS12, &[0x0034]));
            curve
        }
        Fault::TlsWeakKey => {
            let flight = bench.hello(bench.at(ports::HTTPS), Version::TLS12, AES);
            flight.is_some_and(|flight| flight.key_bits == Some(1024))
        }
        Fault::TlsCompression => compresses(bench, bench.at(ports::HTTPS)),
        Fault::TlsNoSecureRenegotiation => {
            let flight = bench.hello(bench.at(ports::HTTPS), Version::TLS12, SOUND);
            flight.is_some_and(|flight| !flight.hello.has(extension::RENEGOTIATION_INFO))
        }
        Fault::TlsNoSentinel => {
            let flight = bench.hello(bench.at(ports::HTTPS), Version::TLS12, SOUND);
            flight.is_some_and(|flight| !flight.hello.random.ends_with(b"DOWNGRD\x01"))
        }
        Fault::TlsShortDh => {
            let flight = bench.hello(bench.at(ports::HTTPS), Version::TLS12, &[0x009e, 0x0033]);
            flight.is_some_and(|flight| flight.prime_bits == Some(1024))
        }
        Fault::TlsSha1Cert => {
            let flight = bench.hello(bench.at(ports::HTTPS), Version::TLS12, AES);
            flight.is_some_and(|flight| flight.signature.starts_with("sha1"))
        }
        Fault::Tls3des => answers_well_signed(bench, &[0x000a]),
        Fault::TlsStaticRsa => answers_well_signed(bench, &[0x009c, 0x002f]),
        Fault::TlsExpiredCert => bench.web_if_trusted().is_none(),

        Fault::CloudTlsCompression => {
            [ports::CLOUD_HTTPS, ports::CLOUD_MQTT].iter().all(|port| compresses(bench, bench.cloud_at(*port)))
        }
        Fault::CloudTls10 => [ports::CLOUD_HTTPS, ports::CLOUD_MQTT].iter().all(|port| {
            let flight = bench.hello(bench.cloud_at(*port), Version::TLS10, AES);
            flight.is_some_and(|flight| flight.version == Version::TLS10 && flight.complete)
        }),
        Fault::CloudTlsRc4 => [ports::CLOUD_HTTPS, ports::CLOUD_MQTT].iter().all(|port| {
            let flight = bench.hello(bench.cloud_at(*port), Version::TLS12, RC4);
            flight.is_some_and(|flight| RC4.contains(&flight.suite))
        }),
        Fault::CloudBrokerOpen => {
            let connect = mqtt::connect(mqtt::Version::V311, "spy", None, 10);
            let subscribe = mqtt::subscribe(mqtt::Version::V311, 1, &["#"]);
            let answer = bench.broker_answer(&[connect, subscribe]);
            assert!(answer.starts_with(&[0x20, 2, 0, 0]) || answer == [0x20, 2, 0, 5], "{answer:?}");
            contains(&answer, "celsius")
        }
        Fault::TelemetryPlain => {
            TcpStream::connect(bench.cloud_at(ports::CLOUD_MQTT_PLAIN)).is_ok_and(|mut stream| {
                use std::io::{Read, Write};
                stream.set_read_timeout(Some(Duration::from_secs(3))).unwrap();
                stream.write_all(&mqtt::connect(mqtt::Version::V311, "tap", None, 10)).unwrap();
                stream.write_all(&mqtt::subscribe(mqtt::Version::V311, 1, &["#"])).unwrap();
                let mut seen = [0; 40];
                stream.read_exact(&mut seen).is_ok()
            })
        }
        // What goes over these ports is seen in a capture; here, that somebody takes it.
        Fault::UplinkCredentialPlain => TcpStream::connect(bench.cloud_at(ports::CLOUD_MQTT_PLAIN)).is_ok(),
        Fault::PersonalDataPlain | Fault::UpdateCheckPlain => {
            TcpStream::connect(bench.cloud_at(ports::CLOUD_HTTP_PLAIN)).is_ok()
        }
        Fault::DestinationUndeclared => TcpStream::connect((stranger(bench), ports::STRANGER_HTTP))
            .is_ok_and(|stream| stream.peer_addr().is_ok()),
        Fault::DnsUndeclared => hears(fault, bench, 53, |datagram| contains(datagram, "lumen")),
        Fault::NtpUndeclared => hears(fault, bench, 123, |datagram| datagram.len() == 48),
        Fault::ReconnectInStep => {
            let times = attempts_while_away(bench, 4);
            let pauses: Vec<u128> = times.windows(2).map(|pair| (pair[1] - pair[0]).as_millis()).collect();
            // A device that draws its pauses hits all of these once in some hundred times.
            pauses.len() == 3
                && pauses.iter().zip([500, 1000, 2000]).all(|(pause, whole)| pause.abs_diff(whole) < 60)
        }
        Fault::ReconnectFlat => attempts_while_away(bench, 6).len() > 5,
        Fault::UplinkAnyCertificate => is_told(bench, ports::CLOUD_MQTT, Shows::Worthless),
        Fault::UplinkUnknownAuthority => is_told(bench, ports::CLOUD_MQTT, Shows::UnknownAuthority),
        Fault::UplinkWrongHost => is_told(bench, ports::CLOUD_MQTT, Shows::WrongHost),
        Fault::UplinkExpired => is_told(bench, ports::CLOUD_MQTT, Shows::Expired),
        Fault::UplinkLeafAsAuthority => is_told(bench, ports::CLOUD_MQTT, Shows::LeafAsAuthority),
        Fault::UplinkTls10 => is_told(bench, ports::CLOUD_MQTT, Shows::OldVersion),
        Fault::UplinkPlainFallback => is_told(bench, ports::CLOUD_MQTT, Shows::Refusal),
        Fault::UpdateAnyCertificate => is_told(bench, ports::CLOUD_HTTPS, Shows::Worthless),
        Fault::UpdateWrongHost => is_told(bench, ports::CLOUD_HTTPS, Shows::WrongHost),
        Fault::ReconnectStorm => {
            bench.running.set_cloud_offline(true);
            let before = bench.running.cloud_attempts();
            // The device notices with its second publication after the cut, then either storms or waits.
            std::thread::sleep(Duration::from_millis(3200));
            bench.running.set_cloud_offline(false);
            bench.running.cloud_attempts() - before > 20
        }

        Fault::PolicyBehindLogin => behind_login(bench, "/security/disclosure-policy"),
        Fault::PolicyMissing => bench.cloud_get("/security/disclosure-policy").status == 404,
        Fault::PolicyWithoutTimelines => lacks(bench, "/security/disclosure-policy", "days"),
        Fault::SupportPeriodBehindLogin => behind_login(bench, "/support-period"),
        Fault::SupportPeriodUndated => lacks(bench, "/support-period", "2031"),
        Fault::SensorsDocMissing => either(bench.cloud_get("/docs/sensors").status, 404, 200),
        Fault::SecureSetupMissing => either(bench.cloud_get("/docs/secure-setup").status, 404, 200),
        Fault::PrivacyMissing => either(bench.cloud_get("/privacy").status, 404, 200),

        Fault::InputOversizeCrash => {
            let large = format!("{{\"username\":\"{}\"}}", "a".repeat(5000));
            let fields = [("Content-Type", "application/json")];
            let answer = bench.web().send("POST", "/api/v1/login", &fields, &large);
            let during = bench.get("/").status;
            match answer {
                Some(answer) => {
                    assert_eq!((answer.status, during), (413, 200));
                    false
                }
                None => {
                    std::thread::sleep(Duration::from_millis(1100));
                    assert_eq!((during, bench.get("/").status), (503, 200));
                    true
                }
            }
        }
        Fault::InputTypeConfusion => {
            let answer = bench.json("POST", "/api/v1/login", "{\"username\":7,\"password\":[]}");
            either(answer.status, 500, 400) && answer.body.contains("Traceback")
        }
        Fault::InputReflected => {
            let answer = bench.get("/?user=%3Cb%3Ecanary%3C/b%3E");
            assert!(answer.body.contains("canary"));
            answer.body.contains("<b>canary</b>")
        }
        Fault::InputCommandInjection => {
            let token = bench.admin();
            let body = serde_json::json!({ "ntp_server": "ntp.example;$(expr 7 \\* 191)" }).to_string();
            let answer = bench.with(&token, "PUT", "/api/v1/config", &body);
            either(answer.status, 200, 400) && answer.body.contains("1337")
        }
        Fault::PathTraversal => {
            let answer = bench.get("/files?name=../../etc/shadow");
            either(answer.status, 200, 400) && answer.body.contains("root:")
        }

        Fault::InputRangeIgnored
        | Fault::InputNestingCrash
        | Fault::InputDuplicateError
        | Fault::InputTextError
        | Fault::InputTemplate
        | Fault::InputHeaderSplit
        | Fault::InputQuery
        | Fault::InputBlindCommand
        | Fault::InputEntity
        | Fault::InputUndeclared
        | Fault::TicketReused
        | Fault::TicketIgnored
        | Fault::GuardByPath
        | Fault::CoapOversizeCrash
        | Fault::CoapOptionPassed => crate::observe_input::shows(fault, bench),
        Fault::UpdateUploadOpen => {
            let answer = bench.web().send("POST", "/firmware", &[], "image").unwrap();
            either(answer.status, 202, 404) && bench.running.state().firmware.starts_with("custom-")
        }
        Fault::UpdateUnverified => {
            let image = update(bench, Offer::TamperedImage);
            let manifest = update(bench, Offer::TamperedManifest);
            bench.running.offer_update(Offer::Genuine);
            assert_eq!(image, manifest);
            image
        }
        Fault::UpdateRollbackAccepted => {
            let installed = update(bench, Offer::Older);
            bench.running.offer_update(Offer::Genuine);
            installed
        }
        Fault::UserdataKept => {
            let token = bench.admin();
            assert_eq!(bench.with(&token, "DELETE", "/api/v1/userdata", "").status, 200);
            records(bench, &token) > 0
        }
        Fault::ResetKeepsUserdata => {
            let token = bench.admin();
            assert_eq!(bench.with(&token, "POST", "/api/v1/reset", "{\"confirm\":true}").status, 200);
            records(bench, &bench.admin()) > 0
        }
    }
}

/// Can the observation be made on any product, in a moment, without changing it or tripping its limits?
pub(crate) fn is_quick(fault: Fault) -> bool {
    use device::faults::Surface::{CloudHttps, DeviceHttp, DeviceHttps, Mdns, Ssdp, UndeclaredTcp};
    let name = fault.name();
    let words = ["tls-", "policy-", "support-", "-doc-", "-missing", "-leaks-", "-unauthenticated", "-public"];
    let others = [Fault::InputReflected, Fault::InputTypeConfusion, Fault::PathTraversal, Fault::ServerBanner];
    let places = fault.card().touches.iter();
    let reachable =
        places.clone().any(|place| matches!(place, CloudHttps | DeviceHttp | DeviceHttps | Mdns | Ssdp));
    let port = places.clone().any(|place| matches!(place, UndeclaredTcp(_)));
    let named = words.iter().any(|word| name.contains(word)) || others.contains(&fault);
    let uplink = places.clone().any(|place| matches!(place, device::faults::Surface::Uplink));
    (port || reachable && named) && fault != Fault::PasswordChangeMissing && !uplink
}

/// Somebody who is neither the device nor its associated service: the address behind the service's.
fn stranger(bench: &Bench) -> std::net::IpAddr {
    let std::net::IpAddr::V4(cloud) = bench.cloud else { panic!("the bench is on IPv4") };
    std::net::Ipv4Addr::from(u32::from(cloud) + 1).into()
}

/// Whether the device sends such a datagram to this port of the stranger.
fn hears(fault: Fault, bench: &Bench, port: u16, is_it: impl Fn(&[u8]) -> bool) -> bool {
    let socket = match std::net::UdpSocket::bind((stranger(bench), port)) {
        Ok(socket) => socket,
        // Who may not open the port cannot hear it; the switch is taken at its word.
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            return bench.running.faults().has(fault);
        }
        Err(error) => panic!("{error}"),
    };
    socket.set_read_timeout(Some(Duration::from_millis(2500))).unwrap();
    let mut buffer = [0; 512];
    socket.recv(&mut buffer).is_ok_and(|length| is_it(&buffer[..length]))
}

/// When the device tried to reach its service while it was away: the first so many times, in eight seconds.
fn attempts_while_away(bench: &Bench, most: usize) -> Vec<std::time::Instant> {
    bench.running.set_cloud_offline(true);
    let (began, mut before) = (std::time::Instant::now(), bench.running.cloud_attempts());
    let mut times = Vec::new();
    while began.elapsed() < Duration::from_secs(8) && times.len() < most {
        let now = bench.running.cloud_attempts();
        if now > before {
            before = now;
            times.push(std::time::Instant::now());
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    bench.running.set_cloud_offline(false);
    times
}

/// True for the bad status, false for the good one; anything else is no observation.
pub(crate) fn either(status: u16, bad: u16, good: u16) -> bool {
    assert!(status == bad || status == good, "status {status}, not {bad} or {good}");
    status == bad
}

/// The status of the last of so many wrong logins in a row.
fn last_of_wrong(bench: &Bench, times: usize) -> u16 {
    let statuses: Vec<u16> = (0..times).map(|_| bench.login("admin", "wrong").status).collect();
    statuses[times - 1]
}

/// The statuses of so many wrong logins that are sent at once, each on a connection that was opened before.
fn at_once(bench: &Bench, times: usize) -> Vec<u16> {
    let ready = std::sync::Barrier::new(times);
    std::thread::scope(|scope| {
        let one = || {
            let mut talk = bench.web();
            ready.wait();
            let fields = [("Content-Type", "application/json")];
            talk.send("POST", "/api/v1/login", &fields, credentials("admin", "wrong")).unwrap().status
        };
        let all: Vec<_> = (0..times).map(|_| scope.spawn(one)).collect();
        all.into_iter().map(|each| each.join().unwrap()).collect()
    })
}

fn accepts(bench: &Bench, user: &str, password: &str) -> bool {
    either(bench.login(user, password).status, 200, 401)
}

/// Whether a changed password is in force; `None` when there is no such function. The old one is restored.
fn password_change(bench: &Bench) -> Option<bool> {
    let label = bench.running.label();
    let (user, old, new) = (label.admin_user, label.admin_password.as_str(), "a quite different one");
    let change = |from: &str, to: &str, session: &str| {
        let body = serde_json::json!({ "current": from, "new": to }).to_string();
        bench.with(session, "POST", "/api/v1/password", &body).status
    };
    if either(change(old, new, &bench.admin()), 404, 200) {
        return None;
    }
    let login = bench.login(user, new);
    if either(login.status, 401, 200) {
        assert_eq!(bench.login(user, old).status, 200);
        return Some(false);
    }
    assert_eq!(bench.login(user, old).status, 401);
    assert_eq!(change(new, old, &token(&login)), 200);
    Some(true)
}

/// DESCRIBE with a further header line.
pub(crate) fn describe(bench: &Bench, line: &str) -> String {
    let url = format!("rtsp://{}/live", bench.at(ports::RTSP));
    let request = format!("DESCRIBE {url} RTSP/1.0\r\nCSeq: 2\r\n{line}\r\n");
    bench.lines(ports::RTSP, &[request.trim_end_matches("\r\n"), ""]).unwrap()
}

/// Whether suites are taken in TLS 1.2 for themselves, and not to show a bad certificate.
fn answers_well_signed(bench: &Bench, suites: &[u16]) -> bool {
    let flight = bench.hello(bench.at(ports::HTTPS), Version::TLS12, suites);
    flight.is_some_and(|flight| {
        suites.contains(&flight.suite) && flight.key_bits == Some(2048) && flight.signature.starts_with("sha256")
    })
}

fn compresses(bench: &Bench, to: std::net::SocketAddr) -> bool {
    let mut hello = ClientHello::offering(Version::TLS12, SOUND, [7; 32], None);
    hello.compression = vec![1, 0];
    bench.hello_of(to, &hello).is_some_and(|flight| flight.hello.compression == 1)
}

fn answers(bench: &Bench, port: u16, version: Version, suites: &[u16]) -> bool {
    bench.hello(bench.at(port), version, suites).is_some_and(|flight| {
        assert!(flight.complete, "{flight:?}");
        flight.version == version && suites.contains(&flight.suite)
    })
}

fn behind_login(bench: &Bench, path: &str) -> bool {
    let answer = bench.cloud_get(path);
    answer.status == 302 && answer.field("location") == Some("/login")
}

fn lacks(bench: &Bench, path: &str, word: &str) -> bool {
    let answer = bench.cloud_get(path);
    answer.status == 200 && !answer.body.contains(word)
}

fn update(bench: &Bench, offer: Offer) -> bool {
    bench.running.offer_update(offer);
    let token = bench.admin();
    either(bench.with(&token, "POST", "/api/v1/update", "").status, 200, 502)
}

fn records(bench: &Bench, token: &str) -> usize {
    let answer = bench.with(token, "GET", "/api/v1/userdata", "");
    answer.json()["records"].as_array().unwrap().len()
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
