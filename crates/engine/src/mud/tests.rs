use catalogue::Catalogue;
use dossier::SourceText;

use super::*;
use crate::view::Evidence;

const ASSAY: &str = "edition = \"3.1.3\"\n[product]\nname = \"Light Bulb\"\n[[release]]\nversion = \"1\"\n[[service]]\n\
    id = \"cloud\"\nendpoints = [\"https://cloud.example/api\", \"coaps://198.51.100.7\"]\n";
const TABLES: &str = "[[SecComMech]]\nID = \"M\"\n[SecComMech.facts]\nprotocol = \"tls\"\nservice = \"cloud\"\nport = 8883\n\
    [[LogIntf]]\nID = \"Web\"\n[LogIntf.facts]\ntransport = \"tcp\"\nport = 443\nreach = \"lan\"\n\
    [[LogIntf]]\nID = \"Off\"\n[LogIntf.facts]\ntransport = \"tcp\"\nport = 22\nstatus = \"disabled\"\n";

/// The shape of the example in RFC 8520, section 9.
const EXAMPLE: &str = r#"{"ietf-mud:mud":{"mud-version":1,"mud-url":"https://lighting.example.com/lightbulb2000",
 "last-update":"2019-01-28T11:20:51+01:00","cache-validity":48,"is-supported":true,"systeminfo":"Bulb",
 "from-device-policy":{"access-lists":{"access-list":[{"name":"fr"}]}},
 "to-device-policy":{"access-lists":{"access-list":[{"name":"to"}]}}},
 "ietf-access-control-list:acls":{"acl":[
 {"name":"to","type":"ipv6-acl-type","aces":{"ace":[{"name":"cl0-todev","matches":{
   "ipv6":{"ietf-acldns:src-dnsname":"test.example.com","protocol":6},
   "tcp":{"ietf-mud:direction-initiated":"from-device","source-port":{"operator":"eq","port":443}}},
   "actions":{"forwarding":"accept"}}]}},
 {"name":"fr","type":"ipv6-acl-type","aces":{"ace":[{"name":"cl0-frdev","matches":{
   "ipv6":{"ietf-acldns:dst-dnsname":"test.example.com","protocol":6},
   "tcp":{"ietf-mud:direction-initiated":"from-device","destination-port":{"operator":"eq","port":443}}},
   "actions":{"forwarding":"accept"}}]}}]}}"#;

fn with<T>(ask: impl FnOnce(&View<'_>) -> T) -> T {
    let source = |path: &str, text: &str| SourceText { path: path.to_owned(), text: text.to_owned() };
    let (dossier, _) = dossier::read(vec![source("assay.toml", ASSAY), source("ixit/t.toml", TABLES)]);
    let (evidence, at) = (Evidence::default(), Timestamp::from_seconds(1_790_000_000));
    ask(&View { catalogue: Catalogue::of(dossier.edition()), dossier: &dossier, evidence: &evidence, at })
}

#[test]
fn what_is_written_reads_back_as_declared() {
    let (text, declared) = with(|view| {
        let written = write(view, "https://maker.example/bulb.json", view.at).unwrap();
        (written.to_string(), declared(view))
    });
    let told: Vec<String> = declared.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "others open 443/tcp from the local network",
            "the product opens 8883/tcp with 198.51.100.7",
            "the product opens 5684/udp with 198.51.100.7",
            "the product opens 443/tcp with cloud.example",
            "the product opens 8883/tcp with cloud.example",
        ]
    );
    assert_eq!(read(&text).unwrap(), declared);
    let compared = with(|view| compare(view, &read(&text).unwrap()));
    assert!(compared.declared_only.is_empty() && compared.described_only.is_empty());
    assert!(text.contains("\"mud-url\":\"https://maker.example/bulb.json\"") && text.contains("local-networks"));
}

#[test]
fn the_example_of_the_standard_is_read_and_what_the_dossier_lacks_is_proposed() {
    let described = read(EXAMPLE).unwrap();
    let told: Vec<String> = described.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["the product opens 443/tcp with test.example.com"]);
    let compared = with(|view| compare(view, &described));
    assert_eq!((compared.both.len(), compared.described_only.len(), compared.declared_only.len()), (0, 1, 5));
    assert!(proposal(&compared).contains("endpoints = [\"tcp://test.example.com:443\"]"));
}

#[test]
fn hostile_files_are_refused_or_say_nothing() {
    for none in
        ["", "[]", "{}", "{\"ietf-mud:mud\":{\"mud-version\":2}}", "{\"ietf-mud:mud\":{\"mud-version\":1}}"]
    {
        assert!(read(none).is_err(), "{none}");
    }
    assert!(read(&"[".repeat(100_000)).is_err());
    assert!(read(&" ".repeat(MOST_OCTETS + 1)).is_err());
    let evil = EXAMPLE.replace("test.example.com", "x\\\"]\\nID = \\\"y");
    assert!(!proposal(&with(|view| compare(view, &read(&evil).unwrap()))).contains("ID ="));
    let many = EXAMPLE.replace("{\"name\":\"fr\"}", &vec!["{\"name\":\"fr\"}"; 5000].join(","));
    assert!(read(&many).is_err());
    assert!(read(&EXAMPLE.replace("443", "99999999")).unwrap().iter().all(|way| way.port.is_none()));
}

#[test]
fn a_description_has_an_address_to_be_fetched_from() {
    for url in ["http://maker.example/x", "", "https://a b"] {
        assert_eq!(with(|view| write(view, url, view.at)), Err(MudError::Url(url.to_owned())));
    }
}
