//! What `benches/stages.rs` counts, each operation with its own preparation: its only door to the stages.
//!
//! Functions and no re-exports: a type that a bench names has to be public, and so has every type of its signatures, until
//! nobody could say any more what is dead. With the feature `demo` only, whose configuration and people it takes.

use std::{fmt::Write as _, hint::black_box, io::Write as _, sync::Arc};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use crate::{
    config::{Config, Draft, SecretSource, SecretValues, Site},
    demo::{self, Person, Ports, Secrets},
    embed::{Delivery, Viewer, mint, view_of_link},
    forward::{AssertionSigner, HeaderPreset, IdentityHeaders, Sender},
    identity::{Claims, CookieName, Cookies, Identity, JwsKey, Session, Visitor, VisitorSource},
    policy::grant,
    request::{FrameWalk, FramesWalked, Visit},
    rewrite::{Coding, FillContext, Filler, HeldBody, HeldStep, Hold, HtmlPlan, HtmlSettings, Minting, PageBody, Step},
    seed::Seed,
    time::UnixSeconds,
};

const NOW: UnixSeconds = UnixSeconds(1_800_000_000);
/// Mappings beside the demo's own, as a company with many departments has them.
const MAPPINGS: usize = 50;
/// What a read from a socket gives.
const CHUNK_BYTES: usize = 16 * 1024;

/// What is done over and over; it holds its own preparation.
pub type Operation = Box<dyn FnMut()>;

/// The demo's configuration with more mappings, and one of its people.
pub struct World {
    config: Arc<Config>,
    identity: Identity,
}

/// From the request's headers to who is asking.
#[must_use]
pub fn session_open(world: &World) -> Operation {
    let (config, site) = (Arc::clone(&world.config), world.site(Delivery::Link));
    let name = site.name.as_str().to_owned();
    let sealed = Session::begin(world.identity.clone(), &config.session, NOW).seal(&config.session, &name, [7; 12]);
    let sealed = sealed.expect("a session of the demo fits a cookie");
    let cookie = format!("theme=dark; {}={sealed}; JSESSIONID=0123456789", CookieName::Session);
    let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::try_from(cookie).expect("plain ASCII"))]);
    Box::new(move || {
        let cookies = Cookies::of(black_box(&headers));
        let reading = black_box(Session::read(&cookies, &config.session, &name, NOW));
        reading.session.expect("sealed a moment ago");
    })
}

/// A head over HTTP/2, looked through: all of a browser's later request but its path is in the tables.
#[must_use]
pub fn http2_head(_: &World) -> Operation {
    let mut path = Vec::new();
    httlib_huffman::encode(b"/reports/2026/overview.aspx?tab=2&sort=name", &mut path).expect("every byte has a code");
    let length = u8::try_from(path.len()).expect("short");
    let block =
        [&b"\x82\x87\x04"[..], &[0x80 | length], &path, b"\xca\xc9\xc8\xc7\xc6\xc5\xc4\xc3\xc2\xc1\xc0\xbf\xbe"]
            .concat();
    let head = [&[0, 0, u8::try_from(block.len()).expect("short"), 1, 5, 0, 0, 0, 3][..], &block].concat();
    let (mut walk, mut out) = (FrameWalk::new(), Vec::new());
    walk.over(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &mut out);
    let all = FramesWalked { stay: head.len(), held_from: head.len() };
    Box::new(move || assert_eq!(walk.over(black_box(&head), &mut out), all, "it is readable"))
}

/// The headers of the default preset for one request.
#[must_use]
pub fn identity_headers(world: &World) -> Operation {
    let headers = world.site(Delivery::Link).identity_headers.clone();
    told_of(world, headers)
}

/// A signed assertion for one request, and nothing else.
#[must_use]
pub fn signed_assertion(world: &World) -> Operation {
    let key = rcgen::KeyPair::generate().expect("a machine has random bytes").serialize_pem();
    let keys = vec![JwsKey::parse(&key).expect("a key on P-256 is one")];
    let header = HeaderName::from_static("sigma-gateway-assertion");
    let signer = AssertionSigner::new(header, "https://crm.example.com", None, keys);
    told_of(world, IdentityHeaders::from(HeaderPreset::None).with_assertion(signer))
}

fn told_of(world: &World, headers: IdentityHeaders) -> Operation {
    let (ends_at, source) = (NOW.plus(world.config.session.max_age), VisitorSource::Assertion);
    let visitor = Visitor { identity: world.identity.clone(), ends_at, source };
    Box::new(move || {
        let sender = Sender { visitor: Some(black_box(&visitor)), request_id: "14c4bc24-d22d-401b-bd02", now: NOW };
        let told = black_box(&headers).all(sender).filter(|line| line.value.is_some()).count();
        assert!(black_box(told) > 0, "of somebody something is said");
    })
}

/// A person through all rules.
#[must_use]
pub fn grant_of_mappings(world: &World) -> Operation {
    let (config, identity) = (Arc::clone(&world.config), world.identity.clone());
    Box::new(move || drop(black_box(grant(black_box(&identity), &config.mappings)).expect("the rules hold for cara")))
}

/// From who is looking to a signed URL.
#[must_use]
pub fn mint_url(world: &World) -> Operation {
    let (config, viewer) = (Arc::clone(&world.config), world.viewer());
    let mut stream = Seed::new([3; 32]).into_stream();
    Box::new(move || {
        let embed = config.catalogue.by_name("revenue").expect("an embed of the demo");
        let organization = config.catalogue.organization_of(embed).expect("an organization of the demo");
        let view = view_of_link(embed, "", Some("Region=EMEA")).expect("a parameter of the embed");
        black_box(mint(organization, embed, &view, black_box(&viewer), &mut stream, NOW)).expect("cara may see it");
    })
}

/// A page with a `Content-Length`, looked through before its head goes out; its slots get stable links.
#[must_use]
pub fn held_page(world: &World, page: Bytes) -> Operation {
    held(world.fill_context(Delivery::Link), Coding::Identity, page)
}

/// The same, in gzip.
#[must_use]
pub fn held_page_gzip(world: &World, page: &[u8]) -> Operation {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let coded = encoder.write_all(page).and_then(|()| encoder.finish()).expect("a Vec takes all");
    held(world.fill_context(Delivery::Link), Coding::Gzip, coded.into())
}

/// The same, with signed URLs.
#[must_use]
pub fn held_page_signed(world: &World, page: Bytes) -> Operation {
    held(world.fill_context(Delivery::Signed), Coding::Identity, page)
}

fn held(context: FillContext, coding: Coding, page: Bytes) -> Operation {
    Box::new(move || {
        let settings = HtmlSettings::default();
        let plan = HtmlPlan { coding, hold: Hold::ToItsEnd, settings, extended: None };
        let mut body = HeldBody::page(plan, filler(&context));
        page.chunks(CHUNK_BYTES).for_each(|chunk| body.push(black_box(chunk)).expect("the page has room"));
        while black_box(body.step(Minting::Allowed)).step == HeldStep::Again {}
    })
}

/// A page that comes in chunks, rewritten on its way; it has so many slots.
#[must_use]
pub fn streamed_page(world: &World, page: Bytes, slots: usize) -> Operation {
    let context = world.fill_context(Delivery::Link);
    Box::new(move || {
        let mut body = PageBody::new(Coding::Identity, &HtmlSettings::default(), filler(&context));
        let step = |body: &mut PageBody<Filler>, out: &mut Vec<u8>| {
            body.step(out, Minting::Allowed).step.expect("the page is HTML")
        };
        let mut out = Vec::new();
        for start in (0..page.len()).step_by(CHUNK_BYTES) {
            body.push(black_box(page.slice(start..page.len().min(start + CHUNK_BYTES))));
            while step(&mut body, &mut out) == Step::Again {}
            out.clear();
        }
        body.finish_input();
        while step(&mut body, &mut out) != Step::Done {}
        assert_eq!(body.slots(), slots);
    })
}

fn filler(context: &FillContext) -> Filler {
    Filler::new(context.clone(), Seed::new([5; 32]).into_stream())
}

impl World {
    /// The same at every start: nothing is drawn by chance.
    #[must_use]
    pub fn of_demo() -> Self {
        let ports = Ports::from_base(8080).expect("a base with room");
        let mut text = demo::config_text(&ports);
        for number in 0..MAPPINGS {
            let when =
                format!("groups = [\"department-{number}\", {{ glob = \"dep-{number}-*\" }}], region = [\"EMEA\"]");
            write!(text, "[[mapping]]\nname = \"m{number}\"\nwhen = {{ {when} }}\nteams = [\"T{number}\"]\n")
                .expect("a String takes all");
        }
        let secrets = Secrets::draw(&mut Seed::new([1; 32]).into_stream()).values();
        let of_file = |(file, secret): (&str, _)| (SecretSource::File(file.to_owned()), Ok(secret));
        let values: SecretValues = secrets.into_iter().map(of_file).collect();
        let config = Draft::parse(&text).check(&values).expect("the demo's configuration is good").0;
        let claims = Claims::from(Person::find("cara").expect("a person of the demo").claims());
        let provider = config.providers.values().next().expect("the demo has one");
        let identity = Identity::from_claims(
            provider.settings(),
            &claims,
            config.session.projection_of(&provider.settings().name),
        );
        let identity = identity.expect("the claims of cara suffice");
        Self { config: Arc::new(config), identity }
    }

    fn viewer(&self) -> Viewer {
        Viewer::of(&self.identity, &self.config.mappings, NOW.plus(self.config.session.max_age))
    }

    fn site(&self, delivery: Delivery) -> &Arc<Site> {
        self.config.sites.iter().find(|site| site.rewrite.delivery() == delivery).expect("the demo has one of each")
    }

    fn fill_context(&self, delivery: Delivery) -> FillContext {
        let site = self.site(delivery);
        let navigation = [("sec-fetch-dest", "document"), ("sec-fetch-mode", "navigate"), ("sec-fetch-site", "none")];
        let headers = navigation.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        FillContext {
            rewrite: Arc::clone(&site.rewrite),
            viewer: Some(self.viewer()),
            visit: Visit::of(&Method::GET, &HeaderMap::from_iter(headers)),
            status: StatusCode::OK,
            now: NOW,
        }
    }
}
