use percent_encoding::percent_decode;
use proptest::{prelude::*, sample::select};

use crate::request::{NormalPath, OwnPaths, PathError, PathTable, Prefix, RouteIndex, UpstreamPaths};

const PREFIXES: [&str; 4] = ["/public/", "/admin", "/public/admin", "/a/b"];

fn table() -> PathTable {
    PathTable::new(PREFIXES.iter().map(|text| Prefix::parse(text).unwrap()).collect())
}

fn find(path: &str) -> Result<Option<RouteIndex>, PathError> {
    NormalPath::parse(path).and_then(|path| table().find(&path))
}

#[test]
fn the_longest_prefix_wins_whatever_the_order() {
    assert_eq!(find("/public/x"), Ok(Some(RouteIndex(0))));
    assert_eq!(find("/public/admin/x"), Ok(Some(RouteIndex(2))));
    assert_eq!(find("/admin"), Ok(Some(RouteIndex(1))));
    assert_eq!(find("/other"), Ok(None));
    assert_eq!(find("/administrator"), Ok(None));
}

#[test]
fn a_path_that_another_reading_leads_elsewhere_is_ambiguous() {
    for path in [
        "/%61dmin",
        "/ADMIN",
        "/Admin/x",
        "//admin",
        "/admin%2f",
        "/admin%2fx",
        "/admin;x",
        "/;x/admin",
        "/%5cadmin",
        "/admin%5cx",
        "/%2561dmin",
        "/%ef%bd%81dmin",
        "/admin%3f/public",
        "/admin%23/public",
        "/public%2fadmin",
        "/public//admin",
        "/public/%61dmin",
        "/public/;/admin",
        "/admin%20",
        "/admin.",
        "/%ef%bc%8fadmin",
        "/%c1%a1dmin",
        "/%25c1%25a1dmin",
        "/%e0%81%a1dmin/x",
        "/%c0%afadmin",
        "/public/%c0%afadmin",
        "/public%f0%80%80%afadmin",
        "/public%c1%9cadmin",
        "/admin%c0%afx",
        "/admin%c0%80",
        "/admin%c0%80.html",
        "/%c0%8aadmin",
        "/admin%c0%bbx",
        "/admin%c0%a0",
        "/public%c0%2fadmin",
        "/publ%c4%b1c/x",
        "/%c1admin/x",
        "/%25c1admin/x",
        "/%fe%80%80%80%80%81%a1dmin/x",
        "/admin%c0/x",
        "/public%c0/admin/x",
        "/public/%c0/admin/x",
        "/public/%c1!dmin/x",
        "/admin%c0@",
        "/admin%c0@.html",
        "/admin%c0%40x",
        "/admin%c0J/x",
    ] {
        assert_eq!(find(path), Err(PathError::Ambiguous), "{path}");
    }
}

#[test]
fn odd_paths_that_lead_to_one_route_in_every_reading_are_served() {
    for (path, route) in [
        ("/public/a%20b", Some(0)),
        ("/public/a%2Fb;c//d", Some(0)),
        ("/admin/Upper%20Case", Some(1)),
        ("/other/a%2fb", None),
        ("/wiki/What%3F", None),
        ("/public/%c0%afa", Some(0)),
        ("/public/a%c0%80b", Some(0)),
        ("/other/%c0%ae%c1%a1", None),
        ("/public/%c1admin~/%c0/x", Some(0)),
        ("/public/%C0@x/%C0%20la%20carte.%c0A", Some(0)),
        ("/other/%c1a/%C0.x", None),
        ("/admin~1/x", None),
        ("/public/a::$DATA", Some(0)),
    ] {
        assert_eq!(find(path), Ok(route.map(RouteIndex)), "{path}");
    }
}

#[test]
fn without_routes_every_valid_path_is_served() {
    assert_eq!(PathTable::default().find(&NormalPath::parse("/A%2fb").unwrap()), Ok(None));
}

/// What a server does to a path before it looks for a handler, written anew with other means than the gateway's.
#[derive(Debug, Clone, Copy)]
enum ServerStep {
    Decode,
    MergeSlashes,
    CutParameters,
    Backslashes,
    Lower,
    ResolveDots,
}

fn apply(step: ServerStep, path: &str) -> String {
    match step {
        ServerStep::Decode => percent_decode(path.as_bytes()).decode_utf8_lossy().into_owned(),
        ServerStep::Backslashes => path.replace('\\', "/"),
        ServerStep::Lower => path.to_ascii_lowercase(),
        ServerStep::CutParameters => {
            path.split('/').map(|segment| segment.split(';').next().unwrap()).collect::<Vec<_>>().join("/")
        }
        ServerStep::MergeSlashes => {
            let mut merged = path.to_owned();
            while merged.contains("//") {
                merged = merged.replace("//", "/");
            }
            merged
        }
        ServerStep::ResolveDots => {
            let mut segments: Vec<&str> = Vec::new();
            for segment in path.split('/').skip(1) {
                match segment {
                    "." => {}
                    ".." => drop(segments.pop()),
                    _ => segments.push(segment),
                }
            }
            format!("/{}", segments.join("/"))
        }
    }
}

fn plain_route(path: &str) -> Option<RouteIndex> {
    let is_under = |prefix: &str| {
        let base = prefix.trim_end_matches('/');
        path == base || path.starts_with(&format!("{base}/"))
    };
    let longest = PREFIXES.iter().enumerate().filter(|(_, prefix)| is_under(prefix));
    longest.max_by_key(|(_, prefix)| prefix.trim_end_matches('/').len()).map(|(index, _)| RouteIndex(index))
}

fn any_path() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "/", "/", "/", "//", "public", "admin", "PUBLIC", "Admin", "a", "b", "x", ".", "..", ";", ";p=1", "%2f", "%2F",
        "%5c", "%2e", "%252e", "%252f", "%255c", "%61", "%2561", "%3b", "%253b", "%70ublic", "%41dmin", "%20",
    ]);
    prop::collection::vec(piece, 0..9).prop_map(|pieces| format!("/{}", pieces.concat()))
}

fn any_server() -> impl Strategy<Value = Vec<ServerStep>> {
    use ServerStep::{Backslashes, CutParameters, Decode, Lower, MergeSlashes, ResolveDots};
    prop::collection::vec(select(vec![Decode, MergeSlashes, CutParameters, Backslashes, Lower, ResolveDots]), 0..7)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn no_server_reads_a_served_path_into_another_route(path in any_path(), steps in any_server()) {
        if let Ok(route) = find(&path) {
            let seen = steps.iter().fold(path.clone(), |path, step| apply(*step, &path));
            prop_assert_eq!(plain_route(&seen), route, "{} is read as {}", path, seen);
        }
    }

    #[test]
    fn any_text_is_refused_or_kept_byte_for_byte(text in "\\PC{0,40}") {
        if let Ok(path) = NormalPath::parse(&text) {
            prop_assert_eq!(path.as_str(), text);
        }
    }
}

#[test]
fn on_windows_streams_short_names_and_best_fit_are_readings() {
    let routes = ["/public/", "/administration", "/a/b.config"].map(|text| Prefix::parse(text).unwrap()).to_vec();
    let table = PathTable::new(routes)
        .read_by(UpstreamPaths::Windows, Some(&OwnPaths::new("/oauth2", "/sigma-gateway").unwrap()));
    let find = |path: &str| NormalPath::parse(path).and_then(|path| table.find(&path));
    for path in [
        "/administration::$DATA",
        "/administration:x/y",
        "/administration::$INDEX_ALLOCATION/x",
        "/administration%3a%3a$DATA",
        "/ADMINI~1",
        "/admini%7e2/x",
        "/AD3F2B~1/x",
        "/oauth2::$INDEX_ALLOCATION/x",
        "/oauth2%3ax",
        "/SIGMA-~1/embed.js",
        "/a/B~1.CON",
        "/%e2%88%95administration",
        "/a%e2%82%a9b.config",
        "/administration.%20.::$DATA",
    ] {
        assert_eq!(find(path), Err(PathError::Ambiguous), "{path}");
    }
    for path in
        ["/public/..::$DATA/administration", "/public/..:x/a", "/public/..%e2%88%95administration", "/public/.:/a"]
    {
        assert_eq!(find(path), Err(PathError::DotSegment), "{path}");
    }
    for (path, route) in [
        ("/public/a::$DATA", Some(0)),
        ("/public/LONGNA~1.PDF", Some(0)),
        ("/other/a:b~1", None),
        ("/~ana/x", None),
        ("/administration/a~1", Some(1)),
    ] {
        assert_eq!(find(path), Ok(route.map(RouteIndex)), "{path}");
    }
}
