//! The workbooks of the demo, named in one place: the configuration, the CRM and the start page agree on them.

/// The organization's slug.
pub(super) const SLUG: &str = "acme";
/// A workbook with an embed of its own (`revenue`).
pub(super) const REVENUE: &str = "Revenue-28xgywpg21TkRWtz3jVRCe";
/// A workbook with an embed of its own, for sales only (`pipeline`).
pub(super) const PIPELINE: &str = "Pipeline-7Kd2mVq9XcLrT4sBnW8yZa";
/// A workbook that only the wildcard embed (`any`) covers.
pub(super) const FORECAST: &str = "Q4-Forecast-1aB2cD3eF4gH5iJ6kL7mN8";
/// Its id: what follows the last `-`.
pub(super) const FORECAST_ID: &str = "1aB2cD3eF4gH5iJ6kL7mN8";

/// The plain URL of a workbook, as somebody would copy it from the browser.
pub(super) fn workbook_url(sigma: &str, workbook: &str) -> String {
    format!("{sigma}/{SLUG}/workbook/{workbook}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_what_follows_the_last_dash() {
        assert_eq!(FORECAST.rsplit('-').next(), Some(FORECAST_ID));
    }
}
