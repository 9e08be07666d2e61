// The cases that fail until something is built, by what has to be built. A case that passes comes off the list.

/// The names of a text with blanks and line breaks between them.
const names = (text) => text.trim().split(/\s+/);

export const PENDING = new Map([
  [
    'UserInfo',
    names(`
      userinfo-flag-of-another userinfo-groups-object userinfo-never
    `),
  ],
  [
    'the client and the documents: audiences, client_auth, metadata, authorization, response_mode',
    names(`
      page-time
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
