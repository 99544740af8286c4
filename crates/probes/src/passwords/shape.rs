//! What the values show by themselves: their characters, an upper bound for entropy, counters, and bias.

use std::collections::{BTreeMap, HashMap};

use super::Finding;

/// Orders in which generators keep their characters.
const ORDERS: [&str; 3] = [
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
];
/// Standard deviations from which a bias is none by chance.
const FAR: f64 = 6.0;

pub(super) fn alphabet(values: &[&str]) -> BTreeMap<char, usize> {
    let mut counts = BTreeMap::new();
    for character in values.iter().flat_map(|value| value.chars()) {
        *counts.entry(character).or_default() += 1;
    }
    counts
}

/// Shannon's entropy of the characters at each place, summed up. The entropy of a value is no larger.
pub(super) fn bits(values: &[&str]) -> f64 {
    let mut places: Vec<HashMap<Option<char>, usize>> = Vec::new();
    let longest = values.iter().map(|value| value.chars().count()).max().unwrap_or(0).min(256);
    places.resize_with(longest, HashMap::new);
    for value in values {
        let mut characters = value.chars();
        for place in &mut places {
            *place.entry(characters.next()).or_default() += 1;
        }
    }
    let all = values.len() as f64;
    let of_place = |place: &HashMap<Option<char>, usize>| {
        let mut counts: Vec<usize> = place.values().copied().collect();
        counts.sort_unstable();
        counts.iter().map(|count| *count as f64 / all).map(|p| -p * p.log2()).sum::<f64>()
    };
    places.iter().map(of_place).sum()
}

/// Values that count up or down in the order of the rows.
pub(super) fn counter(values: &[&str]) -> Option<Finding> {
    for radix in [10, 16, 36] {
        let number = |value: &&str| (value.len() <= 12).then(|| u64::from_str_radix(value, radix).ok()).flatten();
        let numbers: Vec<Option<u64>> = values.iter().map(number).collect();
        let mut steps: HashMap<i128, Vec<usize>> = HashMap::new();
        for (row, pair) in numbers.windows(2).enumerate() {
            if let [Some(one), Some(next)] = pair {
                steps.entry(i128::from(*next) - i128::from(*one)).or_default().push(row + 1);
            }
        }
        steps.remove(&0);
        let most = steps.into_iter().max_by_key(|(step, rows)| (rows.len(), -step.abs()));
        if let Some((step, rows)) = most.filter(|(_, rows)| rows.len() >= 4 && rows.len() * 4 > values.len()) {
            let digits = match radix {
                10 => "decimal",
                16 => "hexadecimal",
                _ => "base 36",
            };
            return Some(Finding::of(
                "counter",
                format!("the row before, as a {digits} number, plus {step}"),
                &rows,
            ));
        }
    }
    None
}

/// Characters that a remainder of a random byte favours: the first of the generator's alphabet.
pub(super) fn bias(values: &[&str]) -> Option<Finding> {
    let counts = alphabet(values);
    let (size, all) = (counts.len(), counts.values().sum::<usize>());
    let favoured = if size > 1 { 256 % size } else { 0 };
    if favoured == 0 || size > 128 || all < 1000 {
        return None;
    }
    let orders = ORDERS.iter().map(|order| order.chars().filter(|c| counts.contains_key(c)).collect::<Vec<_>>());
    let sorted: Vec<char> = counts.keys().copied().collect();
    let share = favoured as f64 / size as f64;
    let deviation = (all as f64 * share * (1.0 - share)).sqrt();
    let expected = favoured as f64 * (256 / size + 1) as f64 / 256.0;
    let is_biased = |order: &Vec<char>| {
        let found = order.iter().take(favoured).map(|c| counts[c]).sum::<usize>() as f64;
        let near = (found - all as f64 * expected).abs() / deviation;
        // Each character as often as it then would be: a rare one shows that the alphabet is another.
        let usual = |(at, c): (usize, &char)| {
            let wanted = all as f64 * (256 / size + usize::from(at < favoured)) as f64 / 256.0;
            (counts[c] as f64 - wanted).abs() < wanted * 0.3
        };
        order.len() == size
            && order.iter().enumerate().all(usual)
            && (found - all as f64 * share) / deviation > FAR
            && near < FAR
    };
    let rows: Vec<usize> = (0..values.len()).collect();
    std::iter::once(sorted).chain(orders).any(|order| is_biased(&order)).then(|| {
        let text = format!("{favoured} of {size} characters stand as often as a byte modulo {size} puts them");
        Finding::of("bias", text, &rows)
    })
}
