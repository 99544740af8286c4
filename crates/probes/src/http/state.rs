//! The state that a resource shows as a JSON object: what of it can be sent back, and whether it is as it was.

use serde_json::{Map, Value};
use wire::http::Response;

/// The state of a resource as GET shows it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct State(Map<String, Value>);

impl State {
    /// Reads an answer; none where it is no success or no JSON object.
    pub(super) fn read(response: &Response) -> Option<Self> {
        if !(200..300).contains(&response.status) {
            return None;
        }
        match serde_json::from_slice(&response.body).ok()? {
            Value::Object(fields) if !fields.is_empty() => Some(Self(fields)),
            _ => None,
        }
    }

    /// The value of a field, by its path of names.
    pub(super) fn field(&self, path: &[String]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(self.0.get(first)?, |value, name| value.get(name))
    }

    /// What can be sent back without changing anything: secrets that are shown as stars would be overwritten by them.
    pub(super) fn writable(&self) -> Value {
        without_masks(&Value::Object(self.0.clone()))
    }

    /// Those fields that stand in a message, with their value here.
    pub(super) fn of_the_names_in(&self, sent: &Value) -> Value {
        let Value::Object(sent) = sent else { return self.writable() };
        let own = self.0.iter().filter(|(name, _)| sent.contains_key(*name));
        without_masks(&Value::Object(own.map(|(name, value)| (name.clone(), value.clone())).collect()))
    }

    /// Whether every field of a message that was sent is as it was before. Other fields, such as clocks, may move.
    pub(super) fn agrees(&self, before: &Self, sent: &Value) -> bool {
        match sent {
            Value::Object(sent) => sent.keys().all(|name| self.0.get(name) == before.0.get(name)),
            _ => self == before,
        }
    }

    /// Names in a message that this state does not show: they cannot be put back.
    pub(super) fn lacks(&self, sent: &Value) -> Vec<String> {
        let Value::Object(sent) = sent else { return Vec::new() };
        sent.keys().filter(|name| !self.0.contains_key(*name)).cloned().collect()
    }
}

fn without_masks(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(_, value)| !is_mask(value));
            Value::Object(kept.map(|(name, value)| (name.clone(), without_masks(value))).collect())
        }
        other => other.clone(),
    }
}

fn is_mask(value: &Value) -> bool {
    let Value::String(text) = value else { return false };
    text.chars().count() >= 3 && text.chars().all(|character| matches!(character, '*' | '•' | '●'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn state(value: &Value) -> State {
        State::read(&Response { status: 200, body: value.to_string().into_bytes(), ..Response::default() })
            .unwrap()
    }

    #[test]
    fn a_masked_secret_is_not_sent_back() {
        let shown = state(&json!({"ssid": "home", "key": "********", "inner": {"pin": "****", "on": true}}));
        assert_eq!(shown.writable(), json!({"ssid": "home", "inner": {"on": true}}));
        assert_eq!(shown.of_the_names_in(&json!({"ssid": "x", "key": "y"})), json!({"ssid": "home"}));
    }

    #[test]
    fn only_what_was_sent_has_to_agree() {
        let (before, after) = (state(&json!({"on": true, "uptime": 1})), state(&json!({"on": true, "uptime": 2})));
        assert!(after.agrees(&before, &json!({"on": false})));
        assert!(!after.agrees(&before, &json!({"uptime": 1})));
    }
}
