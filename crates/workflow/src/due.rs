//! By when a task has to be done: stated policy, in days from when it opened.

use model::Timestamp;

/// Days that a task may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Where a mandatory provision waits for it.
    pub mandatory_days: u32,
    /// Where only recommendations do.
    pub recommended_days: u32,
}

impl Due {
    /// The moment by which a task that opens now has to be done.
    pub fn after(self, opened: Timestamp, mandatory: bool) -> Timestamp {
        let days = if mandatory { self.mandatory_days } else { self.recommended_days };
        Timestamp::from_millis(opened.millis().saturating_add(i64::from(days) * 86_400_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_the_opening() {
        let opened = Timestamp::parse("2026-02-20T10:00:00Z").unwrap();
        let due = Due { mandatory_days: 14, recommended_days: 30 };
        assert_eq!(due.after(opened, true).to_string(), "2026-03-06T10:00:00Z");
        assert_eq!(due.after(opened, false).date(), "2026-03-22");
    }
}
