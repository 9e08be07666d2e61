// What real providers put into ID tokens, one oddity each. All tokens are validly signed, for this client, with our
// nonce.
//
// What no rule, template, header or e-mail reads never ends a sign-in, whatever its JSON type.

import { refused, signedIn } from '../outcomes.mjs';

const c = (more) => (claims) => ({ ...claims, ...more });
const TRUSTED = 'email_verified = "trusted-issuer"';
const nested = (depth) => Array.from({ length: depth }).reduce((inner) => ({ inner }), 1);
const manyGroups = (count) => ['finance', ...Array.from({ length: count }, (_, i) => `CN=Group-${i},OU=x`)];

export default {
  'aud-zitadel': {
    about: 'aud = [client, other apps, project id], azp = client; `audiences` names the others',
    report: 'zitadel/zitadel#9200, EasyTier/EasyTier#2473, ThinkWatchProject/ThinkWatch#10',
    identity: 'audiences = ["260887404288738416", "257713952794870157"]',
    claims: c({ aud: ['gw', '260887404288738416', '257713952794870157'], azp: 'gw' }),
    expect: signedIn(),
  },
  'aud-array-one': {
    about: 'aud = [client] (Hydra, LemonLDAP, Authelia)',
    claims: c({ aud: ['gw'] }),
    expect: signedIn(),
  },
  'updated-at-iso': {
    about: 'updated_at is an ISO text (Auth0)',
    report: 'ramosbugs/openidconnect-rs#101, #230',
    claims: c({ updated_at: '2026-10-01T09:00:00.123Z' }),
    expect: signedIn(),
  },
  'locale-null': {
    about: 'locale, picture, name are null (ZITADEL)',
    report: 'holos-run/holos#91',
    claims: c({
      locale: null,
      picture: null,
      name: null,
      given_name: null,
      address: null,
      phone_number: null,
      updated_at: null,
      auth_time: null,
      acr: null,
      amr: null,
    }),
    expect: signedIn(),
  },
  'locale-odd': { about: 'locale "en_US"', claims: c({ locale: 'en_US' }), expect: signedIn() },
  'locale-empty': { about: 'locale is an empty text', claims: c({ locale: '' }), expect: signedIn() },
  'amr-text': {
    about: 'amr is a text, not an array',
    report: 'IdentityServer/IdentityServer3#1721, kalinjul/kotlin-multiplatform-oidc#52',
    claims: c({ amr: 'pwd' }),
    expect: signedIn(),
  },
  'auth-time-text': {
    about: 'auth_time is a text of digits',
    claims: c({ auth_time: '1790000000' }),
    expect: signedIn(),
  },
  'auth-time-iso': {
    about: 'auth_time is an ISO text (ADFS)',
    claims: c({ auth_time: '2026-10-27T13:11:13.126Z' }),
    expect: signedIn(),
  },
  'address-text': {
    about: 'address is a text, not an object',
    claims: c({ address: '1 Main Street, Springfield' }),
    expect: signedIn(),
  },
  'email-verified-text': {
    about: 'email_verified is the text "true" (Cognito federation, Apple): only the boolean verifies',
    claims: c({ email_verified: 'true' }),
    expect: refused('email_unverified', /email_verified.*text/, { email: 'ana@example.com' }),
  },
  'email-verified-text-trusted': {
    about: 'the same, email_verified = "trusted-issuer"',
    identity: TRUSTED,
    claims: c({ email_verified: 'true' }),
    expect: signedIn(),
  },
  'email-verified-number': {
    about: 'email_verified is 1, and the issuer is trusted',
    identity: TRUSTED,
    claims: c({ email_verified: 1 }),
    expect: signedIn(),
  },
  'email-verified-array': {
    about: 'email_verified is ["true"], and the issuer is trusted',
    identity: TRUSTED,
    claims: c({ email_verified: ['true'] }),
    expect: signedIn(),
  },
  'phone-verified-text': {
    about: 'phone_number_verified is the text "yes"',
    claims: c({ phone_number_verified: 'yes' }),
    expect: signedIn(),
  },
  'subject-issuer': {
    about: 'a claim of the provider is called subject_issuer',
    report: 'ramosbugs/openidconnect-rs#110',
    claims: c({ subject_issuer: 'simulator' }),
    expect: signedIn(),
  },
  'hash-claim': {
    about: 'claims called issuer, name_other, audience_x, nonce_supported, sub_legacy',
    claims: c({ issuer: 'x', name_other: 'x', audience_x: 'y', nonce_supported: true, sub_legacy: 'z', name_id: 5 }),
    expect: signedIn(),
  },
  'name-object': {
    about: 'name is an object, as some social brokers send it',
    claims: c({ name: { givenName: 'Ana', familyName: 'S' } }),
    expect: signedIn(),
  },
  'name-array': {
    about: 'name, given_name are arrays (LDAP multi-valued)',
    claims: c({ name: ['Ana'], given_name: ['Ana', 'Anna'] }),
    expect: signedIn(),
  },
  'groups-text': {
    about: 'groups is a single text (ADFS with one group): one text is one group, for rules and for the application',
    claims: c({ groups: 'finance' }),
    expect: signedIn(),
  },
  'groups-comma': {
    about: 'groups is one text with commas: never a match, and named',
    claims: c({ groups: 'staff,finance' }),
    expect: signedIn({ app: { groups: '-' }, embed: { reason: 'claim_type', detail: /groups.*text/ } }),
  },
  'sub-number': {
    about: 'sub is a number',
    claims: c({ sub: 12345 }),
    expect: refused('token_sub', /`?sub`?.*number/),
  },
  'sub-long': {
    about: 'sub is 300 bytes',
    claims: c({ sub: 'x'.repeat(300) }),
    expect: refused('token_sub', /`?sub`?.*(255|300)/),
  },
  'exp-text': {
    about: 'exp and iat are texts',
    claims: (all) => ({ ...all, exp: String(all.exp), iat: String(all.iat) }),
    expect: refused('token_time', /`?exp`?.*text/),
  },
  'exp-float': {
    about: 'exp and iat are numbers with fractions',
    claims: (all) => ({ ...all, exp: all.exp + 0.5, iat: all.iat + 0.25 }),
    expect: signedIn(),
  },
  'iat-missing': {
    about: 'no iat',
    claims: ({ iat, ...rest }) => rest,
    expect: refused('token_time', /`?iat`?.*(missing|absent|has no)|(no|without) `?iat`?/),
  },
  'nbf-future-30': { about: 'nbf 30 s ahead', claims: (all) => ({ ...all, nbf: all.iat + 30 }), expect: signedIn() },
  'iat-past-20min': {
    about: 'iat is when the session at the provider began, 20 min ago: refused, with how far off it is',
    claims: (all) => ({ ...all, iat: all.iat - 1200 }),
    expect: refused('token_time', /iat.*(1[12]\d\ds|20m|1200)/),
  },
  'nonce-missing': {
    about: 'no nonce in the ID token (LinkedIn, Intuit): absent is not different',
    report: 'authlib/authlib#763, directus/directus#23645',
    claims: ({ nonce, ...rest }) => rest,
    expect: refused('token_nonce', /(no|without( a)?) nonce|nonce.*(missing|absent)/),
  },
  'big-20k': {
    about: 'ID token of 20 KiB, 600 groups, one of them ours',
    claims: c({ groups: manyGroups(600) }),
    expect: signedIn(),
  },
  'big-80k': {
    about: 'ID token of 80 KiB: the bound is named',
    claims: c({ groups: manyGroups(2500) }),
    expect: refused('token_malformed', /64 KiB|65 ?536|bytes/),
  },
  'duplicate-claim': {
    about: 'the payload names `groups` twice',
    sign: (header, claims, x) =>
      x.signText(header, JSON.stringify(claims).replace('"groups":', '"groups":["staff"],"groups":')),
    expect: refused('token_malformed', /twice|duplicate/),
  },
  'utf8-name': {
    about: 'name with an unpaired surrogate escape',
    sign: (header, claims, x) => x.signText(header, JSON.stringify({ ...claims, name: 'XX' }).replace('XX', '\\ud83d')),
    expect: refused('token_malformed', /surrogate|unicode|json/i),
  },
  'deep-40': {
    about: 'a claim nested 40 deep',
    claims: (all) => ({ ...all, tree: nested(40) }),
    expect: refused('token_malformed', /deep|nest|32/),
  },
};
