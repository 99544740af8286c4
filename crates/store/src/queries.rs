//! SQL lies in files, one statement each; a room's list names them, and a test holds the list against the folder.

/// Constants with the text of the files in the folder `queries` beside the calling file.
macro_rules! queries {
    ($($name:ident = $file:literal,)*) => {
        $(pub(super) const $name: &str = include_str!(concat!("queries/", $file));)*

        #[cfg(test)]
        pub(crate) const ALL: &[(&str, &str)] = &[$(($file, $name)),*];
    };
}

pub(crate) use queries;
