//! Where a mint may happen: one table over surface, method, status and fetch metadata.

/// How a site's answers carry embeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// The stable link goes into the answer.
    Link,
    /// The signed URL itself goes into the answer.
    Signed,
}

/// Where an embed URL would go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    /// Our stable link, with what the embed says about top-level visits.
    StableLink(super::OpenAs),
    /// The embed API.
    EmbedApi,
    /// The frame slots of a page of the host application.
    HtmlFrame(Delivery),
    /// The link (`a href`) slots of a page of the host application.
    HtmlAnchor(Delivery),
    /// A `Location` of the host application.
    Location(Delivery),
    /// A URL in a JSON answer of the host application.
    Json(Delivery),
}

/// What happens there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MintOutcome {
    /// Mint.
    Mint,
    /// No mint: the stable link goes there.
    Link,
    /// No mint: our page that holds the frame.
    Page,
    /// The answer passes untouched.
    Untouched,
    /// Refused with a reason.
    Refuse(crate::reason::Reason),
}

/// The table. `status` is the host application's, or 200 for an endpoint of our own.
#[must_use]
pub fn mint_outcome(_surface: Surface, _visit: &crate::request::Visit, _status: http::StatusCode) -> MintOutcome {
    todo!()
}
