//! Why the gateway refused: a closed list of stable names that logs, metrics, headers and pages share.
//!
//! The table below is the whole list: the enum, its names, statuses and words come from it, and a test holds the list in
//! `docs/OPERATING.md` to it. `reply` alone renders it.

#[cfg(test)]
pub(crate) mod documented;
mod done;
mod why;

use http::StatusCode;

pub(crate) use self::{done::Done, why::Why};

/// What a person reads about a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Words {
    /// What happened, as a title.
    pub(crate) title: &'static str,
    /// What happened, as a sentence.
    pub(crate) sentence: &'static str,
    /// What to do, or what to ask the administrator for.
    pub(crate) advice: &'static str,
}

/// What is behind a reason, and so what may mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behind {
    /// The mappings, or what an embed asks of them: another account may have what this one has not.
    Rules,
    /// The condition of a route; likewise.
    Access,
    /// What else the account is; likewise.
    Account,
    /// Something that passes: it may be asked again after so many seconds.
    Passing(u8),
    /// None of these.
    Nothing,
}

impl Reason {
    /// The stable name, as logs, metrics and the `Sigma-Gateway` header show it.
    #[must_use]
    pub(crate) const fn as_str(self) -> &'static str {
        self.row().name
    }

    /// The status of an answer that says it.
    #[must_use]
    pub(crate) fn status(self) -> StatusCode {
        StatusCode::from_u16(self.row().status).expect("a status has three digits, as a test proves of each row")
    }

    /// What people read about it.
    #[must_use]
    pub(crate) const fn words(self) -> Words {
        self.row().words
    }

    /// What is behind it.
    #[must_use]
    pub(crate) const fn behind(self) -> Behind {
        self.row().behind
    }

    /// Whether it is the account that is refused, so that another one may have what this one has not.
    #[must_use]
    pub(crate) const fn is_of_account(self) -> bool {
        match self.behind() {
            Behind::Rules | Behind::Access | Behind::Account => true,
            Behind::Passing(_) | Behind::Nothing => false,
        }
    }

    /// After how many seconds it may be asked again, where that is known.
    #[must_use]
    pub(crate) const fn retry_after(self) -> Option<u8> {
        match self.behind() {
            Behind::Passing(seconds) => Some(seconds),
            Behind::Rules | Behind::Access | Behind::Account | Behind::Nothing => None,
        }
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A row of the table.
struct Row {
    name: &'static str,
    status: u16,
    behind: Behind,
    words: Words,
}

/// Chapters of rows: variant, name, status, what is behind it, what operators read about it, and `[title, sentence, advice]` for people.
macro_rules! reasons {
    ($($chapter:literal {
        $($variant:ident $name:literal $status:literal $behind:ident$(($seconds:literal))? $documented:literal [$title:expr, $sentence:expr, $advice:expr];)+
    })+) => {
        /// A stable reason. Stages name it; `reply` alone makes an answer of it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(crate) enum Reason {
            $($(#[doc = concat!("`", $name, "`, ", $status)] $variant,)+)+
        }

        impl Reason {
            /// Every reason, for tables and tests.
            pub(crate) const ALL: &[Self] = &[$($(Self::$variant,)+)+];

            const fn row(self) -> Row {
                match self {
                    $($(Self::$variant => {
                        let words = Words { title: $title, sentence: $sentence, advice: $advice };
                        let behind = Behind::$behind$(($seconds))?;
                        Row { name: $name, status: $status, behind, words }
                    })+)+
                }
            }
        }

        /// The chapters of the documented list, each with what happened in each case.
        #[cfg(test)]
        const CHAPTERS: &[(&str, &[(Reason, &str)])] = &[$(($chapter, &[$((Reason::$variant, $documented),)+]),)+];
    };
}

reasons! {
    "Sign-in" {
        NotSignedIn "not_signed_in" 401 Nothing "Nobody is signed in, or the session is not good any more."
            ["Please sign in", "You are not signed in, or your session has ended.", "Sign in to go on."];
        RecheckDue "recheck_due" 401 Nothing "The provider was not asked about the session for longer than `session.recheck` and its grace."
            ["Please continue", "The sign-in service has to confirm that you are still signed in.", "Continue to go on where you were."];
        IdentityConflict "identity_conflict" 401 Nothing "The proxy in front has signed in another person than the session is of, or the two cannot be compared (`same_person`, `accept`)."
            ["Two people at once", "Somebody is signed in here, and the service in front of this application does not say that it is the same person.", "Sign in again to go on. If it does not help, tell the administrator of the application."];
        AttemptMissing "attempt_missing" 400 Nothing "The callback came without the cookie of its login attempt, which browsers keep for ten minutes, or with one that no `session.keys` here open; `detail` of the audit line says which."
            ["The sign-in could not be finished", "Your browser came back without a cookie of this sign-in that counts here.", "Usual causes: the sign-in took longer than ten minutes, cookies are blocked, the sign-in began in another browser or on another address, or this page was opened from the history. Start again from the application."];
        AttemptExpired "attempt_expired" 400 Nothing "The login attempt is older than ten minutes."
            ["The sign-in took too long", "A sign-in must be finished within ten minutes.", "Start again from the application."];
        StateMismatch "state_mismatch" 400 Nothing "The callback's `state` is not that of the attempt, or a parameter came twice."
            ["The sign-in could not be finished", "The answer does not belong to the sign-in that this browser began.", "Start again from the application."];
        ProviderChanged "provider_changed" 400 Nothing "The sign-in began with another provider, or another issuer or client of it."
            ["The sign-in could not be finished", "The sign-in service was replaced while you signed in.", "Start again from the application."];
        LoginLoop "login_loop" 400 Nothing "Three sign-ins in a row brought no session: the browser does not keep the cookie, or the proxy in front does not say that it is of the same person (`same_person`; `person_checks_total`)."
            ["Your browser does not keep the sign-in", "You signed in three times in a row, and each time the browser came back without the session.", "Usual causes: cookies are blocked, the address in the browser is not the one that the administrator configured, the application is opened over http instead of https, or the service in front of it has signed in somebody else."];
        ProviderRefused "provider_refused" 403 Account "The provider answered the sign-in with an error."
            ["The sign-in service said no", "The sign-in service ended the sign-in without signing you in.", TRY_AGAIN];
        TokenExchange "token_exchange" 502 Nothing "The provider did not exchange the code for tokens."
            ["The sign-in could not be finished", "The sign-in service did not confirm the sign-in.", TRY_AGAIN];
        UserinfoAnswer "userinfo_answer" 502 Nothing "A claim that is read was asked of UserInfo, and the answer cannot be used; `detail` of the audit line says why."
            ["The sign-in could not be finished", "The sign-in service did not say what the rules need to know about you.", TRY_AGAIN];
        TokenMalformed "token_malformed" 403 Nothing "The ID token is not a well-formed signed JWT."
            ["The sign-in was refused", PROVIDER, ASK];
        TokenEncrypted "token_encrypted" 403 Nothing "The ID token is encrypted: switch that off at the provider, for this client."
            ["The sign-in was refused", "The sign-in service sent its answer encrypted, and the gateway takes signed ones.", ASK];
        TokenIss "token_iss" 403 Nothing "The issuer is not the configured one."
            ["The sign-in was refused", PROVIDER, ASK];
        TokenAud "token_aud" 403 Nothing "The token is not for this client."
            ["The sign-in was refused", PROVIDER, ASK];
        TokenNonce "token_nonce" 403 Nothing "The token's nonce is not that of the attempt."
            ["The sign-in was refused", PROVIDER, ASK];
        TokenAlg "token_alg" 403 Nothing "The token's algorithm is not one that the provider's keys are for."
            ["The sign-in was refused", PROVIDER, ASK];
        TokenSignature "token_signature" 403 Nothing "No key of the provider verifies the signature."
            ["The sign-in was refused", PROVIDER, ASK];
        TokenKey "token_key" 403 Nothing "The provider publishes no key of the name that the token is signed with, or too many that fit; where its replicas publish different keys, some sign-ins end so."
            ["The sign-in was refused", "The sign-in service signed with a key that it does not publish.", TRY_AGAIN];
        TokenTime "token_time" 403 Nothing "The token is expired, or from the future."
            ["The sign-in was refused", "The sign-in service's clock and ours do not agree, or its answer is too old.", TRY_AGAIN];
        TokenSub "token_sub" 403 Nothing "The token's `sub` is missing, no text, empty, too long, or not that of UserInfo."
            ["The sign-in was refused", "The sign-in service did not clearly say who you are.", ASK];
        GroupsOverage "groups_overage" 403 Account "The provider sent a reference in place of a claim that the rules need, usually groups: have it send fewer."
            ["Too many groups", "The sign-in service sent a reference instead of your groups, because you are in too many.", "Ask the administrator to send only the groups assigned to this application, or application roles."];
        Outsider "outsider" 403 Account "Without a verified address in `email_domains` nobody signs in (`outsiders`)."
            ["This account cannot sign in here", "The application is for other accounts than the one that you signed in with.", "Sign in as somebody else, or ask the administrator of the application."];
        SessionTooLarge "session_too_large" 403 Account "The claims that the rules need do not fit into one cookie of 3 800 bytes."
            ["The sign-in does not fit", "What the rules need to know about you is more than fits into one cookie.", ASK];
        ConfirmSignOut "confirm_sign_out" 403 Nothing "Another site asked to sign out: the person confirms first."
            ["Sign out?", "Another site asked to sign you out.", "Sign out only if you want to."];
        ProviderUnreachable "provider_unreachable" 503 Passing(30) "The identity provider did not answer; `Retry-After: 30`."
            ["The sign-in service cannot be reached", "The gateway works, but the sign-in service does not answer.", "Try again in a minute. Whoever is signed in already can go on working."];
        ProviderDocuments "provider_documents" 503 Nothing "The identity provider answers, but with documents that cannot be used: waiting does not help. The audit line and an event line say what is wrong."
            ["The sign-in service is not set up rightly", "The gateway works, but what the sign-in service says about itself cannot be used.", "Show this page to the administrator of this application. Whoever is signed in already can go on working."];
        ProviderBusy "provider_busy" 503 Passing(2) "The identity provider is asked for as many tokens as it may be at a time; `Retry-After: 2`, and the same page can be loaded again."
            ["Many people sign in just now", "The gateway works, but it may not ask the sign-in service for more at a time.", "Load this page again in a moment."];
    }
    "Identity that a proxy in front attaches (`accept`)" {
        AssertionMissing "assertion_missing" 401 Nothing "The site takes people from a proxy in front alone (`accept`), and the request carries no assertion: it came past the proxy, or the session there has ended."
            ["Please sign in again", "The service in front of this application did not say who you are.", "Load the page again. If this returns, show it to the administrator: the application may have been opened past the service that signs people in."];
        AssertionMalformed "assertion_malformed" 403 Nothing "The assertion is not one line with one value under the header's own name, or no well-formed signed JWT, or brings a key of its own."
            [UNTRUSTED, IN_FRONT, ASK];
        AssertionIss "assertion_iss" 403 Nothing "The assertion is of another issuer, or of another tenant of it."
            [UNTRUSTED, IN_FRONT, ASK];
        AssertionAud "assertion_aud" 403 Nothing "The assertion is for another application, route or client."
            [UNTRUSTED, IN_FRONT, ASK];
        AssertionSigner "assertion_signer" 403 Nothing "Another load balancer than those of `signer` has signed the assertion (ALBeast)."
            [UNTRUSTED, IN_FRONT, ASK];
        AssertionType "assertion_type" 403 Nothing "The assertion is of another kind: an ID token in place of an access token or the reverse, or the session of a whole team."
            [UNTRUSTED, IN_FRONT, ASK];
        AssertionAlg "assertion_alg" 403 Nothing "The assertion's algorithm is not one of the source's."
            [UNTRUSTED, IN_FRONT, ASK];
        AssertionKey "assertion_key" 403 Nothing "The assertion names no key, one that the source does not publish, or something that is no name of a key of it."
            [UNTRUSTED, IN_FRONT, TRY_AGAIN];
        AssertionSignature "assertion_signature" 403 Nothing "No key of the source verifies the signature."
            [UNTRUSTED, IN_FRONT, ASK];
        AssertionTime "assertion_time" 403 Nothing "The assertion is expired, from the future, without an end, older than `max_age`, or lives for longer than its kind does. An ID token that the proxy in front does not renew ends so: have it renew them."
            ["Please sign in again", "What the service in front of this application says of you is too old, or its clock and ours do not agree.", "Sign out there and in again. If this page returns, show it to the administrator."];
        AssertionSub "assertion_sub" 403 Nothing "The assertion names nobody, a program, or somebody who is not of this source (another domain or kind of account)."
            [UNTRUSTED, "The service in front of this application did not clearly say who you are.", ASK];
        AssertionKeys "assertion_keys" 503 Passing(30) "The keys that would verify an attached identity cannot be fetched, and none are at hand; `Retry-After: 30`. `/readyz` and an event line say why."
            ["Nobody can be recognized just now", "The gateway works, but cannot check what the service in front of this application says about you.", "Try again in a minute. If it lasts, tell the administrator of the application."];
        NoSignIn "no_sign_in" 404 Nothing "The site signs nobody in or out: the proxy in front does (`accept` without `sign_in`)."
            ["Not here", "The service in front of this application signs people in and out, not this address.", "Sign out where you signed in, or go back to the application."];
    }
    "Embeds: the person has the application, but no embed" {
        EmailMissing "email_missing" 403 Account "No e-mail address among the claims, or a malformed one."
            ["No usable e-mail address", "The sign-in service did not send a usable e-mail address for you, and one is needed here.", "Ask the administrator of this application to have your e-mail address sent."];
        EmailUnverified "email_unverified" 403 Account "The provider does not say that the e-mail address is verified; its `email_verified` says so of the claim `email` only."
            ["Your e-mail address is not verified", "The sign-in service does not say that your e-mail address is verified, and only a verified one counts here.", "Verify your address at the sign-in service, then sign in again."];
        EmailDomain "email_domain" 403 Account "The e-mail address is outside the domains this source may vouch for."
            [NO_EMBED, "Your e-mail address belongs to a domain that dashboards are not opened for.", "You can go on using this application. Ask its administrator to add your domain."];
        NotMapped "not_mapped" 403 Rules "No mapping matches this person. `explain` says why."
            [NO_EMBED, "None of the rules gives you access to dashboards.", ASK_MAPPING];
        NoTeams "no_teams" 403 Rules "The mappings that match give no team."
            [NO_EMBED, "The rules that match you give no team.", ASK_MAPPING];
        NoAccountType "no_account_type" 403 Rules "The mappings that match set no account type."
            [NO_EMBED, "The rules that match you set no account type.", ASK_MAPPING];
        UserKindConflict "user_kind_conflict" 403 Rules "Embed-user and internal-user mappings match together."
            [NO_EMBED, "The rules make you an embed user and an internal user at once.", "You can go on using this application. Ask its administrator to settle which one you are."];
        ClaimMissing "claim_missing" 403 Rules "A claim that a template names is missing."
            [NO_EMBED, "A rule needs something about you that the sign-in service did not send.", "You can go on using this application. Ask its administrator to have it sent."];
        ClaimType "claim_type" 403 Rules "A claim that a template names is not a single text, number or boolean, or holds a control character (any one) where the template joins claims by one."
            [NO_EMBED, "A rule needs a single value about you, and the sign-in service sent another kind.", "You can go on using this application. Ask its administrator to look at the rule."];
        EmbedUnknown "embed_unknown" 404 Nothing "No embed of that name."
            ["No such dashboard", "There is no dashboard of this name.", "Check the address, or ask the administrator of this application."];
        EmbedDisabled "embed_disabled" 403 Nothing "The embed is switched off."
            [NO_EMBED, "This dashboard is switched off.", "Ask the administrator of this application when it returns."];
        EmbedNotAllowed "embed_not_allowed" 403 Rules "The person's mappings are not in the embed's `allow`, or the site's `embeds` do not name it."
            [NO_EMBED, "This dashboard is for other people, or not for this application.", ASK_MAPPING];
        UrlTooLong "url_too_long" 500 Nothing "The signed URL would be longer than 16 KiB: too many teams or too long attributes."
            [NO_EMBED, "What the dashboard needs to know about you is too long.", ASK];
        WrongDestination "wrong_destination" 403 Nothing "A stable link asked for as an image or script; the embed API as a page; sign-out as an image, by a GET of a fetch, or by the ping of a link (a script signs out with `POST`)."
            ["Not as this", "A dashboard opens in a frame or in a tab, not as another kind of file.", "Open it from the application itself."];
        Prefetch "prefetch" 503 Nothing "The browser asked ahead of time; asked again, it is answered."
            ["Not ahead of time", "The browser asked for this before anybody wanted to see it.", "Open it again."];
    }
    "Access and requests" {
        AccessDenied "access_denied" 403 Access "The person may not have this part of the host application."
            ["Not for you", "You are signed in, but this part of the application is for other people.", "If you need it, ask its administrator to add you to a group that may."];
        ConnectionBound "connection_bound" 403 Nothing "The application signs connections in (NTLM, Negotiate), and none can be kept for this request: nobody is signed in here, or a request over HTTP/2 may have had its effect. [What works](#applications-that-sign-connections-in-iis-ntlm-negotiate)."
            ["No Windows sign-in here", "The application asks for a sign-in that belongs to a connection (NTLM, Negotiate), and this connection may be shared with other people.", "Sign in here first, then open the page again. If it returns, show it to the administrator: such a sign-in works on routes that need a session here, over HTTP/1.1."];
        ClaimUnknown "claim_unknown" 403 Access "Nothing keeps the person from this part but a missing proof: a `not` of the rule asks about a claim that is missing, or cannot be compared. `detail` of the audit line names it; [CONDITIONS.md](CONDITIONS.md)."
            ["Not for you", "You are signed in, but what the sign-in service says about you does not tell whether this part of the application is for you.", "If you need it, show this page to its administrator: the log names what is missing."];
        CrossSite "cross_site" 403 Nothing "Another site asked: a foreign frame of a stable link, a foreign script, a WebSocket of another origin."
            ["Not from there", "Another site asked for this in your name.", "Open it from the application itself."];
        BadHost "bad_host" 400 Nothing "The Host header is missing, doubled, malformed or contradictory."
            ["This request cannot be understood", "The request is malformed, or could be understood in two ways.", "Check the address. If it is right, show this page to the administrator."];
        UnknownHost "unknown_host" 421 Nothing "No `[[site]]` has this host name."
            ["No application here", "No application is configured under this address.", "Check the address, or ask the administrator."];
        BadPath "bad_path" 400 Nothing "The path is malformed, too long, or its readings lead to different routes."
            ["This request cannot be understood", "The request is malformed, or could be understood in two ways.", "Check the address. If it is right, show this page to the administrator."];
        BadHeader "bad_header" 400 Nothing "A header that the gateway does not forward: a framing or upgrade fault."
            ["This request cannot be understood", "The request is malformed, or could be understood in two ways.", "Check the address. If it is right, show this page to the administrator."];
        BadMethod "bad_method" 501 Nothing "A method that is not forwarded (CONNECT, TRACE)."
            ["Not this way", "This address does not take such a request.", "Go back, and try again from the application."];
        MethodNotAllowed "method_not_allowed" 405 Nothing "The endpoint does not take this method."
            ["Not this way", "This address does not take such a request.", "Go back, and try again from the application."];
        NotFound "not_found" 404 Nothing "Nothing under this path below `/oauth2` or `/sigma`."
            ["Nothing here", "The gateway has nothing under this address.", "Check the address, or go back to the application."];
        NoUpstream "no_upstream" 404 Nothing "The site has no `upstream`: a proxy in front has the application and asks the gateway, so this path should not be routed here."
            ["Not by this way", "The application is not reached through the gateway: this request took a way that leads nowhere.", "Check the address. If it is right, show this page to the administrator: the proxy in front should send it to the application."];
        ForwardAuthPeer "forward_auth_peer" 403 Nothing "A question of [forward-auth](#forward-auth) from a peer that is not among `trusted_proxies`."
            ["Not from there", "Only the proxy in front of the application may ask this.", "Go back to the application."];
        ForwardAuthMetadata "forward_auth_metadata" 403 Nothing "A question of [forward-auth](#forward-auth) that does not name its request: one of the headers that belong to this proxy is missing, there twice or in another spelling as well, or malformed."
            ["This request cannot be understood", "The proxy in front of the application did not clearly say what you asked for.", ASK];
        ForwardAuthOwn "forward_auth_own" 403 Nothing "[Forward-auth](#forward-auth) was asked about a path that the gateway answers itself: the proxy in front has to route it here, without asking."
            ["Not by this way", "The proxy in front of the application asks about an address that it should send to the gateway.", ASK];
        BodyTooLarge "body_too_large" 413 Nothing "The body for an endpoint of our own is over 8 KiB, or one without a length over the 16 MiB that `request_bodies = \"length\"` holds."
            ["Too much", "The request is larger than this address takes.", "Go back to the application."];
        UploadStalled "upload_stalled" 400 Nothing "The browser paused in the request's body for 60 s, or sent it more slowly than 512 bytes per second; the application saw it break off. Not 408: Chromium sends what gets that on a kept connection again by itself, a POST too."
            ["The upload has stopped", "The rest of what your browser was sending did not come in time.", "Go back, and send it again."];
        LoopDetected "loop_detected" 508 Nothing "The request has passed gateways of this kind too often: one is configured to forward to itself."
            ["A circle", "The request has passed this gateway before: it is configured to forward to itself.", ASK];
    }
    "The application, and the gateway" {
        UpstreamUnreachable "upstream_unreachable" 502 Nothing "No connection to the host application."
            ["The application cannot be reached", "The gateway works, but the application behind it does not take connections.", "Try again in a minute. If it lasts, tell the administrator of the application."];
        UpstreamTimeout "upstream_timeout" 504 Nothing "The host application did not take a connection, begin an answer (`upstream_timeout`), go on with it (`upstream_idle_timeout`) or end one that is held (`held_timeout`) in time; the `event` line says which."
            ["The application is too slow", "The gateway works, but the application behind it did not answer in time.", "Try again in a minute. If it lasts, tell the administrator of the application."];
        UpstreamBroken "upstream_broken" 502 Nothing "The host application's answer is not valid HTTP."
            ["The application answered nonsense", "The gateway works, but the application behind it sent an answer that is not valid.", "Try again. If it lasts, tell the administrator of the application."];
        UpstreamBusy "upstream_busy" 503 Nothing "All connections to the host application are in use, and none came free in two seconds; or all places for connections that it signs in are taken, or all room for bodies that are held (`request_bodies`); the `event` line says which."
            ["The application is busy", "The gateway works, but all its connections to the application are in use.", "Try again in a moment."];
        // The status of a request whose browser left, as nginx made it known.
        ClientLeft "client_left" 499 Nothing "The browser went away before there was an answer: in log lines and metrics only."
            ["Nobody is there", "The browser went away before there was an answer.", "Open it again."];
        Internal "internal" 500 Nothing "A fault of the gateway itself."
            ["Something is wrong with the gateway", "The gateway failed at this request.", ASK];
    }
}

const TRY_AGAIN: &str = "Go back and sign in again. If this page returns, show it to the administrator.";
const UNTRUSTED: &str = "This request was refused";
const IN_FRONT: &str =
    "The service in front of this application sent something that cannot be trusted, so you count as nobody.";
const PROVIDER: &str = "The sign-in service sent something that cannot be trusted, so nobody was signed in.";
const ASK: &str = "Show this page to the administrator of this application: the words below name the cause.";
const NO_EMBED: &str = "No dashboard for you here";
const ASK_MAPPING: &str =
    "You can go on using this application. To see the dashboard, ask its administrator to add you to a group that may.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_an_error_status_and_words() {
        for &reason in Reason::ALL {
            assert!(reason.status().is_client_error() || reason.status().is_server_error(), "{reason}");
            let words = reason.words();
            assert!(
                !words.title.is_empty() && words.sentence.ends_with('.') && words.advice.ends_with('.'),
                "{reason}"
            );
        }
    }

    #[test]
    fn no_two_reasons_have_one_name() {
        let names: std::collections::BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
        assert_eq!(names.len(), Reason::ALL.len());
    }

    #[test]
    fn only_what_passes_by_itself_says_when_to_come_again() {
        let waits = Reason::ALL.iter().filter_map(|reason| Some((*reason, reason.retry_after()?)));
        let expected = [(Reason::ProviderUnreachable, 30), (Reason::ProviderBusy, 2), (Reason::AssertionKeys, 30)];
        assert_eq!(waits.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn the_documented_reasons_are_those_of_the_table() {
        let row = |(reason, what): &(Reason, &str)| format!("| `{reason}` | {} | {what} |\n", reason.status().as_u16());
        let chapter = |(title, rows): &(&str, &[(Reason, &str)])| {
            let rows: String = rows.iter().map(row).collect();
            format!("### {title}\n\n| reason | status | what happened |\n|---|---|---|\n{rows}")
        };
        let chapters: Vec<String> = CHAPTERS.iter().map(chapter).collect();
        documented::assert_lists(include_str!("../../docs/OPERATING.md"), "reasons", &chapters.join("\n"));
    }
}
