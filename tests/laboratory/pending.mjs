// The cases that fail until something is built, by what has to be built. A case that passes comes off the list.

/// The names of a text with blanks and line breaks between them.
const names = (text) => text.trim().split(/\s+/);

export const PENDING = new Map([
  [
    'UserInfo',
    names(`
      userinfo-flag-of-another userinfo-groups-object userinfo-metadata userinfo-never
    `),
  ],
  [
    'the client and the documents: audiences, client_auth, metadata, authorization, response_mode',
    names(`
      aud-named-azp-other aud-named-no-azp aud-only-named aud-zitadel auth-methods-text auth-none
      auth-private-key-jwt auth-private-key-jwt-rsa authorization-added authorization-encoded backchannel-http
      basic-only-client entra-appid-key-named form-post form-post-apple-user form-post-error
      form-post-provider-ignores form-post-too-large form-post-twice form-post-type form-post-uninvited issuer-b2c
      issuer-b2c-lies issuer-entra-endpoints page-adfs page-apple page-authelia-whole page-google
      page-keycloak-whole page-okta-whole page-time page-zitadel page-zitadel-whole post-only-client secret-odd-raw
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
]);
