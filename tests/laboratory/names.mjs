// The names that the cases ask for: reasons with their statuses, and configuration keys. Whoever builds takes them from
// here; another name is changed here, and nowhere else.

/// Every reason that a case may end with. `isNew`: it is not yet in `src/reason/`, and why it is one of its own.
export const REASONS = {
  not_signed_in: { status: 401 },
  attempt_missing: { status: 400 },
  state_mismatch: { status: 400 },
  login_loop: { status: 400 },
  provider_refused: { status: 403 },
  token_exchange: { status: 502 },
  token_malformed: { status: 403 },
  token_iss: { status: 403 },
  token_aud: { status: 403 },
  token_nonce: { status: 403 },
  token_alg: { status: 403 },
  token_signature: { status: 403 },
  token_time: { status: 403 },
  groups_overage: { status: 403 },
  session_too_large: { status: 403 },
  provider_unreachable: { status: 503 },
  email_missing: { status: 403 },
  email_unverified: { status: 403 },
  email_domain: { status: 403 },
  not_mapped: { status: 403 },
  claim_type: { status: 403 },
  access_denied: { status: 403 },
  method_not_allowed: { status: 405 },
  unknown_host: { status: 421 },
  bad_path: { status: 400 },
  outsider: { status: 403, isNew: 'an address outside `email_domains` ends the sign-in (decision 0001 is revised)' },
  token_sub: { status: 403, isNew: '`sub` is missing, no text, too long, or not that of UserInfo' },
  token_key: {
    status: 403,
    isNew: 'no key of the name, or too many that fit; the key is named, and that replicas may differ',
  },
  token_encrypted: {
    status: 403,
    isNew: 'five segments: what to switch off at the provider is another thing than a bad token',
  },
  provider_documents: {
    status: 503,
    isNew: 'the provider answers, but with documents that cannot be used: waiting does not help',
  },
  userinfo_answer: { status: 502, isNew: 'UserInfo was needed, and did not give claims of this person' },
};

/// Every key that a case writes and that is new, with its values.
export const KEYS = {
  'identity.*.audiences': '["other-client", …]: may stand in `aud` beside ours, with `azp` ours',
  'identity.*.userinfo': '"when-needed" (default), "always", "never"',
  'identity.*.client_auth': '"basic", "post", "private_key_jwt", "none"; without it: by the documents',
  'identity.*.client_key':
    '{ file = "…" }, or a list of two: a PKCS #8 private key, ES256 or RS256; in place of client_secret',
  'identity.*.response_mode': '"query" (default), "form_post"',
  'identity.*.authorization': '{ prompt = "select_account", hd = "…" }: parameters that are added, never ours replaced',
  'identity.*.metadata':
    '{ document = "URL of the discovery document", authorization_endpoint, token_endpoint, jwks_uri, ' +
    'userinfo_endpoint, end_session_endpoint = "URL" }; an address on loopback may be http; with authorization, ' +
    'token and keys given, a document that cannot be used does not matter',
  'identity.*.sign_out': '{ form = "rp-initiated" | "cognito" | "local", url = "URL" }',
  'identity.*.outsiders': '"refuse" (default), "no-embed"',
  'identity.*.label': 'the text of the button on the page to choose',
  'site.sign_in': 'a name, or ["corp", "partners"]',
  'pages.contact': 'a line of the operator, on every page of ours',
  'pages.language': '"en", "de", "fr", or "browser" (default)',
  'session.recheck': 'a duration; "1s" is allowed',
};
