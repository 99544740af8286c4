//! The security-relevant configuration. The wireless key is written, never read back.

use serde_json::{Value, json};

use super::{Outcome, Turn, input, session};
use crate::accounts::Role;
use crate::crew::lock;
use crate::faults::Fault;
use crate::http::Response;
use crate::settings::Configuration;

const FIELDS: &[&str] = &["wifi_ssid", "wifi_key", "remote_access", "ntp_server", "auto_update"];

/// `GET /api/v1/config`.
pub(super) fn read(turn: &mut Turn<'_>) -> Outcome {
    session::with_role(turn, Role::Admin)?;
    Ok(Response::json(200, &shown(&lock(&turn.plug.settings).configuration)))
}

/// `PUT /api/v1/config`: any of the fields.
pub(super) fn write(turn: &mut Turn<'_>) -> Outcome {
    let cross_site = turn.plug.has(Fault::ConfigCrossSite);
    let before_setup = turn.plug.has(Fault::ConfigOpenBeforeSetup) && !lock(&turn.plug.settings).initialized;
    if !turn.plug.has(Fault::ConfigUnauthenticated) && !before_setup {
        let least = if turn.plug.has(Fault::GuestCanConfigure) { Role::Guest } else { Role::Admin };
        session::with_role(turn, least)?;
    }
    if !cross_site {
        session::own_page(turn)?;
    }
    let map = if cross_site { input::object_of_any_type(turn, FIELDS)? } else { input::object(turn, FIELDS)? };
    let ssid = input::text(turn, &map, "wifi_ssid", 1..=32)?;
    let key = input::text(turn, &map, "wifi_key", 8..=63)?;
    let remote = input::flag(turn, &map, "remote_access")?;
    let ntp = input::text(turn, &map, "ntp_server", 1..=253)?;
    let auto = input::flag(turn, &map, "auto_update")?;
    if turn.plug.has(Fault::InputBlindCommand)
        && let Some(seconds) = ntp.as_deref().and_then(waits)
    {
        std::thread::sleep(std::time::Duration::from_secs(seconds.min(3)));
    }
    let injectable = turn.plug.has(Fault::InputCommandInjection);
    if !injectable && ntp.as_deref().is_some_and(|name| !is_host_name(name)) {
        return Err(input::wrong("ntp_server: a host name is expected"));
    }
    let printed = ntp.as_deref().filter(|_| injectable).and_then(command_output);

    let mut settings = lock(&turn.plug.settings);
    let configuration = &mut settings.configuration;
    replace(&mut configuration.wifi_ssid, ssid);
    replace(&mut configuration.wifi_key, key);
    replace(&mut configuration.remote_access, remote);
    replace(&mut configuration.ntp_server, ntp);
    replace(&mut configuration.auto_update, auto);
    let mut answer = shown(configuration);
    if let Some(printed) = printed {
        answer["ntp_check"] = Value::String(printed);
    }
    Ok(Response::json(200, &answer))
}

fn replace<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

fn shown(configuration: &Configuration) -> Value {
    json!({
        "wifi_ssid": configuration.wifi_ssid,
        "remote_access": configuration.remote_access,
        "ntp_server": configuration.ntp_server,
        "auto_update": configuration.auto_update,
    })
}

/// RFC 1123, 2.1: letters, digits, hyphens inside, dots between.
fn is_host_name(name: &str) -> bool {
    name.split('.').all(|part| {
        (1..=63).contains(&part.len())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    })
}

/// How long a shell would have slept for the field. Nothing is executed.
fn waits(field: &str) -> Option<u64> {
    let rest = [";sleep ", "$(sleep ", "`sleep ", "|sleep "].iter().find_map(|mark| field.split_once(mark))?.1;
    rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()
}

/// What a shell would have printed for the arithmetic in the field. Nothing is executed: only `expr A op B` and
/// `$((A op B))` are computed, which is enough to show that the field reaches a command line.
fn command_output(field: &str) -> Option<String> {
    let reached = ["$(", "`", ";", "|", "&&"].iter().any(|mark| field.contains(mark));
    let (_, rest) = field.split_once("expr ").or_else(|| field.split_once("$(("))?;
    let term: String = rest
        .chars()
        .filter(|character| !matches!(character, '\\' | '\'' | '"' | ' '))
        .take_while(|character| character.is_ascii_digit() || "*+-/".contains(*character))
        .collect();
    let at = term.find(['*', '+', '-', '/'])?;
    let left: i64 = term[..at].parse().ok()?;
    let right: i64 = term[at + 1..].parse().ok()?;
    let value = match &term[at..=at] {
        "*" => left.checked_mul(right),
        "+" => left.checked_add(right),
        "-" => left.checked_sub(right),
        _ => left.checked_div(right),
    };
    value.filter(|_| reached).map(|value| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_of_a_shell_is_computed_and_plain_names_are_not() {
        let printed = |field| command_output(field);
        assert_eq!(printed("x$(expr 7 \\* 191)").as_deref(), Some("1337"));
        assert_eq!(printed("x;expr 3 + 4").as_deref(), Some("7"));
        assert_eq!(printed("x`expr 9 - 4`").as_deref(), Some("5"));
        assert_eq!(printed("x$((7*191))").as_deref(), Some("1337"));
        assert_eq!(printed("pool.ntp.invalid"), None);
        assert_eq!(printed("expr 7 * 191"), None);
    }

    #[test]
    fn host_names_are_told_from_other_text() {
        assert!(is_host_name("ntp.lumen.invalid") && is_host_name("192.0.2.7"));
        for bad in ["", "a b", "a;b", "-a", "a..b", "a/../b", "$(id)"] {
            assert!(!is_host_name(bad), "{bad}");
        }
    }
}
