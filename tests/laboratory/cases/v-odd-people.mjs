// People whose claims stand in odd places, types and spellings.

import { refused, signedIn } from '../outcomes.mjs';

const c = (more) => (claims) => ({ ...claims, ...more });
const none = { groups: '-' };
const own = { app: none, teams: ['Own'] };
const wrongKind = (detail) => ({ reason: 'claim_type', detail });
const unverified = (value, detail) => ({
  about: `email_verified is ${JSON.stringify(value)}`,
  claims: c({ email_verified: value }),
  expect: refused('email_unverified', detail),
});

export default {
  'verified-capital': unverified('True', /email_verified.*text/),
  'verified-yes': unverified('yes', /email_verified.*text/),
  'verified-zero': unverified(0, /email_verified.*number/),
  'verified-list': unverified([true], /email_verified.*array/),
  'verified-object': unverified({ value: true }, /email_verified.*object/),
  'verified-elsewhere': {
    about: 'email_verified = { claim = "/verified/email" } of another place',
    identity: 'email_verified = { claim = "/verified/email" }',
    claims: ({ email_verified, ...all }) => ({ ...all, verified: { email: true } }),
    expect: signedIn(),
  },
  'verified-edov': {
    about: 'Entra: xms_edov is the text "1"',
    identity: 'email_verified = { claim = "xms_edov" }',
    claims: ({ email_verified, ...all }) => ({ ...all, xms_edov: '1' }),
    expect: refused('email_unverified', /xms_edov.*text/),
  },
  'verified-edov-true': {
    about: 'Entra: xms_edov is true',
    identity: 'email_verified = { claim = "xms_edov" }',
    claims: ({ email_verified, ...all }) => ({ ...all, xms_edov: true }),
    expect: signedIn(),
  },
  'email-dot': {
    about: 'ana@example.com.',
    claims: c({ email: 'ana@example.com.' }),
    expect: refused('email_missing', /email/),
  },
  'email-named': {
    about: 'Ana <ana@example.com>',
    claims: c({ email: 'Ana <ana@example.com>' }),
    expect: refused('email_missing', /email/),
  },
  'email-mailto': {
    about: 'mailto:ana@example.com',
    claims: c({ email: 'mailto:ana@example.com' }),
    expect: refused('email_missing', /email/),
  },
  'email-quoted': {
    about: 'a quoted local part',
    claims: c({ email: '"ana"@example.com' }),
    expect: refused('email_missing', /email/),
  },
  'email-percent': {
    about: 'a source route: ana%other.test@example.com',
    claims: c({ email: 'ana%other.test@example.com' }),
    expect: signedIn({ app: { email: 'ana%other.test@example.com' } }),
  },
  'email-soft-hyphen': {
    about: 'a soft hyphen in the domain',
    claims: c({ email: 'ana@exam\u00adple.com' }),
    expect: refused('email_missing', /email/),
  },
  'email-puny': {
    about: 'a domain in punycode is another domain',
    claims: c({ email: 'ana@xn--exmple-4nf.com' }),
    expect: refused('outsider', /xn--/),
  },
  'email-null': {
    about: 'email is null, and at UserInfo',
    claims: c({ email: null }),
    expect: signedIn({ userinfo: 1 }),
  },
  'hasgroups-null': {
    about: 'hasgroups: true, and groups is null: they are elsewhere',
    claims: c({ groups: null, hasgroups: true }),
    userinfo: ({ plain: { groups, ...rest } }) => rest,
    expect: refused('groups_overage', /hasgroups|reference/),
  },
  'hasgroups-number': {
    about: 'hasgroups: 1 in place of groups',
    claims: ({ groups, ...all }) => ({ ...all, hasgroups: 1 }),
    userinfo: ({ plain: { groups, ...rest } }) => rest,
    expect: refused('groups_overage', /hasgroups|reference/),
  },
  'names-empty': {
    about: '_claim_names is empty beside the groups',
    claims: c({ _claim_names: {}, _claim_sources: {} }),
    expect: signedIn(),
  },
  'names-list': {
    about: '_claim_names is a list: nobody knows what is elsewhere',
    claims: c({ _claim_names: ['groups'] }),
    expect: refused('groups_overage', /reference/),
  },
  'groups-nested': {
    about: 'groups are lists in a list',
    claims: c({ groups: [['finance']] }),
    expect: signedIn({ app: none, embed: wrongKind(/groups/) }),
  },
  'groups-blank': {
    about: 'a group with a blank behind it is another one',
    claims: c({ groups: ['finance '] }),
    expect: signedIn({ app: none, embed: { reason: 'not_mapped', detail: /groups/ } }),
  },
  'groups-zero-width': {
    about: 'a group with a character that nobody sees is another one',
    claims: c({ groups: ['fin\u200bance'] }),
    expect: signedIn({ app: none, embed: { reason: 'not_mapped', detail: /groups/ } }),
  },
  'groups-number': {
    about: 'groups is a number',
    claims: c({ groups: 7 }),
    expect: signedIn({ app: none, embed: { reason: 'not_mapped' } }),
  },
  'groups-boolean': {
    about: 'groups is true',
    claims: c({ groups: true }),
    expect: signedIn({ app: none, embed: { reason: 'not_mapped' } }),
  },
  'groups-empty-text': {
    about: 'groups is an empty text',
    claims: c({ groups: '' }),
    expect: signedIn({ app: none, embed: { reason: 'not_mapped' } }),
  },
  'groups-pipe': {
    about: 'groups joined by |',
    claims: c({ groups: 'staff|finance' }),
    expect: signedIn({ app: none, embed: wrongKind(/groups/) }),
  },
  'groups-lines': {
    about: 'groups joined by line ends',
    claims: c({ groups: 'staff\nfinance' }),
    expect: signedIn({ app: none, embed: wrongKind(/groups/) }),
  },
  'groups-twice': {
    about: 'our group twice',
    claims: c({ groups: ['finance', 'finance'] }),
    expect: signedIn({ app: { groups: 'finance,finance' } }),
  },
  'roles-below-text': {
    about: 'realm_access is a text, and the rule asks for /realm_access/roles',
    mapping: '{ "/realm_access/roles" = ["finance"] }',
    claims: ({ groups, ...all }) => ({ ...all, groups: [], realm_access: 'finance' }),
    userinfo: ({ plain: { groups, ...rest } }) => rest,
    expect: signedIn({ app: none, embed: { reason: 'not_mapped', detail: /realm_access/ }, userinfo: 1 }),
  },
  'roles-dotted': {
    about: 'a claim with a dot in its name is no path',
    mapping: '{ "realm_access.roles" = ["finance"] }',
    claims: c({ groups: [], 'realm_access.roles': ['finance'] }),
    expect: signedIn(own),
  },
  'roles-url-pointer': {
    about: 'a name with slashes, as a pointer',
    mapping: '{ "/https:~1~1example.com~1claims/roles" = ["finance"] }',
    claims: c({ groups: [], 'https://example.com/claims': { roles: ['finance'] } }),
    expect: signedIn(own),
  },
  'sub-blank': { about: 'sub is a blank', claims: c({ sub: ' ' }), expect: refused('token_sub', /sub/) },
  'sub-padded': {
    about: 'sub with a blank before it: no header says it, for it would read as another one',
    claims: c({ sub: ' u-bob' }),
    userinfo: ({ plain }) => ({ ...plain, sub: ' u-bob' }),
    expect: signedIn({ app: { user: '-' } }),
  },
  'sub-unseen': {
    about: 'sub of characters that nobody sees',
    claims: c({ sub: '\u200b' }),
    expect: refused('token_sub', /sub/),
  },
  'sub-separator': {
    about: 'sub with a line separator of Unicode',
    claims: c({ sub: 'u\u2028ana' }),
    expect: signedIn({ app: { user: '-' } }),
  },
  'sub-array': { about: 'sub is a list', claims: c({ sub: ['u-ana'] }), expect: refused('token_sub', /sub.*array/) },
  'sub-bytes': {
    about: 'sub of 200 characters and 400 bytes',
    claims: c({ sub: '\u00e9'.repeat(200) }),
    expect: refused('token_sub', /sub/),
  },
  'aud-nested': { about: 'aud is a list in a list', claims: c({ aud: [['gw']] }), expect: refused('token_aud', /aud/) },
  'aud-null-beside': {
    about: 'aud = [client, null]',
    claims: c({ aud: ['gw', null] }),
    expect: refused('token_aud', /aud/),
  },
  'aud-object': {
    about: 'aud is an object',
    claims: c({ aud: { gw: true } }),
    expect: refused('token_aud', /aud.*object/),
  },
  'azp-empty': { about: 'azp is an empty text', claims: c({ azp: '' }), expect: refused('token_aud', /azp/) },
  'azp-array': {
    about: 'azp is a list with us',
    claims: c({ azp: ['gw'] }),
    expect: refused('token_aud', /azp.*array/),
  },
  'exp-negative': { about: 'exp is before 1970', claims: c({ exp: -1 }), expect: refused('token_time', /exp/) },
  'iat-zero': { about: 'iat is 0', claims: c({ iat: 0 }), expect: refused('token_time', /iat/) },
  'iat-null': { about: 'iat is null', claims: c({ iat: null }), expect: refused('token_time', /iat.*null/) },
  'nbf-iso': {
    about: 'nbf is an ISO text',
    claims: c({ nbf: '2026-10-27T13:11:13.126Z' }),
    expect: refused('token_time', /nbf.*text/),
  },
  'exp-exponent': {
    about: 'exp in the form 1.9e9',
    sign: (header, claims, x) => x.signText(header, JSON.stringify(claims).replace(/"exp":\d+/, '"exp":1.99e9')),
    expect: signedIn(),
  },
  'nonce-empty': { about: 'nonce is an empty text', claims: c({ nonce: '' }), expect: refused('token_nonce', /nonce/) },
  'nonce-number': { about: 'nonce is a number', claims: c({ nonce: 7 }), expect: refused('token_nonce', /number/) },
  'nonce-case': {
    about: 'nonce in other letters',
    claims: (all) => ({ ...all, nonce: all.nonce.replace(/[a-z]/, (x) => x.toUpperCase()) }),
    expect: refused('token_nonce', /not that/),
  },
  'iss-blank': {
    about: 'iss with a blank behind it',
    claims: (all) => ({ ...all, iss: `${all.iss} ` }),
    expect: refused('token_iss', /iss/),
  },
  'iss-null': { about: 'iss is null', claims: c({ iss: null }), expect: refused('token_iss', /null/) },
  'unread-number': {
    about: 'a claim that nothing reads is a number beyond every float: no JSON that is read',
    sign: (header, claims, x) => x.signText(header, `${JSON.stringify(claims).slice(0, -1)},"n":1e400}`),
    expect: refused('token_malformed', /number/),
  },
  'unread-proto': {
    about: 'claims that programs in JavaScript fear',
    sign: (header, claims, x) =>
      x.signText(header, `${JSON.stringify(claims).slice(0, -1)},"__proto__":{"groups":["x"]},"":1,"constructor":[]}`),
    expect: signedIn(),
  },
  'payload-tail': {
    about: 'something behind the payload',
    sign: (header, claims, x) => x.signText(header, `${JSON.stringify(claims)}{}`),
    expect: refused('token_malformed', /json/),
  },
  'payload-blank': {
    about: 'white space around the payload',
    sign: (header, claims, x) => x.signText(header, ` \n${JSON.stringify(claims, null, 2)}\n `),
    expect: signedIn(),
  },
};
