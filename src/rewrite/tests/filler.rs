//! The filler over real embeds: who gets a signed URL, and who a link.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use http::{HeaderValue, Method, StatusCode};
use url::Url;

use crate::{
    embed::{
        Allow, Catalogue, Delivery, Document, DocumentKind, DocumentPart, Embed, EmbedName, EmbedTarget,
        InterfaceParameters, OpenAs, Openings, Organization, Renew, SigmaUrl, SigningKey, Slug, Viewer,
    },
    identity::{EmailAddress, EmailDomain},
    limits::SLOTS_MAX,
    policy::{EmbedGrant, Grant, Granted, MappingName},
    reason::Reason,
    request::{Destination, FetchSite, Visit, VisitKind},
    rewrite::{
        FillContext, Filled, Filler, FramePolicies, FrameSrc, Note, RewriteRules, SiteRewrite, SlotFiller, SlotKind,
        Wanted,
    },
    secret::Secret,
    seed::Seed,
    time::UnixSeconds,
};

const NOW: UnixSeconds = UnixSeconds(1_700_000_000);
const URL: &str = "https://app.sigmacomputing.com/acme/workbook/Revenue-28xgywpg21TkRWtz3jVRCe";

fn embed(name: &str, target: EmbedTarget) -> (EmbedName, Arc<Embed>) {
    let name = EmbedName::parse(name).unwrap();
    let embed = Embed {
        name: name.clone(),
        target,
        allow: Allow::Mapped,
        title: "Revenue".to_owned(),
        opening: Openings { at_top: OpenAs::Page, in_frame: OpenAs::Page },
        renew: Renew::Before,
        fit: false,
        parameters: InterfaceParameters::default(),
        controls: Vec::new(),
        page_controls: BTreeSet::new(),
        enabled: true,
    };
    (name, Arc::new(embed))
}

fn catalogue() -> Catalogue {
    let slug = Slug::parse("acme").unwrap();
    let organization = Organization {
        slug: slug.clone(),
        client_id: "client".to_owned(),
        key: SigningKey::new("client", &Secret::new("secret".to_owned())),
        base_url: Url::parse("https://app.sigmacomputing.com/").unwrap(),
        origin: "https://app.sigmacomputing.com".to_owned(),
        session_length: Duration::from_secs(3600),
        names: false,
    };
    let document = Document {
        kind: DocumentKind::Workbook,
        segment: "Revenue-28xgywpg21TkRWtz3jVRCe".to_owned(),
        tag: None,
        part: DocumentPart::Whole,
    };
    let one = EmbedTarget::One(SigmaUrl { slug: slug.clone(), document });
    let embeds =
        [embed("revenue", one.clone()), embed("any", EmbedTarget::AnyWorkbook(slug.clone())), embed("hidden", one)];
    Catalogue { organizations: BTreeMap::from([(slug, organization)]), embeds: BTreeMap::from(embeds) }
}

fn viewer(standing: Result<(), Reason>) -> Viewer {
    let domains = [EmailDomain::parse("example.com").unwrap()];
    let email = EmailAddress::parse("ann@example.com", &domains).unwrap();
    let grant = EmbedGrant {
        teams: vec!["Finance".to_owned()],
        account_type: "View".to_owned(),
        user_attributes: BTreeMap::new(),
    };
    let granted = Granted { grant: Grant::Embed(grant), mappings: vec![MappingName::parse("finance").unwrap()] };
    Viewer {
        granted: standing.map(|()| (email, granted)),
        names: None,
        session_ends_at: NOW.plus(Duration::from_secs(7200)),
    }
}

/// A page that Ann navigated to, on a site that may show `revenue` and `any`.
fn context(delivery: Delivery) -> FillContext {
    let embeds = ["revenue", "any"].map(|name| EmbedName::parse(name).unwrap()).into();
    let visit = Visit {
        is_scripted: false,
        method: Method::GET,
        destination: Destination::Document,
        site: FetchSite::SameOrigin,
        is_prefetch: false,
        kind: VisitKind::Navigation,
        opener: None,
    };
    let rules = RewriteRules {
        delivery,
        frame_src: FrameSrc::Keep,
        embeds,
        script: false,
        inserts: Vec::new(),
        json: Vec::new(),
    };
    let rewrite = SiteRewrite::new(rules, &Arc::new(catalogue()), "/sigma", "https://crm.example.com");
    FillContext { rewrite: Arc::new(rewrite), viewer: Some(viewer(Ok(()))), visit, status: StatusCode::OK, now: NOW }
}

fn filler(context: FillContext) -> Filler {
    Filler::new(context, Seed::new([7; 32]).into_stream())
}

fn named(filler: &mut Filler, kind: SlotKind, name: &str) -> Option<Filled> {
    filler.fill(&Wanted { kind, embed: Some(name), url: None, controls: &[], frames: None })
}

fn is_signed(filled: Option<Filled>) -> bool {
    let filled = filled.unwrap();
    assert_eq!(filled.link, "/sigma/embed/revenue");
    filled.signed.is_some_and(|signed| signed.expose().starts_with(URL))
}

#[test]
fn a_frame_gets_a_signed_url_only_with_signed_delivery_and_an_anchor_never() {
    let mut signing = filler(context(Delivery::Signed));
    assert!(is_signed(named(&mut signing, SlotKind::Frame, "revenue")));
    assert!(!is_signed(named(&mut signing, SlotKind::Anchor, "revenue")));
    let records = signing.take_heard().records;
    assert_eq!(records.iter().map(|record| record.email.as_str()).collect::<Vec<_>>(), ["ann@example.com"]);
    let mut linking = filler(context(Delivery::Link));
    assert!(!is_signed(named(&mut linking, SlotKind::Frame, "revenue")));
    assert!(linking.take_heard().records.is_empty());
}

/// The head of a page that streams goes out before its first slot is seen.
#[test]
fn no_frame_gets_a_signed_url_where_none_was_foreseen() {
    let signed = || context(Delivery::Signed);
    let foreign = Visit { destination: Destination::Frame, site: FetchSite::CrossSite, ..signed().visit };
    for (context, expected) in [
        (signed(), true),
        (context(Delivery::Link), false),
        (FillContext { viewer: None, ..signed() }, false),
        (FillContext { status: StatusCode::NOT_FOUND, ..signed() }, false),
        (FillContext { visit: foreign, ..signed() }, false),
    ] {
        let mut filler = filler(context);
        assert_eq!(filler.may_sign_frames(), expected);
        assert_eq!(is_signed(named(&mut filler, SlotKind::Frame, "revenue")), expected);
    }
}

#[test]
fn two_slots_get_two_tokens() {
    let mut signing = filler(context(Delivery::Signed));
    let urls = [1, 2].map(|_| named(&mut signing, SlotKind::Frame, "revenue").unwrap().signed.unwrap());
    assert_ne!(urls[0].expose(), urls[1].expose());
}

/// A signed URL works once: one that the page's own policy blocks would be minted for nothing.
#[test]
fn nothing_is_minted_into_a_page_that_does_not_let_sigma_in() {
    for (policy, is_let_in) in [
        ("frame-src https://app.sigmacomputing.com", true),
        ("frame-src https://app.sigmacomputing.com/acme/", true),
        ("frame-src https://app.sigmacomputing.com/another/", false),
        ("frame-src 'self'", false),
        ("default-src 'none'", false),
    ] {
        let policies = FramePolicies::of_head([&HeaderValue::from_static(policy)]);
        let mut signing = filler(context(Delivery::Signed));
        let wanted =
            Wanted { kind: SlotKind::Frame, embed: Some("revenue"), url: None, controls: &[], frames: Some(&policies) };
        for _ in 0..2 {
            assert_eq!(is_signed(signing.fill(&wanted)), is_let_in, "{policy}");
        }
        let heard = signing.take_heard();
        assert_eq!(heard.records.len(), if is_let_in { 2 } else { 0 }, "{policy}");
        let note = Note::CspBlocksSigma(EmbedName::parse("revenue").unwrap());
        assert_eq!(heard.notes, if is_let_in { vec![] } else { vec![note] }, "{policy}");
    }
}

#[test]
fn somebody_without_a_grant_gets_the_link_that_explains_it() {
    let mut unmapped =
        filler(FillContext { viewer: Some(viewer(Err(Reason::NotMapped))), ..context(Delivery::Signed) });
    assert!(!is_signed(named(&mut unmapped, SlotKind::Frame, "revenue")));
    assert_eq!(
        unmapped.take_heard().notes,
        [Note::MintRefused(EmbedName::parse("revenue").unwrap(), Reason::NotMapped)]
    );
    let mut nobody = filler(FillContext { viewer: None, ..context(Delivery::Signed) });
    assert!(!is_signed(named(&mut nobody, SlotKind::Frame, "revenue")));
    assert_eq!(nobody.take_heard().notes, []);
}

#[test]
fn a_prefetch_and_an_error_page_get_links() {
    let visit = Visit { is_prefetch: true, kind: VisitKind::Prefetch, ..context(Delivery::Signed).visit };
    let mut prefetch = filler(FillContext { visit, ..context(Delivery::Signed) });
    assert!(!is_signed(named(&mut prefetch, SlotKind::Frame, "revenue")));
    let status = StatusCode::NOT_FOUND;
    let mut error_page = filler(FillContext { status, ..context(Delivery::Signed) });
    assert!(!is_signed(named(&mut error_page, SlotKind::Frame, "revenue")));
}

#[test]
fn an_embed_that_is_not_of_the_site_is_unknown_and_noted_once() {
    let mut filler = filler(context(Delivery::Signed));
    for name in ["hidden", "nothing", "hidden", "Revenue", " revenue"] {
        assert!(named(&mut filler, SlotKind::Frame, name).is_none());
    }
    let notes =
        ["hidden", "nothing", "Revenue", "(8 bytes that are no name)"].map(|name| Note::UnknownEmbed(name.to_owned()));
    let heard = filler.take_heard();
    assert_eq!(heard.notes, notes);
    assert!(heard.records.is_empty());
}

#[test]
fn a_sigma_url_is_found_and_a_wildcard_needs_one() {
    let mut filler = filler(context(Delivery::Link));
    let by_url = |filler: &mut Filler, url| {
        filler.fill(&Wanted { kind: SlotKind::Frame, embed: None, url: Some(url), controls: &[], frames: None })
    };
    assert_eq!(by_url(&mut filler, URL).unwrap().link, "/sigma/embed/revenue");
    assert!(by_url(&mut filler, "https://evil.example.com/acme/workbook/Revenue-28xgywpg21TkRWtz3jVRCe").is_none());
    assert!(named(&mut filler, SlotKind::Frame, "any").is_none());
    assert_eq!(filler.take_heard().notes, [Note::NoDocument(EmbedName::parse("any").unwrap())]);
    let both = Wanted { kind: SlotKind::Frame, embed: Some("any"), url: Some(URL), controls: &[], frames: None };
    assert!(filler.fill(&both).unwrap().link.starts_with("/sigma/embed/any/"));
}

#[test]
fn slots_beyond_the_limit_are_left_with_one_note() {
    let mut filler = filler(context(Delivery::Signed));
    let filled = (0..SLOTS_MAX + 5).filter_map(|_| named(&mut filler, SlotKind::Frame, "revenue")).count();
    let heard = filler.take_heard();
    assert_eq!((filled, heard.records.len()), (SLOTS_MAX, SLOTS_MAX));
    assert_eq!(heard.notes, [Note::TooManySlots]);
}

/// A page may have any number of links above its frame.
#[test]
fn links_have_no_limit_and_take_nothing_from_frames() {
    for delivery in [Delivery::Link, Delivery::Signed] {
        let mut filler = filler(context(delivery));
        let linked = (0..5 * SLOTS_MAX).filter_map(|_| named(&mut filler, SlotKind::Anchor, "revenue")).count();
        assert_eq!(linked, 5 * SLOTS_MAX);
        assert!((0..SLOTS_MAX).all(|_| named(&mut filler, SlotKind::Frame, "revenue").is_some()));
        assert!(named(&mut filler, SlotKind::Object, "revenue").is_none());
        assert!(named(&mut filler, SlotKind::Anchor, "revenue").is_some());
        assert_eq!(filler.take_heard().notes, [Note::TooManySlots]);
    }
}

#[test]
fn pages_are_searched_for_the_attribute_and_for_sigmas_host() {
    let filler = filler(context(Delivery::Link));
    for text in ["data-sigma-embed", "DATA-SIGMA-EMBED", "app.sigmacomputing.com", "APP.SIGMACOMPUTING.COM"] {
        assert!(filler.landmarks().are_in(text.as_bytes()), "{text}");
    }
}

#[test]
fn nothing_secret_is_in_what_can_be_printed() {
    let mut filler = filler(context(Delivery::Signed));
    let filled = named(&mut filler, SlotKind::Frame, "revenue");
    assert!(!format!("{filled:?} {filler:?}").contains(":jwt="));
}

/// A frame of Sigma's is one wherever it leads; a link may lead to Sigma's help.
#[test]
fn what_leads_to_sigma_and_to_no_embed_of_the_site_is_noted_once() {
    let ask = "https://app.sigmacomputing.com/acme/ask";
    let home = "https://app.sigmacomputing.com/acme";
    for (kind, url, expected) in [
        (SlotKind::Frame, ask, true),
        (SlotKind::Object, home, true),
        (SlotKind::Anchor, ask, true),
        (SlotKind::Location, ask, true),
        (SlotKind::Anchor, home, false),
        (SlotKind::Location, home, false),
        (SlotKind::Location, "/login", false),
        (SlotKind::Json, ask, false),
        (SlotKind::Frame, "//APP.sigmacomputing.com/x", true),
        (SlotKind::Frame, "https://app.sigmacomputing.com@evil.example.com/acme/ask", false),
        (SlotKind::Frame, "/proxy?to=https://app.sigmacomputing.com/acme/ask", false),
    ] {
        let status = if kind == SlotKind::Location { StatusCode::FOUND } else { StatusCode::OK };
        let mut filler = filler(FillContext { status, ..context(Delivery::Link) });
        for _ in 0..2 {
            filler.fill(&Wanted { kind, embed: None, url: Some(url), controls: &[], frames: None });
        }
        let expected = if expected { vec![Note::NoEmbed] } else { vec![] };
        assert_eq!(filler.take_heard().notes, expected, "{kind:?} {url}");
    }
}
