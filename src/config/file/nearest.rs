//! Known names in messages: all of them, or the one nearest to an unknown one ("did you mean").

use strsim::osa_distance;

/// The nearest name, if one is near enough to be a slip of the finger.
fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let bound = (name.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        // Two swapped neighbours count as one change.
        .map(|candidate| (osa_distance(&name.to_ascii_lowercase().replace('-', "_"), candidate), candidate))
        .filter(|(distance, _)| *distance <= bound)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Whether a text is that word but for a slip of the finger or letter case.
pub(in crate::config) fn is_near(text: &str, word: &str) -> bool {
    nearest(text, [word]).is_some()
}

/// The fix for an unknown name: the nearest known one, or else that sentence.
pub(in crate::config) fn did_you_mean<'a>(
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
    otherwise: &str,
) -> String {
    nearest(name, known).map_or_else(|| otherwise.to_owned(), |near| format!("did you mean {near:?}?"))
}

/// Names as they are written, for a message.
pub(in crate::config) fn quoted(names: &[&str], between: &str) -> String {
    names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(between)
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
