//! "Did you mean": the known name nearest to an unknown one.

/// The nearest name, if one is near enough to be a slip of the finger.
fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let bound = (name.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .map(|candidate| (distance(&name.to_ascii_lowercase().replace('-', "_"), candidate), candidate))
        .filter(|(distance, _)| *distance <= bound)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The fix for an unknown name: the nearest known one, or else that sentence.
pub(super) fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>, otherwise: &str) -> String {
    nearest(name, known).map_or_else(|| otherwise.to_owned(), |near| format!("did you mean {near:?}?"))
}

/// Levenshtein's distance, where two swapped neighbours count as one change.
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let mut rows = vec![(0..=right.len()).collect::<Vec<usize>>()];
    for (i, a) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let changed = rows[i][j] + usize::from(a != b);
            let mut best = changed.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b {
                best = best.min(rows[i - 1][j - 1] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[left.len()][right.len()]
}

#[cfg(test)]
mod tests {
    use super::{did_you_mean, nearest};

    #[test]
    fn a_slip_of_the_finger_finds_its_key() {
        let known = ["address", "admin", "tls"];
        assert_eq!(nearest("adress", known), Some("address"));
        assert_eq!(nearest("amdin", known), Some("admin"));
        assert_eq!(nearest("client-id", ["client_id"]), Some("client_id"));
    }

    #[test]
    fn another_word_finds_nothing() {
        assert_eq!(nearest("port", ["address", "admin", "tls"]), None);
        assert_eq!(did_you_mean("port", ["address"], "remove it"), "remove it");
    }
}
