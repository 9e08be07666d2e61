// More oddities of claims: audiences, times, nonces, subjects, flags.

import { refused, signedIn } from '../outcomes.mjs';

const c = (more) => (claims) => ({ ...claims, ...more });
const without = (name) => (claims) => Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));

export default {
  'aud-zitadel-unnamed': {
    about: 'aud has a project id that `audiences` does not name: the audit line names it',
    claims: c({ aud: ['gw', '257713952794870157'], azp: 'gw' }),
    expect: refused('token_aud', /257713952794870157/),
  },
  'aud-named-no-azp': {
    about: 'a further audience that is named, and no azp: whom it was issued to is not said',
    identity: 'audiences = ["api"]',
    claims: c({ aud: ['gw', 'api'] }),
    expect: refused('token_aud', /azp/),
  },
  'aud-named-azp-other': {
    about: 'a further audience that is named, issued to it',
    identity: 'audiences = ["api"]',
    claims: c({ aud: ['gw', 'api'], azp: 'api' }),
    expect: refused('token_aud', /azp.*api/),
  },
  'aud-only-named': {
    about: 'aud is a named further audience alone, without ours',
    identity: 'audiences = ["api"]',
    claims: c({ aud: ['api'], azp: 'gw' }),
    expect: refused('token_aud', /api/),
  },
  'aud-other': {
    about: 'aud is another client of the same provider',
    claims: c({ aud: 'another' }),
    expect: refused('token_aud', /another/),
  },
  'aud-case': {
    about: 'aud is our client id in capitals',
    claims: c({ aud: 'GW' }),
    expect: refused('token_aud', /GW/),
  },
  'aud-empty-array': { about: 'aud is []', claims: c({ aud: [] }), expect: refused('token_aud', /aud/) },
  'aud-number': { about: 'aud is a number', claims: c({ aud: 7 }), expect: refused('token_aud', /aud.*number/) },
  'aud-missing': { about: 'no aud', claims: without('aud'), expect: refused('token_aud', /aud/) },
  'aud-twice-ours': { about: 'aud = [client, client]', claims: c({ aud: ['gw', 'gw'] }), expect: signedIn() },
  'azp-ours': { about: 'aud one text, azp ours (Keycloak, Google)', claims: c({ azp: 'gw' }), expect: signedIn() },
  'azp-null': { about: 'azp is null: it says nothing', claims: c({ azp: null }), expect: signedIn() },
  'azp-android': {
    about: 'azp is another client (Google, an Android application with our audience)',
    claims: c({ azp: 'android-client' }),
    expect: refused('token_aud', /azp.*android-client/),
  },
  'iss-array': {
    about: 'iss is an array',
    claims: (all) => ({ ...all, iss: [all.iss] }),
    expect: refused('token_iss', /array/),
  },
  'iss-missing': { about: 'no iss', claims: without('iss'), expect: refused('token_iss', /iss/) },
  'iss-slash-token': {
    about: 'the token names the issuer with a slash more: the one that was found is named',
    claims: (all) => ({ ...all, iss: `${all.iss}/` }),
    expect: refused('token_iss', /iss-slash-token\//),
  },
  'exp-missing': { about: 'no exp', claims: without('exp'), expect: refused('token_time', /exp/) },
  'exp-past': {
    about: 'expired ten minutes ago: how far off is said',
    claims: (all) => ({ ...all, exp: all.exp - 900 }),
    expect: refused('token_time', /exp.*(600|59\d|60\d|10m|9m)/),
  },
  'exp-milliseconds': {
    about: 'exp in milliseconds',
    claims: (all) => ({ ...all, exp: all.exp * 1000 }),
    expect: refused('token_time', /exp/),
  },
  'exp-null': { about: 'exp is null', claims: c({ exp: null }), expect: refused('token_time', /exp/) },
  'exp-huge': {
    about: 'exp is 1e400',
    sign: (header, claims, x) => x.signText(header, JSON.stringify(claims).replace(/"exp":\d+/, '"exp":1e400')),
    expect: refused('token_malformed'),
  },
  'iat-future-5min': {
    about: 'the clock of the provider is five minutes ahead: how far is said',
    claims: (all) => ({ ...all, iat: all.iat + 300, exp: all.exp + 300 }),
    expect: refused('token_time', /iat.*(300|29\d|30\d|5m|4m59)/),
  },
  'iat-future-30s': {
    about: 'the clock of the provider is thirty seconds ahead',
    claims: (all) => ({ ...all, iat: all.iat + 30 }),
    expect: signedIn(),
  },
  'nbf-text': {
    about: 'nbf is a text of digits',
    claims: (all) => ({ ...all, nbf: `${all.iat}` }),
    expect: refused('token_time', /nbf.*text/),
  },
  'nbf-null': { about: 'nbf is null', claims: c({ nbf: null }), expect: signedIn() },
  'nonce-null': {
    about: 'nonce is null: absent, not different',
    claims: c({ nonce: null }),
    expect: refused('token_nonce', /(no|without( a)?) nonce|nonce.*(missing|absent|null)/),
  },
  'nonce-other': {
    about: 'the nonce of another attempt',
    claims: c({ nonce: 'another' }),
    expect: refused('token_nonce', /not that|different|another attempt/),
  },
  'nonce-array': {
    about: 'nonce is an array',
    claims: (all) => ({ ...all, nonce: [all.nonce] }),
    expect: refused('token_nonce', /array/),
  },
  'sub-missing': { about: 'no sub', claims: without('sub'), expect: refused('token_sub', /sub/) },
  'sub-empty': { about: 'sub is an empty text', claims: c({ sub: '' }), expect: refused('token_sub', /sub/) },
  'sub-newline': {
    about: 'sub has a line break',
    claims: c({ sub: 'ana\nroot' }),
    expect: refused('token_sub', /sub/),
  },
  'sub-255': {
    about: 'sub is 255 bytes, the longest that OIDC Core 2 allows',
    claims: c({ sub: 's'.repeat(255) }),
    expect: signedIn({ app: { user: 's'.repeat(255) } }),
  },
  'email-verified-missing': {
    about: 'an address and no flag: UserInfo is asked, and does not say either',
    claims: without('email_verified'),
    userinfo: ({ who }) => ({ sub: `u-${who}`, email: `${who}@example.com` }),
    expect: refused('email_unverified', /email_verified.*(missing|absent|null)|no .*email_verified/),
  },
  'email-verified-false': {
    about: 'email_verified is false: the page says what to do',
    claims: c({ email_verified: false }),
    expect: refused('email_unverified', /email_verified/, { page: /verif/i }),
  },
  'email-verified-at-userinfo': {
    about: 'the address is in the ID token, the flag at UserInfo (OIDC Core 5.4)',
    claims: without('email_verified'),
    expect: signedIn({ userinfo: 1 }),
  },
  'email-two': {
    about: 'two addresses in one text',
    claims: c({ email: 'ana@example.com, bob@example.com' }),
    expect: refused('email_missing', /email/),
  },
  'email-at-at': {
    about: 'a@other.test@example.com',
    claims: c({ email: 'a@other.test@example.com' }),
    expect: refused('email_missing', /email/),
  },
  'email-array': {
    about: 'email is an array of one',
    claims: c({ email: ['ana@example.com'] }),
    expect: refused('email_missing', /email.*array/),
  },
  'email-empty': {
    about: 'email is an empty text',
    claims: c({ email: '' }),
    expect: refused('email_missing', /email/),
  },
  'email-object': {
    about: 'email is an object',
    claims: c({ email: { value: 'ana@example.com' } }),
    expect: refused('email_missing', /email.*object/),
  },
  'claim-sources': {
    about: 'a distributed claim that nothing reads',
    claims: c({ _claim_names: { payment_info: 'src1' }, _claim_sources: { src1: { endpoint: 'https://bank.test' } } }),
    expect: signedIn(),
  },
  'big-numbers': {
    about: 'numbers beyond 2^64 in a claim that nothing reads',
    sign: (header, claims, x) =>
      x.signText(header, `${JSON.stringify(claims).slice(0, -1)},"n":123456789012345678901234567890}`),
    expect: signedIn(),
  },
  'nul-in-name': { about: 'name has a NUL', claims: c({ name: 'Ana\u0000' }), expect: signedIn() },
  'payload-array': {
    about: 'the payload is an array',
    sign: (header, _, x) => x.signText(header, '["sub"]'),
    expect: refused('token_malformed', /object|json/i),
  },
  'payload-latin1': {
    about: 'the payload is not UTF-8',
    sign: (header, claims, x) =>
      x.signText(header, Buffer.from(JSON.stringify({ ...claims, name: 'J\u00f6rg' }), 'latin1')),
    expect: refused('token_malformed', /utf|json/i),
  },
  'duplicate-sub': {
    about: 'the payload names `sub` twice: which person it is, is not said',
    sign: (header, claims, x) => x.signText(header, JSON.stringify(claims).replace('"sub":', '"sub":"u-bob","sub":')),
    expect: refused('token_malformed', /twice|duplicate/),
  },
};
