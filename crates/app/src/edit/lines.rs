//! Two texts line by line, and a text that went through a browser in the line ends of its file.

/// What a line of two compared texts is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// In both.
    Both,
    /// In the old text alone.
    Old,
    /// In the new text alone.
    New,
}

/// A line of two compared texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'t> {
    /// Where it is.
    pub side: Side,
    /// Its number in the old text, from 1.
    pub old: Option<usize>,
    /// Its number in the new text, from 1.
    pub new: Option<usize>,
    /// The line without its end.
    pub text: &'t str,
}

/// Cells of the table in which common lines are looked for; beyond it, what differs is told as one piece.
const CELLS: usize = 4_000_000;

/// The lines of two texts in one order, each told once where it is in both.
pub fn differ<'t>(old: &'t str, new: &'t str) -> Vec<Line<'t>> {
    let (old, new): (Vec<&str>, Vec<&str>) = (lines(old), lines(new));
    let line = |step: Step| match step {
        Step::Both(i, j) => Line { side: Side::Both, old: Some(i + 1), new: Some(j + 1), text: old[i] },
        Step::Old(i) => Line { side: Side::Old, old: Some(i + 1), new: None, text: old[i] },
        Step::New(j) => Line { side: Side::New, old: None, new: Some(j + 1), text: new[j] },
    };
    steps(&old, &new).into_iter().map(line).collect()
}

fn lines(text: &str) -> Vec<&str> {
    let mut all: Vec<&str> = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).collect();
    if all.last() == Some(&"") {
        all.pop();
    }
    all
}

/// A step from one list to the other, by places in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Both(usize, usize),
    Old(usize),
    New(usize),
}

/// The shortest way from one list to the other.
pub(super) fn steps(old: &[&str], new: &[&str]) -> Vec<Step> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let rest = old.len().min(new.len()) - head;
    let tail = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let mut steps: Vec<Step> = (0..head).map(|at| Step::Both(at, at)).collect();
    steps.extend(middle(&old[head..old.len() - tail], &new[head..new.len() - tail], head));
    steps.extend((0..tail).map(|at| Step::Both(old.len() - tail + at, new.len() - tail + at)));
    steps
}

fn middle(old: &[&str], new: &[&str], from: usize) -> Vec<Step> {
    let (rows, columns) = (old.len(), new.len());
    let (mut i, mut j) = (0, 0);
    let mut steps = Vec::with_capacity(rows + columns);
    if rows * columns <= CELLS {
        // How many lines the rests have in common, from each place on.
        let width = columns + 1;
        let mut common = vec![0_u32; (rows + 1) * width];
        for a in (0..rows).rev() {
            for b in (0..columns).rev() {
                common[a * width + b] = match old[a] == new[b] {
                    true => common[(a + 1) * width + b + 1] + 1,
                    false => common[(a + 1) * width + b].max(common[a * width + b + 1]),
                };
            }
        }
        while i < rows && j < columns {
            if old[i] == new[j] {
                steps.push(Step::Both(from + i, from + j));
                (i, j) = (i + 1, j + 1);
            } else if common[(i + 1) * width + j] >= common[i * width + j + 1] {
                steps.push(Step::Old(from + i));
                i += 1;
            } else {
                steps.push(Step::New(from + j));
                j += 1;
            }
        }
    }
    steps.extend((i..rows).map(|at| Step::Old(from + at)));
    steps.extend((j..columns).map(|at| Step::New(from + at)));
    steps
}

/// A whole text in which no character moves or hides, its lines kept.
pub fn visible(text: &str) -> String {
    wire::text::visible_lines(text.as_bytes(), usize::MAX)
}

/// A text as a form sends it back: one kind of line end, and nothing that HTML does not carry.
pub fn normal(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "\u{FFFD}")
}

/// A text that came from a form in the line ends of the text that it was made from: a line that was not touched keeps its
/// own, a new one has that of most lines.
pub fn as_in(before: &str, typed: &str) -> String {
    let typed = normal(typed);
    if !before.contains('\r') {
        return typed;
    }
    let usual = line_end(before);
    let ended: Vec<&str> = before.split('\n').collect();
    let old: Vec<&str> = ended.iter().map(|line| line.strip_suffix('\r').unwrap_or(line)).collect();
    let new: Vec<&str> = typed.split('\n').collect();
    let mut text = String::with_capacity(typed.len() + new.len());
    for step in steps(&old, &new) {
        let (from, at) = match step {
            Step::Both(i, j) => (Some(i), j),
            Step::New(j) => (None, j),
            Step::Old(_) => continue,
        };
        text.push_str(new[at]);
        if at + 1 < new.len() {
            let own =
                from.filter(|i| i + 1 < ended.len()).map(|i| if ended[i].ends_with('\r') { "\r\n" } else { "\n" });
            text.push_str(own.unwrap_or(usual));
        }
    }
    text
}

/// Whether a text comes back from a form as it was.
pub fn survives(text: &str) -> bool {
    as_in(text, &normal(text)) == text
}

/// The line end that most lines of a text have.
pub(super) fn line_end(text: &str) -> &'static str {
    let crlf = text.matches("\r\n").count();
    if crlf * 2 > text.matches('\n').count() { "\r\n" } else { "\n" }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(old: &str, new: &str) -> String {
        let sign = |side| match side {
            Side::Both => ' ',
            Side::Old => '-',
            Side::New => '+',
        };
        differ(old, new).iter().map(|line| format!("{}{}\n", sign(line.side), line.text)).collect()
    }

    #[test]
    fn only_what_differs_is_told_as_different() {
        assert_eq!(told("a\nb\nc\n", "a\nx\nc\nd\n"), " a\n-b\n+x\n c\n+d\n");
        assert_eq!(told("", "a"), "+a\n");
        assert_eq!(told("a\n", "a\n"), " a\n");
    }

    #[test]
    fn lines_keep_their_ends_and_new_ones_have_the_usual() {
        assert_eq!(as_in("a\r\nb\nc\r\n", "a\r\nb\r\nx\r\nc\r\n"), "a\r\nb\nx\r\nc\r\n");
        assert_eq!(as_in("a\nb", "a\r\nb\r\n"), "a\nb\n");
        assert_eq!(as_in("a\r\nb", "a\nb\nc"), "a\r\nb\r\nc");
    }

    #[test]
    fn what_html_does_not_carry_is_known_beforehand() {
        assert!(survives("a\r\nb\n\n") && survives("\n\na = 1"));
        assert!(!survives("a\rb\n") && !survives("a\0b"));
    }

    proptest! {
        #[test]
        fn a_way_leads_from_one_text_to_the_other(old in "[ab\n\r]{0,40}", new in "[ab\n\r]{0,40}") {
            let all = differ(&old, &new);
            let of = |side| all.iter().filter(|l| l.side == Side::Both || l.side == side).map(|l| l.text).collect::<Vec<_>>();
            prop_assert_eq!(of(Side::Old), lines(&old));
            prop_assert_eq!(of(Side::New), lines(&new));
            prop_assert_eq!(normal(&as_in(&old, &new)), normal(&new));
        }
    }
}
