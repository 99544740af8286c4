//! The files of a dossier, by their names: `# file: NAME` begins one.
#![no_main]

use dossier::SourceText;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut sources = vec![SourceText { path: "assay.toml".to_owned(), text: String::new() }];
    for line in text.lines() {
        match line.strip_prefix("# file: ") {
            Some(path) => sources.push(SourceText { path: path.to_owned(), text: String::new() }),
            None => {
                let last = sources.last_mut().unwrap();
                last.text.push_str(line);
                last.text.push('\n');
            }
        }
    }
    // It reads whatever it is given, and says of each note where it is.
    let (_, notes) = dossier::read(sources);
    drop(notes);
});
