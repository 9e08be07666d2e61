// The cases that fail until something is built, by what has to be built. A case that passes comes off the list.

/// The names of a text with blanks and line breaks between them.
const names = (text) => text.trim().split(/\s+/);

export const PENDING = new Map([
  [
    'the cause is kept: reasons, and what the audit line says',
    names(`
      access-token-in-query alg-es512 alg-es512-among alg-hs-among alg-hs256 alg-list-lies alg-none
      alg-none-capitals answer-201 answer-2mb answer-array answer-bom answer-duplicate answer-form aud-case
      aud-empty-array aud-missing aud-number aud-zitadel-unnamed auth-none-unset auth-private-key-jwt-unset
      authorize-fragment azp-android backchannel-http-unset big-80k callback-form-post callback-fragment code-empty
      deep-40 document-2mb document-404 document-duplicate document-html document-redirect duplicate-claim
      duplicate-sub entra-appid-key error-200 error-429 error-500-json error-charset error-code-odd error-described
      error-description error-description-odd error-html error-iss-wrong error-lines error-long error-markup
      error-number error-temporarily error-vendor-code exp-past exp-text google-bare-iss header-crit header-cty
      iat-future-5min iat-missing iat-past-20min initiate-post iss-array iss-slash iss-slash-token iss-token-http
      iss-wrong-host issuer-b2c-unset issuer-case issuer-entra-template issuer-entra-template-tenant issuer-missing
      issuer-number issuer-slash-configured issuer-slash-extra issuer-v1 jwe jwk-nulls jwk-private jwks-missing
      jwks-userinfo-url key-1024 key-8192 key-alg-differs key-padded key-x5c-only keys-array keys-empty keys-html
      keys-null kid-long kid-none-five kid-number kid-other-name kid-path nbf-text nonce-array nonce-missing
      nonce-null payload-array payload-latin1 pkce-empty pkce-plain-only post-only-client-unset replicas-differ
      rotation sub-empty sub-long sub-missing sub-newline sub-number token-gzip token-redirect typ-at typ-logout
      unsolicited-code utf8-name
    `),
  ],
  [
    'what nobody reads never refuses',
    names(`
      access-token-null-at-hash access-token-number alg-ed25519-rfc9864 alg-null azp-null big-20k
      content-type-broken content-type-javascript content-type-text end-session-array end-session-empty
      end-session-http end-session-relative end-session-script expires-in-float expires-in-huge expires-in-negative
      expires-in-text kid-in-token-only kid-none-both-two kid-none-four kid-none-token-two-keys matrix-azp nbf-null
      no-access-token pkce-null refresh-object scope-array token-type-dpop token-type-none token-type-null
      typ-id-token typ-null
    `),
  ],
  [
    'UserInfo',
    names(`
      adfs-claim-uri email-verified-at-userinfo groups-null keycloak-access-roles keycloak-userinfo-roles
      userinfo-2mb userinfo-302 userinfo-401 userinfo-500 userinfo-adds-no-groups userinfo-always userinfo-array
      userinfo-bearer-in-header userinfo-content-type userinfo-contradicts userinfo-cut userinfo-dpop
      userinfo-duplicate userinfo-email-only userinfo-flag-of-another userinfo-groups-object userinfo-groups-only
      userinfo-html userinfo-http userinfo-jwe userinfo-jwt userinfo-jwt-aud userinfo-jwt-bare userinfo-jwt-hs256
      userinfo-jwt-iss userinfo-jwt-none userinfo-jwt-stranger userinfo-jwt-sub userinfo-metadata userinfo-never
      userinfo-no-access-token userinfo-only userinfo-overage userinfo-slow userinfo-sub-case userinfo-sub-missing
      userinfo-sub-number userinfo-sub-other userinfo-types
    `),
  ],
  [
    'the client and the documents: audiences, client_auth, metadata, authorization, response_mode',
    names(`
      aud-named-azp-other aud-named-no-azp aud-only-named aud-zitadel auth-methods-text auth-none
      auth-private-key-jwt auth-private-key-jwt-rsa authorization-added authorization-encoded backchannel-http
      basic-only-client entra-appid-key-named form-post form-post-apple-user form-post-error
      form-post-provider-ignores form-post-too-large form-post-twice form-post-type form-post-uninvited issuer-b2c
      issuer-b2c-lies issuer-entra-endpoints page-time post-only-client secret-odd-raw
    `),
  ],
  [
    'who may sign in: the gate, groups, the way on',
    names(`
      access-denied-names adfs-upn b2c-emails b2c-emails-pointer email-array email-at-at email-empty email-homoglyph
      email-local email-object email-space email-subdomain email-suffix email-two email-umlaut email-verified-false
      email-verified-missing email-verified-text entra entra-guest entra-hasgroups entra-hasgroups-text
      entra-no-email entra-overage-sources google-gmail google-hd-rule groups-comma groups-empty groups-json-text
      groups-object groups-objects groups-semicolon-text groups-space-text groups-text no-embed-page
      outsiders-no-embed outsiders-no-embed-unverified pages-contact pages-french pages-german session-too-large
      userinfo-missing wrong-account wrong-account-page zitadel-roles
    `),
  ],
  [
    'silent rounds: sign-out, recheck',
    names(`
      logout-cognito logout-consent logout-endpoint-query logout-hint-by-post logout-hint-fresh
      logout-ignores-prompt logout-keycloak logout-local logout-loop logout-okta logout-other-person logout-plain
      logout-provider-session-gone logout-rd logout-rd-provider logout-round-is-no-session logout-round-lies
      logout-several-accounts logout-token-down logout-twice logout-url recheck-groups recheck-keeps-signed-in-at
      recheck-left recheck-one-round recheck-other-person recheck-provider-down recheck-silent
    `),
  ],
  ['reload', names('endpoint-moved sighup-document-broken')],
]);
