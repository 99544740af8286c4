//! Every service answers as it should when there is no fault.

use device::{Transport, ports};
use wire::tls::Version;

use crate::bench::Bench;
use crate::observe::describe;

#[test]
fn exactly_the_intended_ports_are_open() {
    let bench = Bench::start("");
    let tcp = |at| std::net::TcpStream::connect(at).is_ok();
    for listening in bench.running.ports() {
        assert!(listening.intended);
        assert!(listening.transport == Transport::Udp || tcp(listening.at), "{}", listening.service);
    }
    assert_eq!(bench.running.ports().len(), 8);
    for port in [ports::TELNET, ports::FTP, ports::BROKER, ports::DEBUG] {
        assert!(!tcp(bench.at(port)), "{port}");
    }
}

#[test]
fn plain_http_leads_to_https_at_our_own_address() {
    let bench = Bench::start("");
    let answer = bench.plain_get("/a");
    let expected = format!("https://{}:27443/a", bench.device);
    assert_eq!((answer.status, answer.field("location")), (308, Some(expected.as_str())));
    assert_eq!(answer.field("server"), None);
}

#[test]
fn the_web_page_logs_in_with_a_form() {
    let bench = Bench::start("");
    let page = bench.get("/");
    assert_eq!(page.status, 200);
    assert!(page.body.contains("action=\"/login\"") && page.body.contains("type=\"password\""));
    let label = bench.running.label();
    let form = format!("username=admin&password={}", label.admin_password);
    let answer = bench.web().send("POST", "/login", &[], &form).unwrap();
    let cookie = answer.field("set-cookie").unwrap();
    assert_eq!(answer.status, 303);
    assert!(cookie.contains("HttpOnly") && cookie.contains("Secure") && cookie.contains("SameSite=Strict"));
    let session = cookie.split(';').next().unwrap();
    let home = bench.web().send("GET", "/", &[("Cookie", session)], "").unwrap();
    assert!(home.body.contains("Signed in as admin") && home.body.contains("label is still in use"));
    assert_eq!(bench.web().send("POST", "/login", &[], "username=admin&password=x").unwrap().status, 401);
}

#[test]
fn the_api_separates_roles() {
    let bench = Bench::start("");
    let (admin, guest) = (bench.admin(), bench.guest());
    let paths = ["/api/v1/info", "/api/v1/config", "/api/v1/userdata", "/api/v1/openapi.json"];
    for path in paths {
        assert_eq!(bench.get(path).status, 401, "{path}");
        assert_eq!(bench.with(&guest, "GET", path, "").status, 403, "{path}");
        assert_eq!(bench.with(&admin, "GET", path, "").status, 200, "{path}");
    }
    assert_eq!(bench.with(&guest, "GET", "/api/v1/state", "").json()["relay"], false);
    assert_eq!(bench.with(&guest, "PUT", "/api/v1/state", "{\"relay\":true}").status, 403);
    assert_eq!(bench.with(&admin, "PUT", "/api/v1/state", "{\"relay\":true}").status, 200);
    assert!(bench.running.state().relay);
    let config = bench.with(&admin, "GET", "/api/v1/config", "");
    assert!(!config.body.contains("wifi_key"));
    let wrong_method = bench.with(&admin, "PATCH", "/api/v1/state", "");
    assert_eq!((wrong_method.status, wrong_method.field("allow")), (405, Some("GET, PUT")));
}

#[test]
fn bad_input_is_refused_without_internals() {
    let bench = Bench::start("");
    let admin = bench.admin();
    for body in ["", "[]", "{\"relay\":1}", "{\"relay\":true,\"x\":1}", "{\"relay\":", "{}", "{\"relay\":null}"] {
        let answer = bench.with(&admin, "PUT", "/api/v1/state", body);
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.json()["error"].is_string() && answer.body.len() < 100);
    }
    let config = |body: &str| bench.with(&admin, "PUT", "/api/v1/config", body).status;
    assert_eq!(config("{\"ntp_server\":\"a b\"}"), 400);
    assert_eq!(config("{\"wifi_key\":\"short\"}"), 400);
    assert_eq!(config("{\"ntp_server\":\"time.example\",\"auto_update\":false}"), 200);
    let fields = [("Authorization", &*format!("Bearer {admin}"))];
    let form = bench.web().send("PUT", "/api/v1/config", &fields, "{\"remote_access\":true}").unwrap();
    assert_eq!(form.status, 415);
}

#[test]
fn the_sixth_wrong_login_has_to_wait_on_every_connection() {
    let bench = Bench::start("");
    for _ in 0..5 {
        assert_eq!(bench.login("admin", "wrong").status, 401);
    }
    let label = bench.running.label();
    let answer = bench.login(label.admin_user, &label.admin_password);
    assert_eq!(answer.status, 429);
    let wait: u64 = answer.field("retry-after").unwrap().parse().unwrap();
    assert!((1..=2).contains(&wait));
    std::thread::sleep(std::time::Duration::from_secs(wait));
    assert_eq!(bench.login(label.admin_user, &label.admin_password).status, 200);
}

#[test]
fn parallel_wrong_logins_do_not_slip_through() {
    let bench = Bench::start("");
    let refused = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..16).map(|_| scope.spawn(|| bench.login("admin", "wrong").status)).collect();
        tries.into_iter().map(|one| one.join().unwrap()).filter(|status| *status == 401).count()
    });
    assert_eq!(refused, 5);
}

#[test]
fn tls_below_1_2_and_weak_suites_are_refused_everywhere() {
    let bench = Bench::start("");
    let places = [bench.at(ports::HTTPS), bench.cloud_at(ports::CLOUD_HTTPS), bench.cloud_at(ports::CLOUD_MQTT)];
    for at in places {
        for version in [Version::SSL3, Version::TLS10, Version::TLS11] {
            assert!(bench.hello(at, version, &[0x2f, 0x35, 0xc013, 0xc009]).is_none(), "{at} {version}");
        }
        assert!(bench.hello(at, Version::TLS12, &[5, 4, 1, 3, 0x34, 0xc018, 0x2f]).is_none(), "{at}");
        let sound = bench.hello(at, Version::TLS12, &[0xc02b, 0xc02c]).unwrap();
        assert_eq!((sound.version, sound.key_bits), (Version::TLS12, Some(256)));
    }
}

#[test]
fn the_certificate_names_the_address_and_belongs_to_the_authority() {
    let bench = Bench::start("");
    let certificate = bench.web().certificate();
    assert!(certificate.is_for(&bench.device.to_string()));
    assert!(!certificate.self_issued && !certificate.is_ca);
    assert_ne!(certificate.subject, certificate.issuer);
}

#[test]
fn discovery_tells_where_the_device_is_and_little_else() {
    let bench = Bench::start("");
    let name = wire::dns::Name::parse("_lumenplug._tcp.local").unwrap();
    let reply = bench.udp(ports::MDNS, &wire::dns::query(9, &name, 12).to_bytes()).unwrap();
    assert!(wire::dns::Message::read(&reply).unwrap().is_response());
    let unknown = wire::dns::Name::parse("_other._tcp.local").unwrap();
    assert_eq!(bench.udp(ports::MDNS, &wire::dns::query(9, &unknown, 12).to_bytes()), None);
    let reply = bench.udp(ports::SSDP, &wire::ssdp::search("upnp:rootdevice", 1)).unwrap();
    let found = wire::ssdp::Announcement::read(&reply).unwrap();
    let expected = format!("http://{}:27080/description.xml", bench.device);
    assert_eq!(found.location(), Some(expected.as_str()));
    let document = bench.plain_get("/description.xml");
    assert!(wire::ssdp::DeviceDescription::read(&document.body).is_some());
    assert!(!document.body.contains(&bench.running.label().serial));
}

#[test]
fn the_camera_asks_for_digest_authentication_and_then_plays() {
    let bench = Bench::start("");
    let challenge = describe(&bench, "");
    assert!(challenge.contains("WWW-Authenticate: Digest realm=\"camera\"") && challenge.contains("SHA-256"));
    let label = bench.running.label();
    let played = digest_conversation(&bench, &label.admin_password);
    assert!(played.contains("m=video") && played.contains("interleaved=0-1") && played.contains("$\0\0"));
    assert!(!digest_conversation(&bench, "wrong").contains("m=video"));
}

pub(crate) fn digest_conversation(bench: &Bench, password: &str) -> String {
    use std::io::{Read, Write};
    let hash = |text: String| {
        let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
        digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let mut stream = std::net::TcpStream::connect(bench.at(ports::RTSP)).unwrap();
    stream.set_read_timeout(Some(std::time::Duration::from_millis(300))).unwrap();
    let url = format!("rtsp://{}/live", bench.at(ports::RTSP));
    let mut all = String::new();
    let mut nonce = String::new();
    for (step, method) in ["DESCRIBE", "DESCRIBE", "SETUP", "PLAY"].iter().enumerate() {
        let ha1 = hash(format!("admin:camera:{password}"));
        let response = hash(format!("{ha1}:{nonce}:00000001:c:auth:{}", hash(format!("{method}:{url}"))));
        let credential = format!(
            "Digest username=\"admin\", realm=\"camera\", nonce=\"{nonce}\", uri=\"{url}\", \
             qop=auth, nc=00000001, cnonce=\"c\", response=\"{response}\""
        );
        let line = if step == 0 { String::new() } else { format!("Authorization: {credential}\r\n") };
        let request = format!(
            "{method} {url} RTSP/1.0\r\nCSeq: {step}\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n{line}\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut buffer = [0; 4096];
        let length = stream.read(&mut buffer).unwrap();
        let mut text = String::from_utf8_lossy(&buffer[..length]).into_owned();
        if *method == "PLAY" {
            // The first packet may come in a segment of its own.
            let length = stream.read(&mut buffer).unwrap_or(0);
            text.push_str(&String::from_utf8_lossy(&buffer[..length]));
        }
        if let Some((_, rest)) = text.split_once("nonce=\"") {
            nonce = rest.split('"').next().unwrap().to_owned();
        }
        all.push_str(&text);
    }
    all
}

#[test]
fn provisioning_is_refused_after_set_up_and_open_to_the_holder_of_the_label_after_a_reset() {
    let bench = Bench::start("");
    let provision = |password: &str| {
        let mut put = wire::coap::get("/provision", 8, &[2]);
        put.code = (0, 3);
        put.payload = serde_json::json!({ "ssid": "home", "key": "12345678", "password": password })
            .to_string()
            .into_bytes();
        let reply = bench.udp(ports::COAP, &put.to_bytes()).unwrap();
        wire::coap::Message::read(&reply).unwrap().code_text()
    };
    let password = bench.running.label().admin_password.clone();
    assert_eq!(provision(&password), "4.01");
    assert_eq!(bench.with(&bench.admin(), "POST", "/api/v1/reset", "{\"confirm\":true}").status, 200);
    assert!(!bench.running.state().initialized);
    assert_eq!(provision("wrong"), "4.01");
    assert_eq!(provision(&password), "2.04");
    assert!(bench.running.state().initialized);
}

#[test]
fn the_pages_of_the_maker_are_public() {
    let bench = Bench::start("");
    for path in [
        "/security/disclosure-policy",
        "/support-period",
        "/docs/sensors",
        "/docs/secure-setup",
        "/privacy",
        "/security.txt",
        "/.well-known/security.txt",
        "/updates/manifest.json",
    ] {
        let answer = bench.cloud_get(path);
        assert_eq!((answer.status, answer.body.len() > 80), (200, true), "{path}");
    }
    assert!(bench.cloud_get("/security/disclosure-policy").body.contains("14 days"));
    assert_eq!(bench.cloud_get("/nowhere").status, 404);
}

#[test]
fn a_genuine_update_is_installed_once() {
    let bench = Bench::start("");
    let admin = bench.admin();
    let update = || bench.with(&admin, "POST", "/api/v1/update", "").json()["result"].clone();
    assert_eq!(update(), "installed");
    assert_eq!(bench.running.state().firmware, "1.4.3");
    assert_eq!(update(), "up to date");
    bench.running.set_cloud_offline(true);
    assert_eq!(update(), "update service unreachable");
}
