//! `assay people`: who is in a workspace, for whoever holds its files. An owner who cannot sign in comes back this way.

use std::fmt::Write as _;

use app::people::{AccountName, Newcomer, PeopleError, Person, Standing, Team};
use serde_json::json;

use crate::args::people::{People, PeopleCommand, PeopleInvite, PeopleList, PeopleRole};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

const NOTHING: &str = "nothing was recorded";

/// Does what the subcommand says.
pub(crate) fn run(out: &mut Output, args: &People) -> Result<Exit, Failure> {
    match &args.command {
        PeopleCommand::List(list) => told(out, list),
        PeopleCommand::Invite(invite) => invited(out, invite),
        PeopleCommand::Role(role) => given(out, role),
        PeopleCommand::Remove(remove) => {
            let done =
                Team::open(&remove.folder).and_then(|team| team.remove(&remove.account, &remove.by, app::now()));
            done.map_err(|e| Failure::new(e, NOTHING))?;
            out.say(&format!("recorded: {} is out, with sessions, links, tokens and keys", remove.account));
            Ok(Exit::Ok)
        }
    }
}

fn told(out: &mut Output, args: &PeopleList) -> Result<Exit, Failure> {
    let unlisted = |e: PeopleError| Failure::new(e, "nothing was listed");
    if !app::records::Records::exist(&args.folder) {
        out.say(&format!("{}: nobody has an account yet; `assay people invite` begins", args.folder.display()));
        return Ok(Exit::Ok);
    }
    let people = Team::open(&args.folder).and_then(|team| team.people()).map_err(unlisted)?;
    if args.json {
        let people: Vec<_> = people.iter().map(document).collect();
        out.json(&json!({ "version": 1, "people": people }));
        return Ok(Exit::Ok);
    }
    for person in people.iter() {
        out.data(&format!("{}\n", line(person)));
    }
    if people.owners().next().is_none() {
        out.say("No owner can sign in. `assay people invite NAME --person … --role owner --by …` makes one.");
    }
    Ok(Exit::Ok)
}

fn line(person: &Person) -> String {
    let role = person.role.map_or("-", app::people::Role::as_str);
    let mut text = format!("{:<20}  {:<10}  {:<8}  {}", person.account, role, word(person.standing), person.name);
    for (product, role) in &person.products {
        let _ = write!(text, "  ({role} for {product})");
    }
    text
}

fn document(person: &Person) -> serde_json::Value {
    json!({
        "account": person.account,
        "person": person.name,
        "standing": word(person.standing),
        "role": person.role,
        "products": person.products,
        "since": person.since,
        "invited-by": person.invited_by,
    })
}

fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Invited => "invited",
        Standing::Joined => "joined",
        Standing::Removed => "removed",
    }
}

fn invited(out: &mut Output, args: &PeopleInvite) -> Result<Exit, Failure> {
    let team = Team::open(&args.folder).map_err(|e| Failure::new(e, NOTHING))?;
    let account: &AccountName = &args.account;
    let link = match (&args.person, args.role) {
        (Some(person), Some(role)) => {
            let (account, person) = (account.clone(), person.clone());
            team.invite(&Newcomer { account, person, role, product: args.product.clone() }, &args.by, app::now())
        }
        _ => team.renew(account, &args.by, app::now()),
    };
    let link = link.map_err(|e| Failure::new(e, NOTHING))?;
    let address = args.url.as_deref().unwrap_or_default().trim_end_matches('/');
    out.data(&format!("{address}{}\n", link.path()));
    out.say(&format!(
        "recorded. The link opens once, until {}: whoever has it is {account}. Give it to nobody else.",
        link.ends
    ));
    if args.url.is_none() {
        out.say("It is a path below the address of the workspace; `--url` prints the whole.");
    }
    Ok(Exit::Ok)
}

fn given(out: &mut Output, args: &PeopleRole) -> Result<Exit, Failure> {
    let team = Team::open(&args.folder).map_err(|e| Failure::new(e, NOTHING))?;
    let product = args.product.as_deref();
    let done = match args.role {
        Some(role) => team.give(&args.account, product, role, &args.by, app::now()),
        None => team.take_role(&args.account, product, &args.by, app::now()),
    };
    done.map_err(|e| Failure::new(e, NOTHING))?;
    let whereabouts = product.map_or_else(|| "in the workspace".to_owned(), |product| format!("for {product}"));
    match args.role {
        Some(role) => out.say(&format!("recorded: {} is {role} {whereabouts}", args.account)),
        None => out.say(&format!("recorded: {} has no role of their own {whereabouts}", args.account)),
    }
    Ok(Exit::Ok)
}
