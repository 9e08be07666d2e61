//! The pure stages that cost the most, one operation at a time: `scripts/bench-stages` counts their instructions.
//!
//! `stages` runs each once, `stages list` names them with a fit count, `stages NAME COUNT` runs one so many times. Nothing is
//! measured here.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a program of the tests, run by hand or by CI"
)]

use std::{env, fmt::Write as _, hint::black_box, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use sigma_gateway::{
    config::{Config, Draft, SecretSource, SecretValues, Site},
    demo::{self, Person, Ports, Secrets},
    embed::{Delivery, Viewer, mint, view_of_link},
    identity::{Claims, CookieName, Cookies, Identity, Session},
    policy::grant,
    request::Visit,
    rewrite::{Coding, FillContext, Filler, HeldBody, HeldStep, HtmlPlan, HtmlSettings, Minting, PageBody, Step},
    seed::Seed,
    time::UnixSeconds,
};

const NOW: UnixSeconds = UnixSeconds(1_800_000_000);
/// Mappings beside the demo's own, as a company with many departments has them.
const MAPPINGS: usize = 50;
const PAGE_BYTES: usize = 200 * 1024;
/// What a read from a socket gives.
const CHUNK_BYTES: usize = 16 * 1024;

/// What is done over and over; it holds its own preparation.
type Operation = Box<dyn FnMut()>;
type Prepare = fn(&World) -> Operation;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let world = World::new();
    match &arguments[..] {
        [] => operations().into_iter().for_each(|(_, _, prepare)| prepare(&world)()),
        [list] if list == "list" => {
            operations().into_iter().for_each(|(name, count, _)| println!("{name} {count}"));
        }
        [wanted, count] => {
            let (_, _, prepare) =
                operations().into_iter().find(|(name, ..)| name == wanted).expect("a name of the list");
            let mut operation = prepare(&world);
            (0..count.parse::<u32>().expect("a count")).for_each(|_| operation());
        }
        _ => panic!("stages [list | NAME COUNT]"),
    }
}

/// Every operation: its name, and how often it has to run until the start of the program, which varies by a thousand
/// instructions, does not matter.
fn operations() -> Vec<(&'static str, u32, Prepare)> {
    vec![
        ("session_open", 200, session_open),
        ("grant_of_53_mappings", 200, grant_of_mappings),
        ("mint_url", 200, mint_url),
        ("page_held_0_slots", 5, |world| held_page(world, 0, Delivery::Link)),
        ("page_held_1_slot", 5, |world| held_page(world, 1, Delivery::Link)),
        ("page_held_20_slots", 5, |world| held_page(world, 20, Delivery::Link)),
        ("page_held_20_slots_signed", 5, |world| held_page(world, 20, Delivery::Signed)),
        ("page_streamed_0_slots", 5, |world| streamed_page(world, 0)),
        ("page_streamed_20_slots", 5, |world| streamed_page(world, 20)),
    ]
}

/// From the request's headers to who is asking.
fn session_open(world: &World) -> Operation {
    let (config, site) = (Arc::clone(&world.config), Arc::clone(world.site(Delivery::Link)));
    let name = site.name.as_str().to_owned();
    let sealed = Session::begin(world.identity.clone(), &config.session, NOW).seal(&config.session, &name, [7; 12]);
    let cookie = format!("theme=dark; {}={}; JSESSIONID=0123456789", CookieName::Session, sealed.unwrap());
    let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::try_from(cookie).unwrap())]);
    Box::new(move || {
        let cookies = Cookies::of(black_box(&headers));
        black_box(Session::read(&cookies, &config.session, &name, NOW)).session.unwrap();
    })
}

/// A person through all rules.
fn grant_of_mappings(world: &World) -> Operation {
    let (config, identity) = (Arc::clone(&world.config), world.identity.clone());
    Box::new(move || drop(black_box(grant(black_box(&identity), &config.mappings)).unwrap()))
}

/// From who is looking to a signed URL.
fn mint_url(world: &World) -> Operation {
    let (config, viewer) = (Arc::clone(&world.config), world.viewer());
    let mut stream = Seed::new([3; 32]).into_stream();
    Box::new(move || {
        let embed = config.catalogue.by_name("revenue").unwrap();
        let organization = config.catalogue.organization_of(embed).unwrap();
        let view = view_of_link(embed, "", Some("Region=EMEA")).unwrap();
        black_box(mint(organization, embed, &view, black_box(&viewer), &mut stream, NOW)).unwrap();
    })
}

/// A page with a `Content-Length`, looked through before its head goes out.
fn held_page(world: &World, slots: usize, delivery: Delivery) -> Operation {
    let page = page(slots);
    let context = world.fill_context(delivery);
    Box::new(move || {
        let plan = HtmlPlan { coding: Coding::Identity, is_held: true, settings: HtmlSettings::default() };
        let mut body = HeldBody::page(plan, filler(&context));
        page.chunks(CHUNK_BYTES).for_each(|chunk| body.push(black_box(chunk)).unwrap());
        while black_box(body.step()).step == HeldStep::Again {}
    })
}

/// A page that comes in chunks, rewritten on its way.
fn streamed_page(world: &World, slots: usize) -> Operation {
    let page = page(slots);
    let context = world.fill_context(Delivery::Link);
    Box::new(move || {
        let mut body = PageBody::new(Coding::Identity, &HtmlSettings::default(), filler(&context));
        let mut out = Vec::new();
        for start in (0..page.len()).step_by(CHUNK_BYTES) {
            body.push(black_box(page.slice(start..page.len().min(start + CHUNK_BYTES))));
            while body.step(&mut out, Minting::Allowed).step.unwrap() == Step::Again {}
            out.clear();
        }
        body.finish_input();
        while body.step(&mut out, Minting::Allowed).step.unwrap() != Step::Done {}
        assert_eq!(body.slots(), slots);
    })
}

fn filler(context: &FillContext) -> Filler {
    Filler::new(context.clone(), Seed::new([5; 32]).into_stream())
}

/// The demo's configuration with more mappings, and one of its people.
struct World {
    config: Arc<Config>,
    identity: Identity,
}

impl World {
    fn new() -> Self {
        let mut text = demo::config_text(&Ports::from_base(8080).unwrap());
        for number in 0..MAPPINGS {
            let when =
                format!("groups = [\"department-{number}\", {{ glob = \"dep-{number}-*\" }}], region = [\"EMEA\"]");
            write!(text, "[[mapping]]\nname = \"m{number}\"\nwhen = {{ {when} }}\nteams = [\"T{number}\"]\n").unwrap();
        }
        let secrets = Secrets::draw(&mut Seed::new([1; 32]).into_stream()).values();
        let of_file = |(file, secret): (&str, _)| (SecretSource::File(file.to_owned()), Ok(secret));
        let values: SecretValues = secrets.into_iter().map(of_file).collect();
        let config = Draft::parse(&text).check(&values).unwrap_or_else(|problems| panic!("{problems}")).0;
        let claims = Claims::from(Person::find("cara").unwrap().claims());
        let provider = config.providers.values().next().unwrap();
        let identity = Identity::from_claims(provider.settings(), &claims, &config.session.projection).unwrap();
        Self { config: Arc::new(config), identity }
    }

    fn viewer(&self) -> Viewer {
        Viewer::of(&self.identity, &self.config.mappings, NOW.plus(self.config.session.max_age))
    }

    fn site(&self, delivery: Delivery) -> &Arc<Site> {
        self.config.sites.iter().find(|site| site.rewrite.delivery() == delivery).unwrap()
    }

    fn fill_context(&self, delivery: Delivery) -> FillContext {
        let site = self.site(delivery);
        let navigation = [("sec-fetch-dest", "document"), ("sec-fetch-mode", "navigate"), ("sec-fetch-site", "none")];
        let headers = navigation.map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)));
        FillContext {
            rewrite: Arc::clone(&site.rewrite),
            viewer: Some(self.viewer()),
            visit: Visit::of(&Method::GET, &HeaderMap::from_iter(headers)),
            status: StatusCode::OK,
            now: NOW,
        }
    }
}

/// A table of customers of at least `PAGE_BYTES`, its slots spread over the rows.
fn page(slots: usize) -> Bytes {
    let mut text = "<!DOCTYPE html>\n<html><head><title>Customers</title></head><body><table>\n".to_owned();
    let mut placed = 0;
    for number in 0.. {
        if text.len() >= PAGE_BYTES {
            break;
        }
        writeln!(
            text,
            "<tr class=\"r\" id=\"c{number}\"><td><a href=\"/customers/{number}\">Customer {number}</a></td>\
             <td class=\"n\">{number}.00</td><td><input type=\"checkbox\" name=\"s\" value=\"{number}\"></td></tr>"
        )
        .unwrap();
        if placed < slots && text.len() * (slots + 1) > PAGE_BYTES * (placed + 1) {
            placed += 1;
            text.push_str("<tr><td><iframe data-sigma-embed=\"revenue\" width=\"600\"></iframe></td></tr>\n");
        }
    }
    text.push_str("</table></body></html>\n");
    text.into()
}
