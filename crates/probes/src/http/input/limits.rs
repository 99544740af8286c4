//! What a description says a field may hold, and values just beyond it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wire::api::{Kind, Schema};

/// Characters of a value that is longer than allowed.
const MOST: u64 = 70_000;

/// What a field may hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    /// Its name as the reading tells it: `a.b` in a message, `?q`, `{id}`, `X-Mode:`.
    pub field: String,
    /// `boolean`, `integer`, `number`, `text`, `list`, `object`; empty where nothing is said.
    #[serde(default)]
    pub kind: String,
    /// Whether null is allowed.
    #[serde(default)]
    pub nullable: bool,
    /// Least value allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<f64>,
    /// Greatest value allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub greatest: Option<f64>,
    /// Fewest characters or elements allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shortest: Option<u64>,
    /// Most characters or elements allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest: Option<u64>,
    /// Whether the allowed values are listed.
    #[serde(default)]
    pub listed: bool,
    /// `date-time`, `uuid`, `ipv4`, where a text has to have that form.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub format: String,
}

impl Limit {
    /// The limits of a schema; an excluded end of a range counts as the next whole number inside it.
    pub fn of(field: String, schema: &Schema) -> Self {
        let kind = match schema.kind {
            Kind::Any => "",
            Kind::Boolean => "boolean",
            Kind::Integer => "integer",
            Kind::Number => "number",
            Kind::Text => "text",
            Kind::List => "list",
            Kind::Object => "object",
        };
        let inside = |end: Option<f64>, excluded: bool, step: f64| match (end, excluded, schema.kind) {
            (Some(end), true, Kind::Integer) => Some(end + step),
            (end, ..) => end,
        };
        Self {
            field,
            kind: kind.to_owned(),
            nullable: schema.nullable,
            least: inside(schema.minimum, schema.exclusive_minimum, 1.0),
            greatest: inside(schema.maximum, schema.exclusive_maximum, -1.0),
            shortest: schema.shortest,
            longest: schema.longest,
            listed: !schema.choices.is_empty(),
            format: schema.format.clone().unwrap_or_default(),
        }
    }

    /// The text of a field outside JSON as the value it stands for.
    pub(super) fn read(&self, text: &str) -> Value {
        match self.kind.as_str() {
            "integer" | "number" | "boolean" => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
            _ => json!(text),
        }
    }
}

/// Values that break one declared limit and nothing else, with what each breaks.
pub(super) fn beyond(limit: &Limit, own: &Value) -> Vec<(&'static str, Value)> {
    let mut found = Vec::new();
    let is_number = matches!(limit.kind.as_str(), "integer" | "number");
    if is_number {
        let whole = |value: f64| {
            if value.fract() == 0.0 && value.abs() < 9e15 { json!(value as i64) } else { json!(value) }
        };
        found.extend(limit.least.map(|least| ("out-of-range", whole(least - 1.0))));
        found.extend(limit.greatest.map(|greatest| ("out-of-range", whole(greatest + 1.0))));
        if limit.kind == "integer" {
            let half = own.as_f64().unwrap_or(limit.least.unwrap_or(0.0)).floor() + 0.5;
            found.push(("wrong-type", json!(half)));
        }
        found.push(("wrong-type", json!("assay")));
    }
    if limit.kind == "boolean" {
        found.push(("wrong-type", json!("assay")));
    }
    if limit.listed {
        found.push(("not-a-choice", if is_number { json!(987_654_321) } else { json!("assay-none") }));
    }
    if limit.kind == "text" && !limit.listed {
        if let Some(longest) = limit.longest.filter(|longest| *longest < MOST) {
            let text = own.as_str().filter(|text| !text.is_empty()).unwrap_or("a");
            let longer = text.chars().cycle().take(usize::try_from(longest).unwrap_or(0) + 1).collect::<String>();
            found.push(("too-long", json!(longer)));
        }
        if let Some(shortest @ 1..) = limit.shortest {
            let text = own.as_str().unwrap_or("a");
            let kept = usize::try_from(shortest).unwrap_or(1) - 1;
            found.push(("too-short", json!(text.chars().cycle().take(kept).collect::<String>())));
        }
        if matches!(limit.format.as_str(), "date-time" | "date" | "uuid" | "ipv4" | "ipv6" | "email") {
            found.push(("wrong-form", json!("assay no form")));
        }
    }
    if let (Value::Array(elements), "list") = (own, limit.kind.as_str()) {
        let element = elements.first().cloned().unwrap_or(json!("assay"));
        let most = limit.longest.filter(|longest| *longest < 1000);
        found.extend(most.map(|most| ("too-long", (0..=most).map(|_| element.clone()).collect())));
        found.extend(limit.shortest.filter(|least| *least > 0).map(|_| ("too-short", json!([]))));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_is_broken_by_one() {
        let whole =
            Limit { kind: "integer".to_owned(), least: Some(1.0), greatest: Some(9.0), ..Limit::default() };
        let told = beyond(&whole, &json!(5));
        let wanted = [
            ("out-of-range", json!(0)),
            ("out-of-range", json!(10)),
            ("wrong-type", json!(5.5)),
            ("wrong-type", json!("assay")),
        ];
        assert_eq!(told, wanted);
        let text = Limit { kind: "text".to_owned(), shortest: Some(2), longest: Some(4), ..Limit::default() };
        assert_eq!(beyond(&text, &json!("xy")), [("too-long", json!("xyxyx")), ("too-short", json!("x"))]);
        let listed = Limit { kind: "text".to_owned(), listed: true, ..Limit::default() };
        assert_eq!(beyond(&listed, &json!("on")), [("not-a-choice", json!("assay-none"))]);
    }

    #[test]
    fn an_excluded_end_counts_as_the_next_inside() {
        let schema =
            Schema { kind: Kind::Integer, minimum: Some(0.0), exclusive_minimum: true, ..Schema::default() };
        assert_eq!(Limit::of("x".to_owned(), &schema).least, Some(1.0));
    }
}
