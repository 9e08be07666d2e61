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

use std::{env, fmt::Write as _};

use bytes::Bytes;
use sigma_gateway::bench::{
    Operation, World, grant_of_mappings, held_page, held_page_gzip, held_page_signed, http2_head, identity_headers,
    mint_url, session_open, signed_assertion, streamed_page,
};

const PAGE_BYTES: usize = 200 * 1024;

type Prepare = fn(&World) -> Operation;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let world = World::of_demo();
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

/// Every operation: its name, and how often it has to run until the start of the program does not matter. That varies by
/// a thousand instructions, and by a million where a key is made.
fn operations() -> Vec<(&'static str, u32, Prepare)> {
    vec![
        ("session_open", 200, session_open),
        ("http2_head", 2_000, http2_head),
        ("identity_headers", 2_000, identity_headers),
        ("signed_assertion", 500, signed_assertion),
        ("grant_of_53_mappings", 200, grant_of_mappings),
        ("mint_url", 200, mint_url),
        ("page_held_0_slots", 5, |world| held_page(world, page(0))),
        ("page_held_1_slot", 5, |world| held_page(world, page(1))),
        ("page_held_20_slots", 5, |world| held_page(world, page(20))),
        ("page_held_20_slots_signed", 5, |world| held_page_signed(world, page(20))),
        ("page_held_0_slots_gzip", 5, |world| held_page_gzip(world, &page(0))),
        ("page_held_1_slot_gzip", 5, |world| held_page_gzip(world, &page(1))),
        ("page_held_20_slots_gzip", 5, |world| held_page_gzip(world, &page(20))),
        ("page_streamed_0_slots", 5, |world| streamed_page(world, page(0), 0)),
        ("page_streamed_20_slots", 5, |world| streamed_page(world, page(20), 20)),
    ]
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
