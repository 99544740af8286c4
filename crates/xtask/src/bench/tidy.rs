//! How long the checks of the source tree take: they are run before every commit.

use std::path::Path;

use super::{Bench, Bound, Row, median_seconds};
use crate::tidy::Tree;

pub(super) const BENCH: Bench = Bench { name: "tidy", measure };

fn measure(root: &Path) -> Result<Row, String> {
    let ours = median_seconds(5, || {
        let tree = Tree::read(root).map_err(|error| error.to_string())?;
        crate::tidy::problems(&tree);
        Ok(())
    })?;
    Ok(Row { what: "cargo xtask tidy over this tree, s".into(), ours, peer: None, bound: Bound::AtMost(2.0) })
}
