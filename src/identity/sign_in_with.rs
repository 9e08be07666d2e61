//! With whom people may sign in at a site, and with whom somebody does.

use super::ProviderName;

/// The providers of a site, in the order in which they are offered: none twice, and none at all where only proxies in front sign
/// people in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SignInWith(Vec<ProviderName>);

/// With whom a sign-in begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chosen<'s> {
    /// With this provider.
    One(&'s ProviderName),
    /// The person says so.
    Ask,
}

impl SignInWith {
    /// Takes names as they were written.
    ///
    /// # Errors
    /// Where there is none: the position of the first that is there twice, or nothing.
    pub(crate) fn of(names: Vec<ProviderName>) -> Result<Self, Option<usize>> {
        let twice = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name));
        match twice {
            Some((at, _)) => Err(Some(at)),
            None if names.is_empty() => Err(None),
            None => Ok(Self(names)),
        }
    }

    /// Whether nobody signs in here: all people come through a proxy in front.
    #[must_use]
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a session of that provider counts here.
    #[must_use]
    pub(crate) fn contains(&self, name: &ProviderName) -> bool {
        self.0.contains(name)
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &ProviderName> {
        self.0.iter()
    }

    /// The one that there is, where nobody has to choose.
    #[must_use]
    pub(crate) fn only(&self) -> Option<&ProviderName> {
        match self.0.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// With whom: what a link says goes before what the browser remembers. A name that is none of these is no choice.
    #[must_use]
    pub(crate) fn choose(&self, asked: Option<&str>, remembered: Option<&str>) -> Chosen<'_> {
        let named = |text: &str| self.0.iter().find(|name| name.as_str() == text);
        match (self.only(), asked) {
            (Some(only), _) => Chosen::One(only),
            (None, Some(text)) => named(text).map_or(Chosen::Ask, Chosen::One),
            (None, None) => remembered.and_then(named).map_or(Chosen::Ask, Chosen::One),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(names: &[&str]) -> Result<SignInWith, Option<usize>> {
        SignInWith::of(names.iter().map(|name| ProviderName::parse(name).unwrap()).collect())
    }

    #[test]
    fn a_site_has_at_least_one_provider_and_none_twice() {
        assert_eq!(with(&[]), Err(None));
        assert_eq!(with(&["corp", "partners", "corp"]), Err(Some(2)));
        assert_eq!(with(&["corp"]).unwrap().only().map(ToString::to_string).as_deref(), Some("corp"));
        assert_eq!(with(&["corp", "partners"]).unwrap().only(), None);
    }

    /// `None` is the page to choose.
    #[test]
    fn a_link_chooses_then_the_last_choice_and_nobody_chooses_what_the_site_does_not_have() {
        let (one, two) = (with(&["corp"]).unwrap(), with(&["corp", "partners"]).unwrap());
        for (site, asked, remembered, chosen) in [
            (&one, None, None, Some("corp")),
            (&one, Some("other"), Some("other"), Some("corp")),
            (&two, None, None, None),
            (&two, Some("partners"), None, Some("partners")),
            (&two, Some("partners"), Some("corp"), Some("partners")),
            (&two, None, Some("corp"), Some("corp")),
            (&two, None, Some("other"), None),
            (&two, Some(""), Some("corp"), None),
            (&two, Some("other"), Some("corp"), None),
            (&two, Some("CORP"), None, None),
        ] {
            let expected = chosen.map(|name| ProviderName::parse(name).unwrap());
            let expected = expected.as_ref().map_or(Chosen::Ask, Chosen::One);
            assert_eq!(site.choose(asked, remembered), expected, "{asked:?}, {remembered:?}");
        }
    }
}
