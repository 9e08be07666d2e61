// Where real providers keep the e-mail address and the groups: found in the ID token or at UserInfo; one text is one
// group; objects and joined texts are refused by name, and never match.

import assert from 'node:assert/strict';
import { hold, refused, signedIn, walk } from '../outcomes.mjs';

/// What every ID token has, and nothing else but `more`.
const only =
  (more = {}) =>
  ({ iss, sub, aud, exp, iat, nonce, at_hash }) => ({ iss, sub, aud, exp, iat, nonce, at_hash, ...more });
const c = (more) => (claims) => ({ ...claims, ...more });
const says = (more) => () => ({ sub: 'u-ana', ...more });
const VERIFIED = { email: 'ana@example.com', email_verified: true };
const TRUSTED = 'email_verified = "trusted-issuer"';
const ZITADEL = 'urn:zitadel:iam:org:project:roles';
const HD = '[[site.route]]\npath = "/"\naccess = { when = { hd = ["example.com"] } }';
/// No group that the application could be told of.
const none = { groups: '-' };
const own = { app: none, teams: ['Own'] };
const wrongKind = (detail) => ({ reason: 'claim_type', detail });

export default {
  'userinfo-only': {
    about: 'the ID token has sub only; address and groups are at UserInfo (OIDC Core 5.4; many providers by default)',
    report: 'oauth2-proxy/oauth2-proxy#61, bitly/oauth2_proxy#615',
    claims: only(),
    visit: async (world, browser) => {
      await hold(signedIn({ userinfo: 1 }), await walk(world, browser), world);
      const { text } = await browser.ask(`${world.site}/oauth2/userinfo`);
      assert.equal(JSON.parse(text).email, 'ana@example.com');
      await browser.open(`${world.site}/next`);
      assert.equal(world.asked('/userinfo').length, 1, 'once, at sign-in');
    },
  },
  entra: {
    about: 'Entra at its defaults: an address that nobody calls verified, in the ID token and at UserInfo',
    claims: only({
      email: 'ana@example.com',
      preferred_username: 'ana@example.com',
      oid: 'x',
      tid: 't',
      ver: '2.0',
      groups: ['finance'],
    }),
    userinfo: says({
      name: 'Ana',
      email: 'ana@example.com',
      picture: 'https://graph.microsoft.com/v1.0/me/photo/$value',
    }),
    expect: refused('email_unverified', /email_verified/),
  },
  'entra-no-email': {
    about: 'Entra: no email claim anywhere, only preferred_username',
    claims: only({ preferred_username: 'ana@example.com', groups: ['finance'] }),
    userinfo: says({ name: 'Ana' }),
    expect: refused('email_missing', /email/),
  },
  'entra-configured': {
    about: 'the same with email = "preferred_username", trusted-issuer',
    identity: `email = "preferred_username"\n${TRUSTED}`,
    claims: only({ preferred_username: 'ana@example.com', groups: ['finance'] }),
    expect: signedIn(),
  },
  'entra-guest': {
    about: 'Entra guest: preferred_username is a UPN with #EXT#, which is no address of the domain behind its @',
    identity: `email = "preferred_username"\n${TRUSTED}`,
    claims: only({ preferred_username: 'ana_gmail.com#EXT#@example.com', groups: ['finance'] }),
    expect: refused('outsider', /#EXT#/, { email: 'ana_gmail.com#EXT#@example.com' }),
  },
  'entra-hasgroups': {
    about: 'hasgroups: true in place of groups',
    claims: only({ ...VERIFIED, hasgroups: true }),
    userinfo: says(VERIFIED),
    expect: refused('groups_overage', /groups/),
  },
  'entra-hasgroups-text': {
    about: 'hasgroups: "false" beside the groups: they are there',
    claims: only({ ...VERIFIED, hasgroups: 'false', groups: ['finance'] }),
    expect: signedIn(),
  },
  'entra-overage-sources': {
    about: '_claim_names points to Graph for groups, as with more than 200 of them',
    claims: only({
      ...VERIFIED,
      _claim_names: { groups: 'src1' },
      _claim_sources: { src1: { endpoint: 'https://graph.windows.net/' } },
    }),
    userinfo: says(VERIFIED),
    expect: refused('groups_overage', /groups/),
  },
  'adfs-upn': {
    about: 'ADFS: upn and unique_name, no email, the group is one text',
    identity: `email = "upn"\n${TRUSTED}`,
    claims: only({ upn: 'ana@example.com', unique_name: 'EXAMPLE\\ana', groups: 'finance' }),
    expect: signedIn(),
  },
  'adfs-claim-uri': {
    about: 'claims with URI names (Auth0 namespace, ADFS)',
    mapping: '{ "https://example.com/roles" = ["bi"] }',
    identity: `email = "/https:~1~1example.com~1mail"\n${TRUSTED}`,
    claims: only({ 'https://example.com/roles': ['bi'], 'https://example.com/mail': 'ana@example.com' }),
    userinfo: says({}),
    expect: signedIn({ ...own, userinfo: 1 }),
  },
  'b2c-emails': {
    about: 'Azure AD B2C: emails is an array, and email = "emails": its kind is said',
    identity: `email = "emails"\n${TRUSTED}`,
    claims: only({ emails: ['ana@example.com'], groups: ['finance'] }),
    expect: refused('email_missing', /emails.*array/),
  },
  'b2c-emails-pointer': {
    about: 'the same with email = "/emails/0" (RFC 6901: a number is a place in an array)',
    identity: `email = "/emails/0"\n${TRUSTED}`,
    claims: only({ emails: ['ana@example.com'], groups: ['finance'] }),
    expect: signedIn(),
  },
  'cognito-groups': {
    about: 'Cognito: cognito:groups',
    mapping: '{ "cognito:groups" = ["bi"] }',
    claims: only({ ...VERIFIED, groups: [], 'cognito:groups': ['bi'], 'cognito:username': 'ana', token_use: 'id' }),
    expect: signedIn(own),
  },
  'zitadel-roles': {
    about: 'ZITADEL: roles are the keys of an object: never a match, and its kind is said',
    mapping: `{ "${ZITADEL}" = ["bi"] }`,
    claims: only({ ...VERIFIED, groups: [], [ZITADEL]: { bi: { 2571: 'example.zitadel.cloud' } } }),
    expect: signedIn({ app: none, embed: wrongKind(/roles.*object/) }),
  },
  'zitadel-roles-pointer': {
    about: 'the same with a pointer into the object',
    mapping: `{ "/${ZITADEL}/bi/2571" = { glob = "*" } }`,
    claims: only({ ...VERIFIED, groups: [], [ZITADEL]: { bi: { 2571: 'example.zitadel.cloud' } } }),
    expect: signedIn(own),
  },
  'keycloak-access-roles': {
    about: 'Keycloak by default: realm_access is in the access token only; UserInfo does not have it either',
    mapping: '{ "/realm_access/roles" = ["bi"] }',
    claims: only({ ...VERIFIED, groups: [] }),
    userinfo: says(VERIFIED),
    expect: signedIn({
      app: none,
      userinfo: 1,
      embed: { reason: 'not_mapped', detail: /realm_access\/roles.*missing/ },
    }),
  },
  'keycloak-userinfo-roles': {
    about: 'Keycloak with "add to userinfo": the roles are there',
    mapping: '{ "/realm_access/roles" = ["bi"] }',
    claims: only({ ...VERIFIED, groups: [] }),
    userinfo: says({ ...VERIFIED, realm_access: { roles: ['bi', 'offline_access'] } }),
    expect: signedIn({ ...own, userinfo: 1 }),
  },
  'google-gmail': {
    about: 'Google: somebody@gmail.com, no hd; email_domains = ["example.com"] is the gate that its name promises',
    report: 'envoyproxy/gateway#3334, firezone/firezone#690, kubernetes/kubernetes#61276',
    claims: only({ sub: '1122', email: 'mallory@gmail.com', email_verified: true, groups: [] }),
    expect: refused('outsider', /gmail\.com/, { email: 'mallory@gmail.com' }),
  },
  'google-hd-rule': {
    about: 'the same with a route that asks for hd',
    site: HD,
    claims: only({ sub: '1122', email: 'mallory@gmail.com', email_verified: true, groups: [] }),
    userinfo: () => ({ sub: '1122', email: 'mallory@gmail.com', email_verified: true }),
    expect: refused('outsider', /gmail\.com/),
  },
  'google-hd-rule-ours': {
    about: 'ours with hd',
    site: HD,
    claims: only({ sub: '1122', ...VERIFIED, hd: 'example.com', groups: ['finance'] }),
    expect: signedIn({ app: { user: '1122' } }),
  },
  'outsiders-no-embed': {
    about: 'outsiders = "no-embed": they have the application, and no embed',
    identity: 'outsiders = "no-embed"',
    claims: only({ sub: '1122', email: 'mallory@gmail.com', email_verified: true, groups: [] }),
    expect: signedIn({ app: { user: '1122', email: '-', ...none }, embed: 'email_domain' }),
  },
  'outsiders-no-embed-unverified': {
    about: 'the same for an address that nobody calls verified',
    identity: 'outsiders = "no-embed"',
    claims: c({ email_verified: false }),
    expect: signedIn({ app: { email: '-' }, embed: 'email_unverified' }),
  },
  'email-upper': {
    about: 'Ana@EXAMPLE.com',
    claims: c({ email: 'Ana@EXAMPLE.com' }),
    expect: signedIn({ app: { email: 'Ana@EXAMPLE.com' } }),
  },
  'email-subdomain': {
    about: 'ana@emea.example.com with email_domains example.com',
    claims: c({ email: 'ana@emea.example.com' }),
    expect: refused('outsider', /emea\.example\.com/),
  },
  'email-suffix': {
    about: 'ana@notexample.com',
    claims: c({ email: 'ana@notexample.com' }),
    expect: refused('outsider', /notexample\.com/, { email: 'ana@notexample.com' }),
  },
  'email-umlaut': {
    about: 'j\u00f6rg@example.com: no address that Sigma takes',
    claims: c({ email: 'j\u00f6rg@example.com' }),
    expect: refused('email_missing', /email/, { email: 'j\u00f6rg@example.com' }),
  },
  'email-homoglyph': {
    about: 'ana@ex\u0430mple.com with a Cyrillic letter',
    claims: c({ email: 'ana@ex\u0430mple.com' }),
    expect: refused('email_missing', /email/),
  },
  'email-space': {
    about: '"ana@example.com " with a trailing space (LDAP)',
    claims: c({ email: 'ana@example.com ' }),
    expect: refused('email_missing', /email/),
  },
  'email-local': {
    about: 'ana@corp, one label',
    claims: c({ email: 'ana@corp' }),
    expect: refused('email_missing', /email/),
  },
  'groups-case': {
    about: 'group Finance, rule finance: what was found is near, and said',
    claims: c({ groups: ['Finance'] }),
    expect: signedIn({ app: none, embed: { reason: 'not_mapped', detail: /groups/ } }),
  },
  'groups-path': {
    about: 'Keycloak full path /finance',
    claims: c({ groups: ['/finance'] }),
    expect: signedIn({ app: none, embed: { reason: 'not_mapped', detail: /groups/ } }),
  },
  'groups-dn': {
    about: 'groups as DNs with commas',
    mapping: '{ groups = ["CN=finance,OU=x"] }',
    claims: c({ groups: ['CN=finance,OU=x', 'CN=crm,OU=x'] }),
    expect: signedIn(own),
  },
  'groups-dn-text': {
    about: 'one DN as a text: one text is one group, commas and all',
    mapping: '{ groups = ["CN=finance,OU=x"] }',
    claims: c({ groups: 'CN=finance,OU=x' }),
    expect: signedIn(own),
  },
  'groups-json-text': {
    about: 'groups is a text with JSON in it (PingFederate, some brokers): never a match, and said',
    claims: c({ groups: '["finance","staff"]' }),
    expect: signedIn({ app: none, embed: wrongKind(/groups.*text/) }),
  },
  'groups-space-text': {
    about: 'groups is one text with spaces (a scope-like list)',
    claims: c({ groups: 'staff finance' }),
    expect: signedIn({ app: none, embed: wrongKind(/groups.*text/) }),
  },
  'groups-semicolon-text': {
    about: 'groups is one text with semicolons',
    claims: c({ groups: 'staff;finance' }),
    expect: signedIn({ app: none, embed: wrongKind(/groups.*text/) }),
  },
  'groups-object': {
    about: 'groups is an object whose key is the group',
    claims: c({ groups: { finance: true } }),
    expect: signedIn({ app: none, embed: wrongKind(/groups.*object/) }),
  },
  'groups-objects': {
    about: 'groups are objects with name and id',
    claims: c({ groups: [{ id: 1, name: 'finance' }] }),
    expect: signedIn({ app: none, embed: wrongKind(/groups.*object/) }),
  },
  'groups-null': {
    about: 'groups is null: nobody is in one, and it is said',
    claims: c({ groups: null }),
    userinfo: says({}),
    expect: signedIn({ app: none, userinfo: 1, embed: { reason: 'not_mapped', detail: /groups.*null/ } }),
  },
  'groups-mixed': {
    about: 'groups with a number and a null beside ours',
    claims: c({ groups: ['finance', 7, null] }),
    expect: signedIn(),
  },
  'groups-empty': {
    about: 'groups is []: it is there, so UserInfo is not asked',
    claims: c({ groups: [] }),
    expect: signedIn({ app: none, embed: { reason: 'not_mapped', detail: /groups/ } }),
  },
  'groups-unicode': {
    about: 'a group with an umlaut, composed in the rule and decomposed in the token: not the same',
    mapping: '{ groups = ["B\u00fcro"] }',
    claims: c({ groups: ['Bu\u0308ro'] }),
    expect: signedIn({ app: none, embed: 'not_mapped' }),
  },
  'sub-unicode': {
    about: 'sub with letters outside ASCII: no header, and signed in all the same',
    claims: c({ sub: 'j\u00f6rg' }),
    expect: signedIn({ app: { user: '-' } }),
  },
  'sub-slash': {
    about: 'sub auth0|abc with pipe and space',
    claims: c({ sub: 'auth0|5f7 8' }),
    expect: signedIn({ app: { user: 'auth0|5f7 8' } }),
  },
};
