//! A path: whatever a host application makes of it, the route is the one that was decided on.

use percent_encoding::percent_decode;

use super::fixture::{plain_site, windows_site};
use crate::{
    config::Site,
    request::{NormalPath, RouteIndex},
};

/// The path as it stands in a request line.
pub fn path(data: &[u8]) {
    let Ok(raw) = std::str::from_utf8(data) else { return };
    let Ok(path) = NormalPath::parse(raw) else { return };
    assert_eq!(path.as_str(), raw);
    let on_windows = windows_site().paths.find(&path);
    let Ok(route) = plain_site().paths.find(&path) else {
        // A server on Windows reads every path in the other ways too.
        assert!(on_windows.is_err(), "a path is clearer on Windows");
        return;
    };
    check_readings(raw.as_bytes(), route, plain_site(), &EVERYWHERE);
    if let Ok(on_windows) = on_windows {
        assert_eq!(on_windows, route, "both sites have the same routes");
        check_readings(raw.as_bytes(), route, windows_site(), &ON_WINDOWS);
    }
}

/// What a server may make of a path.
type OneReading = fn(&[u8]) -> Vec<u8>;

/// Three readings one after the other, in every order: none is another route, a dot segment or a control.
fn check_readings(raw: &[u8], route: Option<RouteIndex>, site: &Site, transforms: &[OneReading]) {
    let mut readings = vec![raw.to_vec()];
    let mut from = 0;
    for _ in 0..3 {
        let until = readings.len();
        for index in from..until {
            for transform in transforms {
                let reading = transform(&readings[index]);
                if !readings.contains(&reading) {
                    readings.push(reading);
                }
            }
        }
        from = until;
    }
    for reading in readings {
        let text = String::from_utf8_lossy(&reading).into_owned();
        assert!(!reading.iter().any(u8::is_ascii_control), "a control in {text:?}");
        assert!(!reading.split(|byte| *byte == b'/').any(|part| matches!(part, b"." | b"..")), "dots in {text:?}");
        assert_eq!(longest(site, &reading), route, "{text:?}");
    }
}

/// The longest prefix in the simplest words.
fn longest(site: &Site, reading: &[u8]) -> Option<RouteIndex> {
    let is_at = |prefix: &str| {
        let base = prefix.trim_end_matches('/').as_bytes();
        reading.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
    };
    let matching = site.routes.iter().enumerate().filter(|(_, route)| is_at(route.path.as_str()));
    matching.max_by_key(|(_, route)| route.path.as_str().len()).map(|(index, _)| RouteIndex(index))
}

const EVERYWHERE: [OneReading; 6] =
    [decoded, lower_case, with_slashes, with_single_slashes, without_parameters, without_dots_at_the_end];
const ON_WINDOWS: [OneReading; 7] = [
    decoded,
    lower_case,
    with_slashes,
    with_single_slashes,
    without_parameters,
    without_dots_at_the_end,
    without_streams,
];

fn decoded(reading: &[u8]) -> Vec<u8> {
    percent_decode(reading).collect()
}

fn lower_case(reading: &[u8]) -> Vec<u8> {
    reading.to_ascii_lowercase()
}

fn with_slashes(reading: &[u8]) -> Vec<u8> {
    reading.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect()
}

fn with_single_slashes(reading: &[u8]) -> Vec<u8> {
    let mut single = reading.to_vec();
    single.dedup_by(|second, first| *second == b'/' && *first == b'/');
    single
}

fn without_parameters(reading: &[u8]) -> Vec<u8> {
    by_segment(reading, |segment| segment.split(|byte| *byte == b';').next().unwrap_or_default())
}

fn without_dots_at_the_end(reading: &[u8]) -> Vec<u8> {
    by_segment(reading, |segment| {
        let end = segment.iter().rposition(|byte| !matches!(byte, b'.' | b' '));
        &segment[..end.map_or(0, |end| end + 1)]
    })
}

fn without_streams(reading: &[u8]) -> Vec<u8> {
    by_segment(reading, |segment| segment.split(|byte| *byte == b':').next().unwrap_or_default())
}

fn by_segment(reading: &[u8], change: fn(&[u8]) -> &[u8]) -> Vec<u8> {
    reading.split(|byte| *byte == b'/').map(change).collect::<Vec<_>>().join(&b'/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "/administration/x")]
    fn a_path_that_leads_elsewhere_once_it_is_decoded_is_seen() {
        check_readings(b"/%61dministration/x", None, plain_site(), &EVERYWHERE);
    }

    #[test]
    #[should_panic(expected = "dots in")]
    fn dots_that_two_readings_bring_out_are_seen() {
        check_readings(b"/public/.%2e;a", Some(RouteIndex(0)), plain_site(), &EVERYWHERE);
    }
}
