//! `assay serve`: the workspace in a browser.

use web::{Options, listen};

use crate::args::serve::Serve;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Serves the workspace until it is told to end.
pub(crate) fn run(out: &mut Output, args: &Serve) -> Result<Exit, Failure> {
    let options =
        Options { folder: args.folder.clone(), port: args.port, person: args.person.clone().unwrap_or_else(user) };
    let listening = listen(&options).map_err(|error| Failure::new(error, "nothing is served"))?;
    out.data(&format!(
        "The workspace is open for {} on this machine alone, until Ctrl-C. The link works once:\n\n    {}\n",
        options.person, listening.link
    ));
    listening.run().map_err(|error| Failure::new(error, "the server has ended"))?;
    Ok(Exit::Ok)
}

/// The name this system knows the person by.
fn user() -> String {
    let names = ["USER", "LOGNAME"].into_iter().filter_map(|name| std::env::var(name).ok());
    names.into_iter().find(|name| !name.trim().is_empty()).unwrap_or_else(|| "owner".to_owned())
}
