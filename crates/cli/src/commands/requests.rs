//! `assay requests`: evidence that was asked for, from whom, and what came of it.

use std::fmt::Write as _;
use std::path::Path;

use app::requests::{self, Ask, Asked, Changed, Handed, Listed, Request, RequestId, RequestsError, Secret};
use app::tasks::TaskId;
use app::upload::Upload;
use model::Timestamp;
use serde_json::{Value, json};

use crate::args::requests::{Requests, RequestsAnswer, RequestsAsk, RequestsCommand, RequestsList};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

const NOTHING: &str = "nothing was recorded";

/// Does what the subcommand says.
pub(crate) fn run(out: &mut Output, args: &Requests) -> Result<Exit, Failure> {
    let now = app::now();
    let failed = |e: RequestsError| Failure::new(e, NOTHING);
    let id = |text: &String| RequestId::from_text(text);
    let (changed, id) = match &args.command {
        RequestsCommand::List(list) => return show(out, list),
        RequestsCommand::Ask(args) => return ask(out, args, now),
        RequestsCommand::Answer(args) => {
            let id = id(&args.request);
            (requests::answer(&args.folder, &id, &handed(args)?, now).map_err(failed)?, id)
        }
        RequestsCommand::Accept(args) => {
            let id = id(&args.request);
            let changed = requests::accept(&args.folder, &id, None, &args.remark, &args.by, now);
            (changed.map_err(failed)?, id)
        }
        RequestsCommand::Return(args) => {
            let id = id(&args.request);
            let changed = requests::send_back(&args.folder, &id, None, &args.because, &args.by, now);
            (changed.map_err(failed)?, id)
        }
        RequestsCommand::Withdraw(args) => {
            let id = id(&args.request);
            let changed = requests::withdraw(&args.folder, &id, None, &args.because, &args.by, now);
            (changed.map_err(failed)?, id)
        }
        RequestsCommand::Link(args) => {
            let id = id(&args.request);
            let (secret, changed) = requests::renew_link(&args.folder, &id, &args.by, now).map_err(failed)?;
            tell_link(out, &args.folder, &id, &secret);
            (changed, id)
        }
    };
    said(out, &changed, &id);
    Ok(Exit::Ok)
}

fn said(out: &mut Output, changed: &Changed, id: &RequestId) {
    let state = changed.requests.get(id).map(|request| request.state().as_str()).unwrap_or_default();
    out.say(&format!("recorded as number {}: {id} is {state}", changed.seq));
}

fn tell_link(out: &mut Output, folder: &Path, id: &RequestId, secret: &Secret) {
    let whole = folder.canonicalize().ok();
    let product = whole.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    out.data(&format!("{id}  {}\n", requests::path(&product.unwrap_or_default(), secret)));
    out.say("the link is told once; it stands below the address of `assay serve`, and whoever has it can answer");
}

fn ask(out: &mut Output, args: &RequestsAsk, now: Timestamp) -> Result<Exit, Failure> {
    let due = args.due.as_deref().map(Timestamp::parse).transpose();
    let due =
        due.map_err(|e| Failure::new(std::io::Error::other(format!("read the date of `--due`: {e}")), NOTHING))?;
    let unknown = |id: &str| {
        let why = format!("ask for what a task waits for: there is no open task {id}");
        Failure::new(std::io::Error::other(why), NOTHING)
    };
    let mut ask = match &args.task {
        None => Ask {
            kind: "document".to_owned(),
            scope: String::new(),
            period: None,
            about: Vec::new(),
            criterion: Vec::new(),
            of: args.of.clone(),
            due: requests::due(&args.folder, now).map_err(|e| Failure::new(e, NOTHING))?,
            task: None,
        },
        Some(id) => requests::ask_of_task(&args.folder, &TaskId::from_text(id), &args.of, now)
            .map_err(|e| Failure::new(e, NOTHING))?
            .ok_or_else(|| unknown(id))?,
    };
    if let Some(scope) = &args.scope {
        ask.scope.clone_from(scope);
    }
    if let Some(kind) = &args.kind {
        ask.kind.clone_from(kind);
    }
    if !args.about.is_empty() {
        ask.about.clone_from(&args.about);
    }
    if !args.accept_when.is_empty() {
        ask.criterion.clone_from(&args.accept_when);
    }
    ask.period = args.period;
    ask.due = due.unwrap_or(ask.due);
    let asked =
        requests::ask(&args.folder, &[ask], args.link, &args.by, now).map_err(|e| Failure::new(e, NOTHING))?;
    tell_asked(out, &args.folder, &asked);
    Ok(Exit::Ok)
}

/// Tells what was asked, and each link, once.
pub(super) fn tell_asked(out: &mut Output, folder: &Path, asked: &Asked) {
    for (id, secret) in &asked.requests {
        if let Some(secret) = secret {
            tell_link(out, folder, id, secret);
        }
        said(out, &asked.changed, id);
    }
}

fn handed(args: &RequestsAnswer) -> Result<Handed, Failure> {
    let read = |at: &std::path::PathBuf| {
        let bytes = std::fs::read(at).map_err(|e| {
            Failure::new(std::io::Error::other(format!("answer with {}: {e}", at.display())), NOTHING)
        })?;
        let given = at.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Upload { given, bytes })
    };
    Ok(Handed {
        files: args.file.iter().map(read).collect::<Result<_, Failure>>()?,
        references: args.reference.clone(),
        observations: args.record.clone(),
        effective: args.effective,
        remark: args.remark.clone(),
        by: args.by.clone(),
        role: args.role.clone(),
    })
}

fn show(out: &mut Output, args: &RequestsList) -> Result<Exit, Failure> {
    let listed = requests::list(&args.folder, app::now()).map_err(|e| Failure::new(e, "nothing was listed"))?;
    if args.json {
        let all: Vec<Value> = listed.requests.iter().map(|request| as_json(request, &listed)).collect();
        out.json(&json!({ "version": 1, "at": listed.at, "requests": all }));
        return Ok(Exit::Ok);
    }
    let count = |is: &dyn Fn(&Request) -> bool| listed.requests.iter().filter(|request| is(request)).count();
    let mut text = format!(
        "{} to be answered, {} overdue, {} to be decided, {} ended\n",
        count(&|request| request.state().awaits_answer()),
        count(&|request| request.is_overdue(listed.at)),
        count(&|request| request.state() == requests::State::Answered),
        count(&|request| !request.state().is_open()),
    );
    let chosen = listed
        .requests
        .iter()
        .filter(|request| args.ended || request.state().is_open())
        .filter(|request| args.of.as_deref().is_none_or(|of| request.ask.of.eq_ignore_ascii_case(of.trim())))
        .filter(|request| {
            args.about.as_deref().is_none_or(|about| request.ask.about.iter().any(|one| one == about))
        });
    for request in chosen {
        tell(&mut text, request, &listed);
    }
    out.data(&text);
    Ok(Exit::Ok)
}

fn tell(text: &mut String, request: &Request, listed: &Listed) {
    let ask = &request.ask;
    let when = match request.is_overdue(listed.at) {
        true => format!("OVERDUE {}", ask.due.date()),
        false => format!("due {}", ask.due.date()),
    };
    let head = [request.state().as_str(), &when, request.id.as_str(), &ask.kind, &ask.of].join("  ");
    let _ = writeln!(text, "\n{}", app::release::visible(&head));
    let mut line = |name: &str, what: &str| {
        let _ = writeln!(text, "  {name:<11}{}", app::release::visible(what));
    };
    line("", &ask.scope);
    if !ask.about.is_empty() {
        line("about", &ask.about.join(", "));
    }
    if let Some(period) = ask.period {
        line("period", &period.to_string());
    }
    for (at, criterion) in ask.criterion.iter().enumerate() {
        line(if at == 0 { "accept if" } else { "" }, criterion);
    }
    if let Some(task) = &ask.task {
        line("for task", task.as_str());
    }
    line("asked", &format!("{} by {}", request.asked.date(), request.by));
    for answer in &request.answers {
        let role = if answer.role.is_empty() { String::new() } else { format!(" ({})", answer.role) };
        line("answered", &format!("{} by {}{role}", answer.at.date(), answer.by));
        for evidence in &answer.with {
            let shown = requests::shown(&listed.history, evidence);
            let record = shown.record.map(|seq| format!(", record {seq}")).unwrap_or_default();
            line("", &format!("{}{record}", shown.text));
        }
        if !answer.remark.is_empty() {
            line("", &answer.remark);
        }
        if let Some((accepted, decision)) = &answer.decided {
            let word = if *accepted { "accepted" } else { "returned" };
            line(word, &format!("{} by {}", decision.at.date(), decision.by));
            if !decision.said.is_empty() {
                line("", &decision.said);
            }
        }
    }
    if let Some(decision) = &request.withdrawn {
        line("withdrawn", &format!("{} by {}: {}", decision.at.date(), decision.by, decision.said));
    }
}

fn as_json(request: &Request, listed: &Listed) -> Value {
    let decision = |d: &requests::Decision| json!({ "at": d.at, "by": d.by, "said": d.said });
    let answers: Vec<Value> = request
        .answers
        .iter()
        .map(|answer| {
            let with: Vec<Value> = answer
                .with
                .iter()
                .map(|evidence| {
                    let shown = requests::shown(&listed.history, evidence);
                    json!({ "record": shown.record, "text": shown.text, "file": shown.file.map(|file| file.digest) })
                })
                .collect();
            json!({
                "at": answer.at,
                "by": answer.by,
                "role": answer.role,
                "remark": answer.remark,
                "with": with,
                "accepted": answer.decided.as_ref().map(|(accepted, _)| accepted),
                "decision": answer.decided.as_ref().map(|(_, d)| decision(d)),
            })
        })
        .collect();
    json!({
        "id": request.id,
        "state": request.state().as_str(),
        "overdue": request.is_overdue(listed.at),
        "ask": request.ask,
        "by": request.by,
        "asked": request.asked,
        "release": request.release,
        "has-link": request.link.is_some(),
        "answers": answers,
        "withdrawn": request.withdrawn.as_ref().map(decision),
    })
}
