//! Looking at products for somebody who waits no longer than a moment: the looks go on when they wait no more.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Workspace;

/// Products that are to be looked at, and the thread that does.
#[derive(Debug, Default)]
pub(super) struct Looking {
    wanted: Mutex<Wanted>,
    one_more: Condvar,
}

#[derive(Debug, Default)]
struct Wanted {
    /// Those asked for last come first: they are on the page that somebody sees now.
    next: VecDeque<String>,
    /// The one that is looked at.
    now: Option<String>,
    /// Whether a thread is at it.
    running: bool,
}

impl Wanted {
    fn has(&self, product: &String) -> bool {
        self.now.as_ref() == Some(product) || self.next.contains(product)
    }
}

impl Looking {
    /// Has products looked at, in this order, and waits for it no longer than this.
    pub(super) fn at(&self, workspace: &Arc<Workspace>, products: &[String], within: Duration) {
        let until = Instant::now() + within;
        let mut wanted = self.wanted();
        wanted.next.retain(|one| !products.contains(one));
        for product in products.iter().rev() {
            if wanted.now.as_ref() != Some(product) {
                wanted.next.push_front(product.clone());
            }
        }
        if !wanted.running {
            wanted.running = true;
            let workspace = workspace.clone();
            std::thread::spawn(move || workspace.looking.work(&workspace));
        }
        while wanted.running && products.iter().any(|one| wanted.has(one)) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let waited = self.one_more.wait_timeout(wanted, left);
            wanted = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Looks until nothing is wanted.
    fn work(&self, workspace: &Workspace) {
        let _ended = Ended(self);
        loop {
            let product = {
                let mut wanted = self.wanted();
                wanted.now = wanted.next.pop_front();
                wanted.running = wanted.now.is_some();
                wanted.now.clone()
            };
            let Some(product) = product else { return };
            workspace.look(&product);
            self.wanted().now = None;
            self.one_more.notify_all();
        }
    }

    fn wanted(&self) -> MutexGuard<'_, Wanted> {
        // A list of names is whole at any moment.
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread that ends, however it does, leaves nobody waiting for it.
struct Ended<'a>(&'a Looking);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            *self.0.wanted() = Wanted::default();
        }
        self.0.one_more.notify_all();
    }
}
