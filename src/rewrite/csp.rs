//! The page's own Content-Security-Policy: read, never changed.

/// What the page's policies mean for an embed and for our script.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct PagePolicy {
    /// The nonce that scripts of this page carry.
    pub(super) nonce: Option<String>,
    /// Whether some policy blocks a frame of the site itself (the stable link) or of Sigma.
    pub(super) blocks_frame: bool,
    /// Whether some policy blocks our script although it would carry the nonce.
    pub(super) blocks_script: bool,
}

impl PagePolicy {
    /// Reads all `Content-Security-Policy` lines of a head. `site` and `sigma` are origins.
    pub(super) fn of(lines: &[String], site: &str, sigma: &[String]) -> Self {
        let mut page = Self::default();
        for policy in lines.iter().flat_map(|line| line.split(',')) {
            page.add(policy, site, sigma);
        }
        page
    }

    fn add(&mut self, policy: &str, site: &str, sigma: &[String]) {
        if let Some(sources) = directive(policy, &["frame-src", "child-src", "default-src"]) {
            let allows = |origin: &str| sources.iter().any(|source| allows(source, origin, site));
            self.blocks_frame |= !allows(site) || !sigma.iter().all(|origin| allows(origin));
        }
        if let Some(sources) = directive(policy, &["script-src-elem", "script-src", "default-src"]) {
            let nonce = sources.iter().find_map(|source| nonce(source));
            let is_allowed = nonce.is_some() || sources.iter().any(|source| allows(source, site, site));
            self.blocks_script |= !is_allowed;
            self.nonce = self.nonce.take().or(nonce.map(str::to_owned));
        }
    }
}

/// The sources of the first of these directives that the policy has (CSP 3, 6.8.1: fallback lists).
fn directive<'p>(policy: &'p str, names: &[&str]) -> Option<Vec<&'p str>> {
    names.iter().find_map(|name| {
        policy.split(';').map(str::split_ascii_whitespace).find_map(|mut words| {
            let is_it = words.next().is_some_and(|word| word.eq_ignore_ascii_case(name));
            is_it.then(|| words.collect())
        })
    })
}

/// The nonce of a source expression, if its value is base64 (CSP 3, 2.3.1), so that it can stand in an attribute.
fn nonce(source: &str) -> Option<&str> {
    let value = source.strip_prefix("'nonce-")?.strip_suffix('\'')?;
    let is_base64 = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte));
    (is_base64 && !value.is_empty()).then_some(value)
}

/// Whether a source expression allows an origin; paths are not looked at.
fn allows(source: &str, origin: &str, site: &str) -> bool {
    let source = source.to_ascii_lowercase();
    let (scheme, host) = origin.split_once("://").unwrap_or_default();
    let without_path = |text: &str| text.split('/').next().unwrap_or_default().to_owned();
    match source.as_str() {
        "'self'" => origin == site,
        "*" => true,
        bare if bare.ends_with(':') => bare.strip_suffix(':') == Some(scheme),
        full => match full.split_once("://") {
            Some((named, rest)) => named == scheme && host_matches(&without_path(rest), host),
            None => host_matches(&without_path(full), host),
        },
    }
}

fn host_matches(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix('*') {
        Some(suffix) => suffix.starts_with('.') && host.ends_with(suffix),
        None => pattern == host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(lines: &[&str]) -> PagePolicy {
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        PagePolicy::of(&lines, "https://crm.example.com", &["https://app.sigmacomputing.com".to_owned()])
    }

    #[test]
    fn a_page_without_a_policy_blocks_nothing() {
        assert_eq!(policy(&[]), PagePolicy::default());
        assert_eq!(policy(&["img-src 'none'"]), PagePolicy::default());
    }

    #[test]
    fn a_policy_must_allow_frames_of_the_site_and_of_sigma() {
        for (line, blocks) in [
            ("frame-src 'self' https://app.sigmacomputing.com; script-src *", false),
            ("frame-src 'self' *.sigmacomputing.com", false),
            ("frame-src https:", false),
            ("default-src *", false),
            ("frame-src 'self'", true),
            ("frame-src https://app.sigmacomputing.com", true),
            ("default-src 'self'; child-src 'none'", true),
            ("frame-src 'none'; default-src *", true),
        ] {
            assert_eq!(policy(&[line]).blocks_frame, blocks, "{line}");
        }
        assert!(policy(&["frame-src *", "default-src 'self'"]).blocks_frame);
        assert!(policy(&["frame-src *, frame-src 'none'"]).blocks_frame);
    }

    #[test]
    fn the_nonce_is_read_only_if_it_can_stand_in_an_attribute() {
        assert_eq!(policy(&["script-src 'nonce-abc+/=' 'strict-dynamic'"]).nonce.as_deref(), Some("abc+/="));
        assert_eq!(policy(&["default-src 'nonce-d'; script-src-elem 'nonce-e'"]).nonce.as_deref(), Some("e"));
        assert_eq!(policy(&["script-src 'nonce-\">'"]).nonce, None);
        assert_eq!(policy(&["style-src 'nonce-abc'"]).nonce, None);
    }

    #[test]
    fn a_script_needs_a_nonce_or_a_source_that_allows_the_site() {
        assert!(policy(&["script-src 'unsafe-inline' https://cdn.example.com"]).blocks_script);
        assert!(!policy(&["script-src 'self'"]).blocks_script);
        assert!(!policy(&["script-src 'nonce-abc'"]).blocks_script);
        assert!(!policy(&["script-src https://crm.example.com/js/"]).blocks_script);
    }
}
