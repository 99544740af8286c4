//! One input under trial: the well-formed request first, then each wrong one, the state put back between and after.

use model::{ShortfallKind, input_class};
use serde_json::Value;
use wire::api::sample;
use wire::http::{Request, Response};

use super::super::answer::Answer;
use super::super::exchange::NoAnswer;
use super::super::session::{Login, NoSession, Session};
use super::super::state::State;
use super::form::{Field, Form, Message, Payload, path};
use super::outcome::{Case, Stored, effect, internals, judge};
use super::violations::{Mark, Violation, violations};
use super::{Before, InputLog, Limit, Parameters, Uptime};
use crate::Bench;

/// Fields of one request that are tried, the message as a whole apart.
const MOST_FIELDS: usize = 24;
/// Waits for an answer until a service that crashed counts as gone for good.
const MOST_WAITS: u32 = 20;

/// Why an input is left: a shortfall.
pub(super) type Left = (ShortfallKind, String);

/// Who sends, and how much more may be sent.
pub(super) struct Subject<'a> {
    pub(super) login: Option<&'a Login>,
    pub(super) session: Option<Session>,
    no_session: Option<NoSession>,
    uptime: Option<&'a Uptime>,
    left: u32,
    until: Option<u64>,
}

impl<'a> Subject<'a> {
    pub(super) fn new(
        parameters: &'a Parameters,
        session: Option<Session>,
        no_session: Option<NoSession>,
        (left, until): (u32, Option<u64>),
    ) -> Self {
        let (login, uptime) = (parameters.login.as_ref(), parameters.uptime.as_ref());
        Self { login, session, no_session, uptime, left, until }
    }

    /// Takes one request from the budget; false where it is used up.
    pub(super) fn spend(&mut self, bench: &dyn Bench) -> bool {
        let late = self.until.is_some_and(|until| bench.elapsed_millis() > until);
        if self.left > 0 && !late {
            self.left -= 1;
            return true;
        }
        false
    }

    /// Requests that are left.
    pub(super) fn left(&self) -> u32 {
        self.left
    }
}

/// As whom a request is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum As {
    Nobody,
    Entitled,
}

/// What a well-formed request leads to.
pub(super) struct Plain {
    pub(super) form: Form,
    pub(super) who: As,
    pub(super) response: Response,
    life: u16,
    before: Option<State>,
    /// The state after the well-formed request: what a wrong one must not change.
    pub(super) state: Option<State>,
    /// Whether it was refused itself: then refusals prove nothing, and only findings are kept.
    pub(super) refused: bool,
    /// Milliseconds it took.
    pub(super) millis: u64,
}

/// One input under trial.
pub(super) struct Trial<'a, 'b> {
    pub(super) subject: &'a mut Subject<'b>,
    pub(super) bench: &'a mut dyn Bench,
    pub(super) log: &'a mut InputLog,
    /// Milliseconds that the last request took.
    pub(super) millis: u64,
}

impl<'a, 'b> Trial<'a, 'b> {
    pub(super) fn new(subject: &'a mut Subject<'b>, bench: &'a mut dyn Bench, log: &'a mut InputLog) -> Self {
        Self { subject, bench, log, millis: 0 }
    }

    pub(super) fn run(&mut self) -> Result<(), Left> {
        let form = Form::of(&self.log.input).map_err(|why| (ShortfallKind::Unsupported, why))?;
        if form.fields().is_empty() && !self.log.input.guarded {
            return Err((ShortfallKind::Missing, "there is no field: neither a query nor an example".to_owned()));
        }
        for who in self.ways(&form)? {
            let up = self.uptime();
            let plain = self.prepare(form.clone(), who)?;
            self.log.due = due(&plain.form, &self.log.input.limits);
            let mut attacked = self.attack_all(&plain);
            if attacked.is_ok() && !plain.refused {
                attacked = self.order(&plain).and_then(|()| self.access(&plain));
            }
            if let Err(missed) = self.restore(&plain) {
                self.log.missed.push(missed);
            }
            self.restarted(up, &plain)?;
            attacked?;
        }
        Ok(())
    }

    /// Whether to send as nobody, as the entitled subject, or both. A page for everybody is tried as everybody sees
    /// it; where that is a login page, there may be another one behind it.
    fn ways(&mut self, form: &Form) -> Result<Vec<As>, Left> {
        if form.method != "GET" || form.body().is_some() {
            return Ok(vec![As::Entitled]);
        }
        let open = self.once(form, &form.message(), As::Nobody);
        let open = open.map_err(|error| (error.shortfall(), error.to_string()))?;
        let answer = Answer::of(&open, &form.target);
        let has_session = self.subject.session.is_some();
        Ok(match (answer.status, answer.asks_login && has_session) {
            (200..300, false) => vec![As::Nobody],
            (200..300, true) => vec![As::Nobody, As::Entitled],
            _ => vec![As::Entitled],
        })
    }

    fn prepare(&mut self, mut form: Form, who: As) -> Result<Plain, Left> {
        let life = self.life().map_err(|error| (error.shortfall(), format!("GET /: {error}")))?;
        if let Some(why) = self.subject.no_session.clone().filter(|_| who == As::Entitled) {
            return Err(why);
        }
        let before = if form.method == "GET" { None } else { self.state(&form.target) };
        if let (Some(before), Some(Value::Object(fields))) = (&before, form.values()) {
            let lacking = before.lacks(&Value::Object(fields.clone()));
            let given =
                |name: &String| fields.get(name).is_some_and(|value| value.to_string().contains("$after."));
            for name in lacking.into_iter().filter(|name| !given(name)) {
                form = form.without(&name).unwrap_or(form);
                let text = format!("{name} is not tried: what it holds cannot be read, and so not be put back");
                self.log.missed.push((ShortfallKind::Missing, text));
            }
        }
        if !self.log.input.found.is_empty() && form.method != "GET" {
            form = as_it_is(&form, before.as_ref()).ok_or((
                ShortfallKind::Missing,
                "it is not sent: what it changes cannot be read, and so not be put back".to_owned(),
            ))?;
        }
        let response = self.once(&form, &form.message(), who);
        let response = response
            .map_err(|error| (error.shortfall(), format!("the well-formed request got no answer: {error}")))?;
        let millis = self.millis;
        let answer = Answer::of(&response, &form.target);
        let refused =
            answer.status >= 400 || answer.says_error || (who == As::Entitled && answer.leads_to_login());
        if refused {
            let text =
                format!("the well-formed request is answered with {}: refusals prove nothing", answer.told());
            if matches!(answer.status, 401 | 403 | 405 | 501) || answer.leads_to_login() {
                return Err((ShortfallKind::Missing, text));
            }
            self.log.missed.push((ShortfallKind::Missing, text));
            if answer.status >= 500 {
                let violation = Violation::new("well-formed", "as described");
                let told = self.told(&form, &form.message());
                self.log.cases.push(Case { reproduction: told, ..Case::of("message", violation, Ok(answer)) });
            }
        }
        let state = if before.is_some() { self.state(&form.target) } else { None };
        Ok(Plain { form, who, response, life, before, state, refused, millis })
    }

    fn attack_all(&mut self, plain: &Plain) -> Result<(), Left> {
        let mut all = plain.form.fields();
        let beyond = all.iter().filter(|field| **field != Field::Whole).count().saturating_sub(MOST_FIELDS);
        if beyond > 0 {
            let mut count = 0;
            all.retain(|field| {
                count += usize::from(*field != Field::Whole);
                *field == Field::Whole || count <= MOST_FIELDS
            });
            self.log.missed.push((ShortfallKind::Limit, format!("{beyond} further fields were not tried")));
        }
        all.iter().try_for_each(|field| self.attack(plain, field))
    }

    fn attack(&mut self, plain: &Plain, field: &Field) -> Result<(), Left> {
        let numbers = (self.factor(), self.factor());
        let limits = self.log.input.limits.clone();
        for (number, (violation, message)) in
            violations(field, &plain.form, &limits, numbers).into_iter().enumerate()
        {
            let crashed = |case: &Case| !case.alive && case.violation.name == violation.name;
            if self.log.cases.iter().any(crashed) {
                // Once is proof; the same blow to another field would only bring the service down again.
                continue;
            }
            let mut case = self.case(plain, field, violation, &message)?;
            let (result, _) = judge(&case);
            if matches!(result, "error" | "effect" | "crash") {
                case.reproduction = match case.alive {
                    true => self.minimised(plain, field, (number, numbers), &case, &message)?,
                    false => self.told(&plain.form, &message),
                };
            }
            if self.keep(plain, case)? {
                return Ok(());
            }
        }
        if plain.refused { Ok(()) } else { self.questions(plain, field) }
    }

    /// Keeps a case, and waits for the service where it brought it down. True where the field is to be left: an attack
    /// ends with its first success.
    pub(super) fn keep(&mut self, plain: &Plain, case: Case) -> Result<bool, Left> {
        let (result, _) = judge(&case);
        let is_dead = !case.alive;
        if !plain.refused || matches!(result, "error" | "effect" | "crash") {
            self.log.cases.push(case);
        }
        if is_dead {
            self.wait_for_life(plain)?;
        }
        Ok(matches!(result, "effect" | "crash"))
    }

    pub(super) fn case(
        &mut self,
        plain: &Plain,
        field: &Field,
        violation: Violation,
        message: &Message,
    ) -> Result<Case, Left> {
        let form = &plain.form;
        let mut got = self.once(form, message, plain.who);
        if matches!(got, Err(NoAnswer::Gone)) && !violation.is_too_much() && self.is_alive(plain) {
            // Small servers drop a connection now and then; a second time it is an answer.
            got = self.once(form, message, plain.who);
        }
        if let Err(error) = &got
            && [ShortfallKind::Limit, ShortfallKind::Missing].contains(&error.shortfall())
        {
            return Err((error.shortfall(), format!("{}: {error}", violation.name)));
        }
        let is_odd = got.as_ref().map_or(true, |response| response.status >= 500);
        let millis = self.millis;
        let alive = if is_odd || violation.is_too_much() { self.is_alive(plain) } else { true };
        self.millis = millis;
        let answer = match &got {
            Ok(response) => Ok(Answer::of(response, &message.target)),
            Err(error) => Err((error.shortfall(), error.to_string())),
        };
        let mut case = Case { alive, ..Case::of(&field.name(), violation, answer) };
        if let Ok(response) = got {
            case.effect = effect(&response, &case.violation.mark, &plain.response);
            case.internals = internals(&response, &plain.response);
            if response.status < 400 {
                self.look_behind(plain, field, message, &mut case);
            }
        }
        Ok(case)
    }

    /// Looks at what a request that was not refused has stored, and puts the well-formed value back.
    fn look_behind(&mut self, plain: &Plain, field: &Field, message: &Message, case: &mut Case) {
        if plain.form.method == "GET" {
            case.stored = Stored::Nothing;
            return;
        }
        let Some(state) = &plain.state else {
            case.stored = Stored::Unreadable;
            return;
        };
        let Ok(shown) = self.get(path(&plain.form.target), As::Entitled) else {
            case.stored = Stored::Unreadable;
            return;
        };
        let mark = case.violation.mark.clone();
        case.effect = case.effect.take().or_else(|| effect(&shown, &mark, &plain.response));
        if matches!(mark, Mark::Tag(_) | Mark::Number(_)) && case.effect.is_none() {
            // What is stored may act where it is shown: on the start page.
            let page = self.get("/", As::Entitled);
            case.effect = page.ok().and_then(|page| effect(&page, &mark, &plain.response));
        }
        let Some(after) = State::read(&shown) else {
            case.stored = Stored::Unreadable;
            return;
        };
        let example = plain.form.values().unwrap_or(Value::Null);
        let unchanged = after.agrees(state, &example);
        let is_in_json = matches!(plain.form.payload, Payload::Json(_));
        case.stored = match field {
            Field::Body(path) if state.field(path).is_none() => {
                if unchanged {
                    Stored::Unchanged
                } else {
                    Stored::Broken("other fields".to_owned())
                }
            }
            Field::Body(path) => {
                // What is no text may be replaced on its way in; then it is not as it was sent.
                let sent =
                    plain.form.sent(message).filter(|_| case.violation.name != "invalid-text" || is_in_json);
                let sent =
                    sent.as_ref().and_then(|sent| path.iter().try_fold(sent, |value, name| value.get(name)));
                let after = after.field(path);
                // Outside JSON a number is sent as its text.
                let as_text = |own: &Value| sent.is_some_and(|sent| *sent == sample::plain(own));
                let sent = if !is_in_json && after.is_some_and(as_text) { after } else { sent };
                Stored::compare(state.field(path), after, sent)
            }
            Field::Whole if after.field(&["assay_extra".to_owned()]).is_some() => Stored::AsSent,
            _ if unchanged => Stored::Unchanged,
            _ => Stored::Broken("other fields".to_owned()),
        };
        let extra = ["assay_extra".to_owned()];
        let has_extra = after.field(&extra).is_some();
        if !unchanged || has_extra {
            self.once(&plain.form, &plain.form.message(), plain.who).ok();
        }
        if has_extra && self.state(&plain.form.target).is_none_or(|state| state.field(&extra).is_some()) {
            let text = "the name assay_extra was taken and cannot be taken away again".to_owned();
            if !self.log.missed.iter().any(|(_, told)| *told == text) {
                self.log.missed.push((ShortfallKind::NotRestored, text));
            }
        }
    }

    /// Puts the state back to what it was before the first request, and proves it.
    fn restore(&mut self, plain: &Plain) -> Result<(), Left> {
        if plain.form.method == "GET" || (plain.refused && plain.before.is_none()) {
            return Ok(());
        }
        let not_restored = |why: &str| Err((ShortfallKind::NotRestored, why.to_owned()));
        let (Some(before), Some(example)) = (&plain.before, plain.form.values()) else {
            return not_restored("the state cannot be read, and so not be shown to be as before");
        };
        let mut values = before.of_the_names_in(&example);
        if let (Value::Object(values), Value::Object(example)) = (&mut values, &example) {
            // What is given anew each time is no part of the state.
            let given = example.iter().filter(|(_, value)| value.to_string().contains("$after."));
            values.extend(given.map(|(name, value)| (name.clone(), value.clone())));
        }
        let form = plain.form.with_values(&values);
        self.once(&form, &form.message(), plain.who).ok();
        match self.state(&plain.form.target) {
            Some(after) if after.agrees(before, &example) => Ok(()),
            Some(_) => not_restored("the state is another than before"),
            None => not_restored("the state could not be read again"),
        }
    }

    /// Sends once, after what has to come before it.
    pub(super) fn once(&mut self, form: &Form, message: &Message, who: As) -> Result<Response, NoAnswer> {
        match self.log.input.after.clone() {
            None => self.send(&form.method, message, who),
            Some(before) => {
                let message = self.filled(&before, message, who)?;
                self.send(&form.method, &message, who)
            }
        }
    }

    /// Sends what has to come before, and fills in what its answer gives.
    pub(super) fn filled(&mut self, before: &Before, message: &Message, who: As) -> Result<Message, NoAnswer> {
        let (method, target) = before.request.split_once(' ').unwrap_or(("POST", &before.request));
        let body = (!before.example.is_empty()).then(|| before.example.clone().into_bytes());
        let first = Message {
            target: target.trim().to_owned(),
            media: "application/json".to_owned(),
            headers: Vec::new(),
            body,
        };
        let answer = self.send(method, &first, who)?;
        let given = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
        Ok(with_given(message, &given))
    }

    /// Sends exactly this; a session that has ended is opened again.
    pub(super) fn send(&mut self, method: &str, message: &Message, who: As) -> Result<Response, NoAnswer> {
        let response = self.send_as(method, message, who)?;
        let ended = response.status == 401 || Answer::of(&response, &message.target).leads_to_login();
        let is_own_door = |login: &Login| login.door.path.as_deref() == Some(message.target.as_str());
        match self.subject.login.filter(|login| who == As::Entitled && ended && !is_own_door(login)) {
            Some(login) => {
                let Ok(session) = Session::open(login, self.bench) else { return Ok(response) };
                self.subject.session = Some(session);
                self.send_as(method, message, who)
            }
            None => Ok(response),
        }
    }

    fn send_as(&mut self, method: &str, message: &Message, who: As) -> Result<Response, NoAnswer> {
        if !self.subject.spend(self.bench) {
            return Err(NoAnswer::Connect(crate::ConnectError::Limit));
        }
        let server = self.log.input.server.clone();
        let nobody = Session::default();
        let own = self.subject.session.as_ref();
        let session = match who {
            As::Nobody => &nobody,
            As::Entitled => own.unwrap_or(&nobody),
        };
        let mut request: Request = server.request(method, &message.target);
        for (name, value) in &message.headers {
            request = request.raw_line(&[name.as_bytes(), b": ", value].concat());
        }
        if let Some(body) = &message.body {
            request = request.body(&message.media, body);
        }
        let began = self.bench.elapsed_millis();
        let response = session.send_request(&server, (method, &message.target), request, &[], self.bench);
        self.millis = self.bench.elapsed_millis().saturating_sub(began);
        response
    }

    pub(super) fn get(&mut self, target: &str, who: As) -> Result<Response, NoAnswer> {
        self.send("GET", &Message { target: target.to_owned(), ..Message::default() }, who)
    }

    fn state(&mut self, target: &str) -> Option<State> {
        State::read(&self.get(path(target), As::Entitled).ok()?)
    }

    fn life(&mut self) -> Result<u16, NoAnswer> {
        self.get("/", As::Nobody).map(|response| response.status)
    }

    /// Whether the service answers a plain request as it did at first; it is asked a second time after a moment.
    pub(super) fn is_alive(&mut self, plain: &Plain) -> bool {
        let mut lives = || match self.life() {
            // What is not asked for want of budget says nothing against it.
            Err(NoAnswer::Connect(crate::ConnectError::Limit)) => true,
            life => life.is_ok_and(|status| status < 500 || status == plain.life),
        };
        if lives() {
            return true;
        }
        let moment = self.bench.wait() / 4;
        self.bench.pause(moment);
        self.life().is_ok_and(|status| status < 500 || status == plain.life)
    }

    fn wait_for_life(&mut self, plain: &Plain) -> Result<(), Left> {
        let wait = self.bench.wait();
        let back = (0..MOST_WAITS).any(|_| self.bench.pause(wait) && self.is_alive(plain));
        if back { Ok(()) } else { Err((ShortfallKind::Silence, "the service did not come back".to_owned())) }
    }

    /// For how long the product says it has been running.
    fn uptime(&mut self) -> Option<f64> {
        let uptime = self.subject.uptime?;
        let own = std::mem::replace(&mut self.log.input.server, uptime.server.clone());
        let answer = self.get(&uptime.path, As::Entitled);
        self.log.input.server = own;
        serde_json::from_slice::<Value>(&answer.ok()?.body).ok()?.get(&uptime.name)?.as_f64()
    }

    /// A product that says it has been running for less time than before has restarted, however quickly it came back.
    fn restarted(&mut self, before: Option<f64>, plain: &Plain) -> Result<(), Left> {
        let (Some(before), Some(now)) = (before, self.uptime()) else { return Ok(()) };
        if now >= before || self.log.cases.iter().any(|case| !case.alive) {
            return Ok(());
        }
        let violation = Violation::new("restarted", format!("the wrong inputs to {}", plain.form.target));
        let why = format!("running for {before}, then for {now}");
        let case = Case::of("message", violation, Err((ShortfallKind::Silence, why)));
        self.log.cases.push(Case { alive: false, ..case });
        Ok(())
    }

    /// A factor of four digits; the product of two is no number that stands on a page by chance.
    pub(super) fn factor(&mut self) -> u64 {
        let mut random = [0; 2];
        self.bench.random(&mut random);
        4001 + u64::from(u16::from_le_bytes(random)) % 5000
    }
}

/// The request with what is there already: by itself, one that nobody declared changes nothing.
fn as_it_is(form: &Form, before: Option<&State>) -> Option<Form> {
    let example = form.values().filter(Value::is_object)?;
    let values = before?.of_the_names_in(&example);
    let is_empty = values.as_object().is_none_or(serde_json::Map::is_empty);
    (!is_empty).then(|| form.with_values(&values))
}

/// The classes that each field has to be broken in, as its kind allows, and the message as a whole in its order.
fn due(form: &Form, limits: &[Limit]) -> Vec<(String, String)> {
    let mut due: Vec<(String, String)> = Vec::new();
    for field in form.fields().iter().take(MOST_FIELDS) {
        for (violation, _) in violations(field, form, limits, (1, 1)) {
            let one = input_class(&violation.name).map(|class| (field.name(), class.to_owned()));
            due.extend(one.filter(|one| !due.contains(one)));
        }
    }
    due.push(("message".to_owned(), "order".to_owned()));
    due
}

/// The message with what an earlier answer gives in place of `$after.NAME`.
pub(super) fn with_given(message: &Message, given: &Value) -> Message {
    let mut message = message.clone();
    for (name, value) in given.as_object().into_iter().flatten().take(50) {
        let (mark, text) = (format!("$after.{name}"), sample::plain(value));
        message.target = message.target.replace(&mark, &wire::http::percent_encoded(&text));
        if let Some(body) = &mut message.body {
            while let Some(at) = body.windows(mark.len()).position(|window| window == mark.as_bytes()) {
                body.splice(at..at + mark.len(), text.bytes().filter(|byte| *byte != b'$'));
            }
        }
    }
    message
}
