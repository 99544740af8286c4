//! `assay template`: what one product has, for the next.

use std::fmt::Write as _;

use app::folder::FolderError;
use app::release::visible;
use app::template::{self, Becomes, Compared, Line};

use super::requests;
use crate::args::template::{Template, TemplateApply, TemplateCommand};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Does what the subcommand says.
pub(crate) fn run(out: &mut Output, args: &Template) -> Result<Exit, Failure> {
    match &args.command {
        TemplateCommand::Save(save) => {
            let text = template::save(&save.folder, true, app::now())
                .map_err(|e| Failure::new(e, "nothing was printed"))?;
            out.data(&text);
            Ok(Exit::Ok)
        }
        TemplateCommand::Apply(apply) => run_apply(out, apply),
    }
}

fn run_apply(out: &mut Output, args: &TemplateApply) -> Result<Exit, Failure> {
    const NOTHING: &str = "nothing was written";
    let text = std::fs::read_to_string(&args.template)
        .map_err(|source| Failure::new(FolderError::Read { at: args.template.clone(), source }, NOTHING))?;
    let compared = template::compare(&text, &args.folder, args.overwrite, true, app::now());
    let compared = compared.map_err(|e| Failure::new(e, NOTHING))?;
    out.data(&told(&compared));
    if compared.is_empty() {
        out.say("The dossier has all of it: nothing is to be written.");
    } else if args.write {
        let asked = template::write(&compared, &args.folder, args.by.as_deref(), args.links, app::now());
        let asked = asked.map_err(|e| match e {
            template::TemplateError::Asking(_) => Failure::new(e, "nothing was asked"),
            e => Failure::new(e, NOTHING),
        })?;
        if let Some(asked) = asked {
            requests::tell_asked(out, &args.folder, &asked);
        }
        if !compared.files.is_empty() {
            let files: Vec<&str> = compared.files.iter().map(|(path, ..)| *path).collect();
            out.say(&format!("Written: {}. Next: assay check {}", files.join(", "), args.folder.display()));
        }
    } else {
        out.say("Nothing was written: `--write` writes it, `--overwrite` takes the template's word where the two differ.");
    }
    Ok(Exit::Ok)
}

fn told(compared: &Compared) -> String {
    let mut text = format!("of {}\n", visible(&compared.from));
    let mut file = "";
    for line in compared.lines.iter().filter(|line| line.becomes != Becomes::Same) {
        if line.file != file {
            file = line.file;
            let _ = writeln!(text, "\n{file}");
        }
        one(&mut text, line);
    }
    let _ = writeln!(text, "\n{} the same", compared.count(Becomes::Same));
    text
}

fn one(text: &mut String, line: &Line) {
    let mark = match line.becomes {
        Becomes::Added => '+',
        Becomes::Kept | Becomes::Replaced => '~',
        Becomes::LeftOut => '!',
        Becomes::OnlyHere | Becomes::Same => '.',
    };
    let place: Vec<&str> =
        [line.table, &line.row, &line.key].into_iter().filter(|part| !part.is_empty()).collect();
    let what = match line.becomes {
        Becomes::Kept => format!("{} here, {} in the template; kept", line.here, line.template),
        Becomes::Replaced => format!("{} here, {} in the template; replaced", line.here, line.template),
        Becomes::LeftOut => format!("left out: {}", line.template),
        Becomes::OnlyHere => "only here".to_owned(),
        Becomes::Added | Becomes::Same => line.template.clone(),
    };
    let _ = writeln!(text, "  {mark} {}: {}", visible(&place.join(" ")), visible(&what));
}
