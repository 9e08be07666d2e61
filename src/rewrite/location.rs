//! A redirect of the host application that leads to a Sigma URL.

use super::{Change, Heard, SlotFiller, SlotKind, Wanted};

/// The `Location` that takes the place of one that is a Sigma URL of the site, and what it does to the head (`None` leaves
/// it); and what was minted and noted for it.
pub(crate) fn rewrite_location(value: &str, mut filler: impl SlotFiller) -> (Option<(String, Change)>, Heard) {
    let location = location(value, &mut filler);
    (location, filler.take_heard())
}

fn location(value: &str, filler: &mut impl SlotFiller) -> Option<(String, Change)> {
    let filled = filler.fill(&Wanted {
        kind: SlotKind::Location,
        embed: None,
        url: Some(value),
        controls: &[],
        frames: None,
    })?;
    match &filled.signed {
        Some(signed) => Some((signed.expose().to_owned(), Change::Signed)),
        None => Some((format!("{}{}", filler.landmarks().site_origin, filled.link), Change::Links)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rewrite::tests::Double;

    #[test]
    fn a_sigma_url_becomes_the_stable_link_of_the_site() {
        let (found, heard) = rewrite_location("https://sigma.test/acme/workbook/R-1", Double::linking());
        assert_eq!(heard, Heard::default());
        assert_eq!(found, Some(("https://crm.test/sigma/embed/revenue".to_owned(), Change::Links)));
    }

    #[test]
    fn with_signed_delivery_it_becomes_the_signed_url() {
        let (found, _) = rewrite_location("https://sigma.test/acme/workbook/R-1", Double::signing());
        assert_eq!(found, Some(("https://sigma.test/acme/workbook/R-1?:jwt=1&:embed=true".to_owned(), Change::Signed)));
    }

    #[test]
    fn any_other_location_is_left() {
        for value in ["/login", "https://sigma.test.evil/acme/workbook/R-1", ""] {
            assert_eq!(rewrite_location(value, Double::signing()).0, None);
        }
    }
}
