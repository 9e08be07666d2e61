//! Every property holds for the corpus of its fuzz target.

use std::{fs, path::Path};

/// Runs the property on each file of `fuzz/corpus/TARGET/`; a file that fails is named first.
fn replay(target: &str, property: fn(&[u8])) {
    let inputs = inputs(target);
    assert!(!inputs.is_empty(), "fuzz/corpus/{target} has no inputs");
    for (name, input) in inputs {
        eprintln!("fuzz/corpus/{target}/{name}");
        property(&input);
    }
}

fn inputs(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap());
    let mut inputs: Vec<_> =
        entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect();
    inputs.sort();
    inputs
}

/// The names of the targets, from their files.
fn targets() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/targets");
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter_map(|name| name.strip_suffix(".rs").map(str::to_owned)).collect()
}

macro_rules! replays {
    ($($test:ident: $target:ident,)*) => {
        $(
            #[test]
            fn $test() {
                replay(stringify!($target), super::$target);
            }
        )*

        #[test]
        fn every_fuzz_target_is_replayed() {
            let mut replayed = vec![$(stringify!($target).to_owned()),*];
            let mut targets = targets();
            replayed.sort();
            targets.sort();
            assert_eq!(replayed, targets);
        }
    };
}

replays! {
    what_is_admitted_has_one_reading: admit,
    a_proxy_header_is_one_however_its_bytes_come: proxy_header,
    a_path_leads_where_it_was_decided: path,
    nothing_of_ours_is_left_in_a_cookie_line: cookie_line,
    what_nobody_sealed_does_not_open: sealed_cookie,
    a_callback_gives_its_code_to_its_own_login: callback_query,
    what_nobody_signed_is_no_id_token: id_token,
    a_sigma_url_is_read_again_as_the_same: sigma_url,
    a_mended_head_is_what_a_strict_parser_reads: head_mender,
    bytes_outside_the_slots_of_a_page_stay: html,
    an_http2_head_is_looked_through_alike_however_its_bytes_come: http2_heads,
    bytes_outside_the_slots_of_json_stay: json_patch,
    what_is_wrong_with_a_configuration_is_told_by_line: config_text,
}

#[test]
#[should_panic(expected = "fuzz/corpus/nothing has no inputs")]
fn a_corpus_that_is_empty_fails() {
    replay("nothing", |_| ());
}
