//! `assay serve`: the workspace in a browser.

use app::database;
use web::{Listening, Options, TeamOptions, listen};

use crate::args::serve::Serve;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Serves the workspace until it is told to end.
pub(crate) fn run(out: &mut Output, args: &Serve) -> Result<Exit, Failure> {
    if let Some(url) = &args.database {
        database::settle(&args.folder, url).map_err(|error| Failure::new(error, "nothing is served"))?;
    }
    let team = args.url.clone().filter(|_| args.team);
    let (proxies, provider) = (args.proxy.clone(), args.oidc.clone());
    let team = team.map(|url| TeamOptions { url, listen: args.listen, proxies, provider });
    let options = Options {
        folder: args.folder.clone(),
        port: args.port,
        person: args.person.clone().unwrap_or_else(user),
        token: args.token,
        team,
    };
    let listening = listen(&options).map_err(|error| Failure::new(error, "nothing is served"))?;
    if options.team.is_some() {
        told(out, args, &listening);
    } else {
        out.data(&format!(
            "The workspace is open for {} on this machine alone, until Ctrl-C. The link works once:\n\n    {}\n",
            options.person, listening.link
        ));
        if let Some(token) = &listening.token {
            out.data(&format!("\nPrograms show this token, until then:\n\n    {token}\n"));
        }
    }
    listening.run().map_err(|error| Failure::new(error, "the server has ended"))?;
    Ok(Exit::Ok)
}

fn told(out: &mut Output, args: &Serve, listening: &Listening) {
    out.data(&format!(
        "The workspace is open for its people at {}, until Ctrl-C. It listens at {}.\n",
        listening.link, listening.address
    ));
    if !listening.has_owner {
        out.say(&format!(
            "No owner can sign in yet. This makes one:\n\n    assay people invite NAME --person \"…\" --role owner --by \"…\" --url {} --folder {}",
            listening.link,
            args.folder.display()
        ));
    }
    if args.proxy.is_empty() && listening.link.starts_with("https://") {
        out.say("Behind a reverse proxy all who sign in look like one; `--proxy ADDRESS` names it, so that each is counted apart.");
    }
}

/// The name this system knows the person by.
fn user() -> String {
    let names = ["USER", "LOGNAME"].into_iter().filter_map(|name| std::env::var(name).ok());
    names.into_iter().find(|name| !name.trim().is_empty()).unwrap_or_else(|| "owner".to_owned())
}
