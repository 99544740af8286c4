//! The bench with real sockets, on loopback addresses of its own and in namespaces it makes.
#![allow(clippy::unwrap_used)]

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, TcpListener};
use std::time::{Duration, Instant};

use model::{Endpoint, TlsVersion};
use probes::*;
use testkit::player::Player;
use testkit::scenario::scenario;
use testkit::servers::OpenSslServer;
use testkit::{Site, netns::Netns, ready};

const WAIT: Duration = Duration::from_millis(1500);

fn bench(at: IpAddr, limits: Limits) -> LiveBench {
    LiveBench::new(Scope::of([at]), limits)
}

fn open_ports(at: IpAddr, count: usize) -> (Vec<TcpListener>, Vec<u16>) {
    let listeners: Vec<_> = (0..count).map(|_| TcpListener::bind((at, 0)).unwrap()).collect();
    let mut ports: Vec<u16> = listeners.iter().map(|one| one.local_addr().unwrap().port()).collect();
    ports.sort_unstable();
    (listeners, ports)
}

#[test]
fn a_sweep_over_all_ports_finds_exactly_the_open_ones() {
    let at = Site::loopback().ip();
    let (_listeners, ports) = open_ports(at, 20);
    let result = bench(at, Limits::default()).sweep(at, &[(1, 65535)], WAIT);
    assert!(ports.iter().all(|port| result.open.contains(port)), "{ports:?} {:?}", result.open);
    // This machine may have listeners on every address; an ordinary connection confirms them.
    let answers = |port| std::net::TcpStream::connect((at, port)).is_ok();
    assert!(result.open.iter().all(|port| answers(*port)), "{ports:?} {:?}", result.open);
    assert_eq!(result.refused as usize + result.open.len(), 65535);
    assert!(result.silent.is_empty() && result.not_tried.is_empty() && result.unreachable.is_empty());
}

#[test]
fn a_sweep_over_ipv6_finds_the_open_ports() {
    let at: IpAddr = "::1".parse().unwrap();
    let Ok(listener) = TcpListener::bind((at, 0)) else { return };
    let port = listener.local_addr().unwrap().port();
    let result = bench(at, Limits::default()).sweep(at, &[(port, port), (1, 1)], WAIT);
    assert_eq!(result.open, [port]);
}

#[test]
fn a_socket_that_connects_to_itself_is_no_open_port() {
    // Own and target address are the same here, so any port of the ephemeral range may meet itself.
    let at: IpAddr = "127.0.0.1".parse().unwrap();
    let listening =
        |port| std::net::TcpStream::connect((at, port)).is_ok_and(|s| s.local_addr().unwrap().port() != port);
    for _ in 0..3 {
        let result = bench(at, Limits::default()).sweep(at, &[(32768, 60999)], WAIT);
        let false_ones: Vec<_> = result.open.iter().filter(|port| !listening(**port)).collect();
        // Other tests may have closed a port meanwhile; a self-connection would show up by the dozen.
        assert!(false_ones.len() <= 3, "{false_ones:?}");
    }
}

#[test]
fn a_port_that_does_not_answer_is_silent_and_its_neighbours_are_not() {
    let player = Player::play(&scenario("two-open-one-silent").unwrap()).unwrap();
    let at = player.ip();
    let [telnet, web, silent] = [23, 80, 443].map(|port| player.tcp(port).port());
    let ports = [(telnet, telnet), (web, web), (silent, silent), (9, 9)];
    let began = Instant::now();
    let result = bench(at, Limits::default()).sweep(at, &ports, Duration::from_millis(400));
    assert_eq!(result.silent, [(silent, silent)]);
    let mut open = [telnet, web];
    open.sort_unstable();
    assert_eq!(result.open, open);
    assert_eq!(result.refused, 1);
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

#[test]
fn a_sweep_over_a_cable_finds_the_open_ports_in_both_families() {
    let Some(netns) = ready(Netns::create()) else { return };
    for at in [IpAddr::from(netns.inner()), IpAddr::from(netns.inner_v6())] {
        let Ok(Ok(listener)) = netns.run(move || TcpListener::bind((at, 4711))) else { continue };
        let result = bench(at, Limits::default()).sweep(at, &[(1, 65535)], WAIT);
        assert_eq!(result.open, [4711], "{at}");
        assert_eq!(result.refused, 65534, "{at}");
        drop(listener);
    }
}

#[test]
fn the_rate_limit_holds_for_a_sweep_and_the_end_of_the_run_is_said() {
    let at = Site::loopback().ip();
    let limits = Limits { per_second: Some(400), seconds: Some(1), ..Limits::default() };
    let result = bench(at, limits).sweep(at, &[(1, 65535)], WAIT);
    assert!((200..=450).contains(&result.refused), "{}", result.refused);
    assert_eq!(result.stopped_by, Some(ConnectError::Limit));
    let not_tried: u32 = result.not_tried.iter().map(|(low, high)| u32::from(high - low) + 1).sum();
    assert_eq!(not_tried + result.refused, 65535);
}

#[test]
fn nothing_is_sent_outside_the_scope_and_the_attempt_is_recorded() {
    let (listeners, ports) = open_ports(Site::loopback().ip(), 1);
    let elsewhere = listeners[0].local_addr().unwrap().ip();
    listeners[0].set_nonblocking(true).unwrap();
    let mut bench = bench(Site::loopback().ip(), Limits::default());
    let to = Endpoint::tcp(elsewhere, ports[0]);
    assert_eq!(bench.connect(to, WAIT), Err(ConnectError::NotAuthorised));
    assert_eq!(bench.sweep(elsewhere, &[(1, 9)], WAIT).stopped_by, Some(ConnectError::NotAuthorised));
    let datagram = Datagram {
        to: Endpoint::udp(elsewhere, 53),
        payload: Bytes::default(),
        from_any_port: false,
        own_port: None,
    };
    assert_eq!(bench.datagrams(&[datagram], WAIT), [DatagramAnswer::NotSent(ConnectError::NotAuthorised)]);
    let ask = Ask { to, tls: None, send: Bytes::default(), max: 9, within: WAIT, quiet: WAIT };
    assert_eq!(bench.ask(&[ask])[0].not_connected, Some(ConnectError::NotAuthorised));
    assert!(listeners[0].accept().is_err(), "somebody connected");
    assert_eq!(bench.transcript().events.len(), 4);
}

#[test]
fn a_talk_is_recorded_without_its_secret_and_replays() {
    let at = Site::loopback().ip();
    let listener = TcpListener::bind((at, 0)).unwrap();
    let to = Endpoint::tcp(at, listener.local_addr().unwrap().port());
    let device = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(b"Password: ").unwrap();
        let mut heard = [0; 7];
        stream.read_exact(&mut heard).unwrap();
        stream.write_all(b"you said hunter2").unwrap();
        heard
    });
    let talk = |bench: &mut dyn Bench| {
        let link = bench.connect(to, WAIT).unwrap();
        let mut heard = vec![bench.receive(link, 100, WAIT)];
        bench.send_secret(link, b"hunter2", b"(password)").unwrap();
        bench.conceal(b"hunter2");
        heard.push(bench.receive(link, 100, WAIT));
        bench.close(link);
        heard
    };
    let mut live = bench(at, Limits::default());
    let heard = talk(&mut live);
    assert_eq!(&device.join().unwrap(), b"hunter2");
    let kept = serde_json::to_string(live.transcript()).unwrap();
    assert!(kept.contains("(password)") && !kept.contains("hunter2"), "{kept}");
    let mut replay = ReplayBench::new(serde_json::from_str(&kept).unwrap());
    let replayed = talk(&mut replay);
    assert_eq!(replay.diverged(), None);
    assert!(replay.is_finished());
    assert_eq!(replayed[0], heard[0]);
}

#[test]
fn many_questions_are_asked_side_by_side_and_answered_in_order() {
    let at = Site::loopback().ip();
    let (listeners, _) = open_ports(at, 12);
    let ends: Vec<_> = listeners.iter().map(|one| Endpoint::tcp(at, one.local_addr().unwrap().port())).collect();
    for listener in listeners {
        std::thread::spawn(move || {
            let port = listener.local_addr().unwrap().port();
            for stream in listener.incoming().take(1) {
                std::thread::sleep(Duration::from_millis(200));
                stream.unwrap().write_all(port.to_string().as_bytes()).ok();
            }
        });
    }
    let asks: Vec<Ask> = ends
        .iter()
        .map(|to| Ask { to: *to, tls: None, send: Bytes::default(), max: 99, within: WAIT, quiet: WAIT })
        .collect();
    let began = Instant::now();
    let answers = bench(at, Limits::default()).ask(&asks);
    assert!(began.elapsed() < Duration::from_millis(1200), "{:?}", began.elapsed());
    for (to, asked) in ends.iter().zip(&answers) {
        assert_eq!(asked.said.text(), to.port.to_string());
        assert_eq!(asked.ended, Ended::Closed);
    }
}

#[test]
fn a_closed_udp_port_refuses_and_a_deaf_one_is_silent() {
    let at = Site::loopback().ip();
    let deaf = std::net::UdpSocket::bind((at, 0)).unwrap();
    let echo = std::net::UdpSocket::bind((at, 0)).unwrap();
    let (deaf_port, echo_port) = (deaf.local_addr().unwrap().port(), echo.local_addr().unwrap().port());
    std::thread::spawn(move || {
        let mut buffer = [0; 99];
        while let Ok((count, from)) = echo.recv_from(&mut buffer) {
            echo.send_to(&buffer[..count], from).ok();
        }
    });
    let to = |port| Datagram {
        to: Endpoint::udp(at, port),
        payload: b"hello"[..].into(),
        from_any_port: false,
        own_port: None,
    };
    let answers =
        bench(at, Limits::default()).datagrams(&[to(deaf_port), to(echo_port), to(1)], Duration::from_millis(300));
    let echoed = DatagramAnswer::Data(b"hello"[..].into());
    assert_eq!(answers, [DatagramAnswer::Silence, echoed, DatagramAnswer::Refused]);
}

#[test]
fn a_local_port_that_is_taken_is_told_as_a_lack_of_this_machine() {
    let at = Site::loopback().ip();
    let taken = std::net::UdpSocket::bind("0.0.0.0:0").unwrap();
    let datagram = Datagram {
        to: Endpoint::udp(at, 67),
        payload: b"hello"[..].into(),
        from_any_port: true,
        own_port: Some(taken.local_addr().unwrap().port()),
    };
    let answers = bench(at, Limits::default()).datagrams(&[datagram], WAIT);
    assert_eq!(answers, [DatagramAnswer::NotSent(ConnectError::Unequipped)]);
    assert_eq!(ConnectError::Unequipped.shortfall(), model::ShortfallKind::Missing);
}

#[test]
fn a_handshake_shows_version_suite_and_certificate_of_a_server_nobody_vouches_for() {
    let Some(server) = ready(OpenSslServer::default().start(&Site::loopback())) else { return };
    let to = Endpoint::tcp(server.at().ip(), server.port());
    let mut bench = bench(to.address, Limits::default());
    let link = bench.connect(to, WAIT).unwrap();
    let session = bench.secure(link, &TlsWish::named(Some("device.example"))).unwrap();
    assert_eq!(session.version, TlsVersion::Tls13);
    assert_eq!(session.chain.len(), 1);
    assert!(session.fingerprint().is_some() && !session.asks_client_certificate);
    bench.send(link, b"GET / HTTP/1.0\r\n\r\n").unwrap();
    assert!(
        matches!(bench.receive(link, 4096, WAIT), Received::Data(bytes) if bytes.text().starts_with("HTTP/1.0 200"))
    );
    bench.close(link);
    let link = bench.connect(to, WAIT).unwrap();
    let wish = TlsWish { only_tls12: true, ..TlsWish::default() };
    assert_eq!(bench.secure(link, &wish).unwrap().version, TlsVersion::Tls12);
}

#[test]
fn a_server_that_wants_a_client_certificate_is_seen_to_want_it() {
    let server = OpenSslServer { arguments: vec!["-verify".into(), "1".into()], ..OpenSslServer::default() };
    let Some(server) = ready(server.start(&Site::loopback())) else { return };
    let to = Endpoint::tcp(server.at().ip(), server.port());
    let mut bench = bench(to.address, Limits::default());
    let link = bench.connect(to, WAIT).unwrap();
    assert!(bench.secure(link, &TlsWish::default()).unwrap().asks_client_certificate);
}

#[test]
fn what_speaks_no_tls_is_told_from_what_is_silent() {
    let at = Site::loopback().ip();
    let (listeners, _) = open_ports(at, 2);
    let port = |at: usize| listeners[at].local_addr().unwrap().port();
    let (talker, silent) = (Endpoint::tcp(at, port(0)), Endpoint::tcp(at, port(1)));
    let talks = listeners[0].try_clone().unwrap();
    let device = std::thread::spawn(move || {
        let (mut stream, _) = talks.accept().unwrap();
        stream.write_all(b"220 ready\r\n").unwrap();
        stream
    });
    let limits = Limits { wait_millis: 200, ..Limits::default() };
    let mut bench = bench(at, limits);
    let link = bench.connect(talker, WAIT).unwrap();
    assert_eq!(bench.secure(link, &TlsWish::default()), Err(SecureError::NotTls));
    drop(device.join());
    let link = bench.connect(silent, WAIT).unwrap();
    assert_eq!(bench.secure(link, &TlsWish::default()), Err(SecureError::Silence));
}
