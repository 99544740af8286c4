//! One step of a database's format, and the way back.
//!
//! Invariant: a step, once released, is never edited; a change is a further step.

/// One step, in SQL.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    /// Its number and name, as its files are called.
    pub(crate) name: &'static str,
    /// Takes the step.
    pub(crate) up: &'static str,
    /// Takes it back.
    pub(crate) down: &'static str,
    /// Asks whether something that is kept would be lost with it.
    pub(crate) loses: &'static str,
}

/// The steps whose files lie in the folder `migrations` beside the calling file.
macro_rules! steps {
    ($folder:literal: $($name:literal),* $(,)?) => {
        &[$(crate::step::Step {
            name: $name,
            up: include_str!(concat!($folder, "/migrations/", $name, ".up.sql")),
            down: include_str!(concat!($folder, "/migrations/", $name, ".down.sql")),
            loses: include_str!(concat!($folder, "/migrations/", $name, ".loses.sql")),
        }),*]
    };
}

pub(crate) use steps;

/// The number of a format on which all of these steps were done.
pub(crate) fn latest(steps: &[Step]) -> i64 {
    i64::try_from(steps.len()).unwrap_or(i64::MAX)
}
