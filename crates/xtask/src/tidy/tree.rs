//! The tree as the checks see it: the files under version control, the packages with their dependencies.
//!
//! It looks at the working tree, new files included, and at nothing that is ignored.

use std::io;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use super::exceptions::Exceptions;

/// The tree.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(crate) files: Vec<File>,
    pub(crate) packages: Vec<Package>,
    pub(crate) exceptions: Exceptions,
}

/// One file.
#[derive(Debug)]
pub(crate) struct File {
    /// From the root, with slashes.
    pub(crate) path: String,
    /// Empty for what is not UTF-8.
    pub(crate) text: String,
}

/// One package of the workspace.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) dependencies: Vec<Dependency>,
}

/// One edge from a package.
#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) kind: Option<String>,
    /// There for packages of this tree.
    pub(crate) path: Option<String>,
}

impl Dependency {
    pub(crate) fn is_for_tests(&self) -> bool {
        self.kind.as_deref() == Some("dev")
    }
}

/// Why the tree cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("failed to list the files under version control")]
    List(#[source] io::Error),
    #[error("failed to read {path}")]
    Read {
        path: String,
        #[source]
        source: io::Error,
    },
    #[error("failed to ask cargo for the packages")]
    Ask(#[source] io::Error),
    #[error("failed to understand cargo's answer")]
    Understand(#[source] serde_json::Error),
    #[error("failed to understand tidy-exceptions.toml")]
    Exceptions(#[source] toml::de::Error),
}

impl Tree {
    /// Reads the tree at `root`.
    pub(crate) fn read(root: &Path) -> Result<Self, Error> {
        let mut files = Vec::new();
        for path in list(root).map_err(Error::List)? {
            let bytes = match std::fs::read(root.join(&path)) {
                Ok(bytes) => bytes,
                // Deleted and not yet said so to git, or a link to a folder.
                Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::IsADirectory) => {
                    continue;
                }
                Err(source) => return Err(Error::Read { path, source }),
            };
            files.push(File { path, text: String::from_utf8(bytes).unwrap_or_default() });
        }
        let packages = packages(root)?;
        let exceptions = files.iter().find(|file| file.path == "tidy-exceptions.toml");
        let exceptions = exceptions.map_or(Ok(Exceptions::default()), |file| Exceptions::read(&file.text));
        Ok(Self { files, packages, exceptions: exceptions.map_err(Error::Exceptions)? })
    }

    /// A file by its path.
    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Rust files, tests and all.
    pub(crate) fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.path.ends_with(".rs"))
    }

    /// The names of the crates' folders, each with its root file: `lib.rs`, or `main.rs` without one.
    pub(crate) fn crates(&self) -> impl Iterator<Item = (&str, Option<&File>)> {
        self.files.iter().filter_map(|file| {
            let name = file.path.strip_prefix("crates/")?.strip_suffix("/Cargo.toml")?;
            let root = |stem| self.file(&format!("crates/{name}/src/{stem}.rs"));
            (!name.contains('/')).then(|| (name, root("lib").or_else(|| root("main"))))
        })
    }
}

impl File {
    /// Lines with their numbers.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// The name without folders and ending.
    pub(crate) fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or(&self.path);
        name.split('.').next().unwrap_or(name)
    }
}

fn list(root: &Path) -> io::Result<Vec<String>> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()?;
    if !output.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    let mut paths: Vec<String> = String::from_utf8_lossy(&output.stdout)
        .split('\0')
        .filter(|path| !path.is_empty())
        .map(str::to_owned)
        .collect();
    paths.sort();
    paths.dedup();
    Ok(paths)
}

fn packages(root: &Path) -> Result<Vec<Package>, Error> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    let output = Command::new("cargo")
        .args(["metadata", "--no-deps", "--format-version=1"])
        .current_dir(root)
        .output()
        .map_err(Error::Ask)?;
    if !output.status.success() {
        return Err(Error::Ask(io::Error::other(String::from_utf8_lossy(&output.stderr).trim().to_owned())));
    }
    let metadata: Metadata = serde_json::from_slice(&output.stdout).map_err(Error::Understand)?;
    Ok(metadata.packages)
}

/// Trees made up by the tests of the checks.
#[cfg(test)]
impl Tree {
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let files = files.iter().map(|(path, text)| File { path: (*path).into(), text: (*text).into() });
        Self { files: files.collect(), ..Self::default() }
    }

    pub(crate) fn with_package(mut self, name: &str, uses: &[(&str, Option<&str>, bool)]) -> Self {
        let dependencies = uses.iter().map(|(name, kind, is_ours)| Dependency {
            name: (*name).into(),
            kind: kind.map(str::to_owned),
            path: is_ours.then(|| format!("/somewhere/crates/{name}")),
        });
        self.packages.push(Package { name: name.into(), dependencies: dependencies.collect() });
        self
    }

    pub(crate) fn with_exceptions(mut self, text: &str) -> Self {
        self.exceptions = Exceptions::read(text).unwrap();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_tree_has_its_crates_files_and_edges() {
        let tree = Tree::read(&crate::root()).unwrap();
        assert!(tree.file("crates/xtask/src/tidy/tree.rs").is_some());
        assert!(tree.files.iter().all(|file| !file.path.starts_with("target/")));
        let own = tree.packages.iter().find(|package| package.name == "xtask").unwrap();
        assert!(own.dependencies.iter().any(|edge| edge.name == "tempfile" && edge.is_for_tests()));
        let (_, root) = tree.crates().find(|(name, _)| *name == "xtask").unwrap();
        assert_eq!(root.unwrap().path, "crates/xtask/src/main.rs");
    }
}
