//! The scripted device on loopback does what its scenario says.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;

use testkit::player::{PlayError, Player};
use testkit::scenario::{Scenario, scenario};

const SHORT: Duration = Duration::from_millis(300);

fn played(name: &str) -> Player {
    Player::play(&scenario(name).expect("reads")).expect("plays")
}

fn connect(at: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect_timeout(&at, SHORT).expect("accepts");
    stream.set_read_timeout(Some(Duration::from_secs(5))).expect("is a socket");
    stream
}

fn hear(stream: &mut TcpStream) -> String {
    let mut bytes = [0; 100];
    let count = stream.read(&mut bytes).expect("says something");
    String::from_utf8_lossy(&bytes[..count]).into_owned()
}

#[test]
fn a_port_accepts_another_is_silent_and_the_rest_refuses() {
    let device = played("two-open-one-silent");
    assert_eq!(hear(&mut connect(device.tcp(23))), "login: ");
    let mut mute = connect(device.tcp(80));
    mute.set_read_timeout(Some(SHORT)).expect("is a socket");
    assert!(mute.read(&mut [0; 1]).is_err());
    let silent = TcpStream::connect_timeout(&device.tcp(443), SHORT);
    assert_eq!(silent.expect_err("silent").kind(), ErrorKind::TimedOut);
    let refused = TcpStream::connect_timeout(&device.tcp(81), SHORT);
    assert_eq!(refused.expect_err("refused").kind(), ErrorKind::ConnectionRefused);
}

#[test]
fn messages_come_one_after_each_thing_heard() {
    let device = played("talkative");
    let mut stream = connect(device.tcp(23));
    assert_eq!(hear(&mut stream), "login: ");
    stream.write_all(b"admin\r\n").expect("listens");
    assert_eq!(hear(&mut stream), "Password: ");
    stream.write_all(b"admin\r\n").expect("listens");
    assert_eq!(hear(&mut stream), "Login incorrect\r\n");
}

#[test]
fn a_closing_port_says_everything_and_hangs_up() {
    let device = played("talkative");
    let mut text = String::new();
    connect(device.tcp(21)).read_to_string(&mut text).expect("ends");
    assert_eq!(text, "220 device ready\r\n");
}

#[test]
fn datagrams_are_answered_swallowed_or_refused() {
    let device = played("talkative");
    let ask = |to: SocketAddr| {
        let socket = UdpSocket::bind((device.ip(), 0)).expect("a free port");
        socket.set_read_timeout(Some(SHORT)).expect("is a socket");
        socket.connect(to).expect("has a route");
        socket.send(b"?").expect("sends");
        let mut bytes = [0; 10];
        socket.recv(&mut bytes).map(|count| bytes[..count].to_vec())
    };
    assert_eq!(ask(device.udp(53)).expect("answers"), [0, 1]);
    assert_eq!(ask(device.udp(53)).expect("answers"), [0, 2]);
    assert_eq!(ask(device.udp(53)).expect("repeats the last"), [0, 2]);
    let swallowed = ask(device.udp(5353)).expect_err("silent").kind();
    assert!(matches!(swallowed, ErrorKind::WouldBlock | ErrorKind::TimedOut));
    let refused = ask(device.udp(54)).expect_err("refused").kind();
    assert_eq!(refused, ErrorKind::ConnectionRefused);
}

#[test]
fn a_device_that_is_silent_everywhere_is_not_played_wrongly() {
    let text = "device = \"192.0.2.7\"\n[rest]\ndoes = \"nothing\"\n";
    let scenario = Scenario::parse(text).expect("is a scenario");
    assert!(matches!(Player::play(&scenario), Err(PlayError::SilentRest)));
}
