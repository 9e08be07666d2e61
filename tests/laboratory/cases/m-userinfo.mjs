// UserInfo (OIDC Core 5.3): once, at sign-in, where something that is needed is not in the ID token; of the same
// person, or nobody is signed in.

import assert from 'node:assert/strict';
import { sign } from '../keys.mjs';
import { hold, refused, signedIn, walk } from '../outcomes.mjs';

/// An ID token without what people are known by.
const bare = ({ email, email_verified, groups, name, ...claims }) => claims;
const asked = (more) => signedIn({ userinfo: 1, ...more });
const later = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/// UserInfo as a signed JWT (5.3.2).
const signed =
  (change = (claims) => claims, header = {}) =>
  (x) => {
    const claims = change({ ...x.plain, iss: x.issuer, aud: 'gw', iat: x.now, exp: x.now + 60 }, x);
    const token = sign({ alg: 'RS256', kid: 'k1', ...header }, claims, x.pair, 'client-secret');
    x.say(200, token, { 'content-type': 'application/jwt' });
  };

export default {
  'userinfo-email-only': {
    about: 'groups are in the ID token, the address is at UserInfo',
    claims: (all) => ({ ...bare(all), groups: ['finance'] }),
    userinfo: ({ plain: { groups, ...rest } }) => rest,
    expect: asked(),
  },
  'userinfo-groups-only': {
    about: 'the address is in the ID token, the groups are at UserInfo (Okta, thin tokens)',
    claims: ({ groups, ...claims }) => claims,
    expect: asked(),
  },
  'userinfo-not-needed': { about: 'all that is needed is in the ID token: nobody asks', expect: signedIn() },
  'userinfo-always': { about: 'userinfo = "always"', identity: 'userinfo = "always"', expect: asked() },
  'userinfo-never': {
    about: 'userinfo = "never": what the ID token does not have is missing',
    identity: 'userinfo = "never"',
    claims: bare,
    visit: async (world, browser) => {
      await hold(refused('email_missing', /email/), await walk(world, browser), world);
      assert.equal(world.asked('/userinfo').length, 0);
    },
  },
  'userinfo-contradicts': {
    about: 'UserInfo names another address than the ID token: the signed one counts',
    identity: 'userinfo = "always"',
    userinfo: ({ plain }) => ({ ...plain, email: 'ceo@example.com' }),
    expect: asked(),
  },
  'userinfo-adds-no-groups': {
    about: 'UserInfo has other groups than the ID token: those of the ID token count',
    identity: 'userinfo = "always"',
    claims: (all) => ({ ...all, groups: ['finance'] }),
    userinfo: ({ plain }) => ({ ...plain, groups: ['finance', 'admins'] }),
    expect: asked(),
  },
  'userinfo-flag-of-another': {
    about: 'the flag at UserInfo speaks of the address at UserInfo, which is another one',
    claims: (all) => ({ ...bare(all), email: 'ceo@example.com', groups: ['finance'] }),
    expect: refused('email_unverified', /email_verified/),
  },
  'userinfo-overage': {
    about: 'groups are a reference in the ID token, and whole at UserInfo: they are there',
    claims: (all) => ({ ...bare(all), email: all.email, email_verified: true, _claim_names: { groups: 's' } }),
    expect: asked(),
  },
  'userinfo-sub-other': {
    about: 'UserInfo is of somebody else',
    claims: bare,
    userinfo: ({ plain }) => ({ ...plain, sub: 'u-bob' }),
    expect: refused('token_sub', /userinfo/i),
  },
  'userinfo-sub-missing': {
    about: 'UserInfo names no sub (5.3.2: it must)',
    claims: bare,
    userinfo: ({ plain: { sub, ...rest } }) => rest,
    expect: refused('token_sub', /userinfo/i),
  },
  'userinfo-sub-number': {
    about: 'sub is a number at UserInfo',
    claims: (all) => ({ ...bare(all), sub: '7' }),
    userinfo: ({ plain }) => ({ ...plain, sub: 7 }),
    expect: refused('token_sub', /userinfo/i),
  },
  'userinfo-sub-case': {
    about: 'sub in other letters',
    claims: bare,
    userinfo: ({ plain }) => ({ ...plain, sub: 'U-ANA' }),
    expect: refused('token_sub', /userinfo/i),
  },
  'userinfo-401': {
    about: '401: with status and error in the audit line',
    claims: bare,
    userinfo: ({ say }) =>
      say(401, '', { 'www-authenticate': 'Bearer error="insufficient_scope", error_description="no email scope"' }),
    expect: refused('userinfo_answer', /401/),
  },
  'userinfo-500': {
    about: '500',
    claims: bare,
    userinfo: ({ json }) => json({ error: 'server_error' }, 500),
    expect: refused('userinfo_answer', /500/),
  },
  'userinfo-302': {
    about: 'a redirect: not followed, the token goes nowhere else',
    claims: bare,
    userinfo: ({ say, base }) => say(302, '', { location: `${base}/ok/userinfo` }),
    expect: refused('userinfo_answer', /302/),
  },
  'userinfo-html': {
    about: 'a login page with 200',
    claims: bare,
    userinfo: ({ say }) => say(200, '<html>Sign in</html>', { 'content-type': 'text/html' }),
    expect: refused('userinfo_answer', /json/),
  },
  'userinfo-array': {
    about: 'an array',
    claims: bare,
    userinfo: ({ json, plain }) => json([plain]),
    expect: refused('userinfo_answer', /object|json/),
  },
  'userinfo-duplicate': {
    about: 'sub twice',
    claims: bare,
    userinfo: ({ json, plain }) => json(JSON.stringify(plain).replace('{', '{"sub":"u-bob",')),
    expect: refused('userinfo_answer', /twice|duplicate|unique/),
  },
  'userinfo-2mb': {
    about: '2 MiB',
    claims: bare,
    userinfo: ({ plain }) => ({ ...plain, x: 'x'.repeat(2 << 20) }),
    expect: refused('userinfo_answer', /large|long|bytes|MiB/),
  },
  'userinfo-slow': {
    about: 'no answer within 5 s',
    claims: bare,
    userinfo: async ({ plain }) => {
      await later(6000);
      return plain;
    },
    expect: refused('provider_unreachable', /userinfo.*5 ?s/),
  },
  'userinfo-cut': {
    about: 'the connection ends in the middle',
    claims: bare,
    userinfo: async ({ res }) => {
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': '999' });
      res.write('{"sub":');
      await later(30);
      res.destroy();
      return {};
    },
    any: ({ res }, at) => at === '/userinfo' && res.on('error', () => {}) && false,
    expect: refused('provider_unreachable', /userinfo/),
  },
  'userinfo-types': {
    about: 'claims of every type that nothing reads',
    claims: bare,
    userinfo: ({ plain }) => ({ ...plain, name: 7, locale: null, address: [], updated_at: 'today', zoneinfo: {} }),
    expect: asked(),
  },
  'userinfo-content-type': {
    about: 'Content-Type text/plain, and it is JSON',
    claims: bare,
    userinfo: ({ json, plain }) => json(plain, 200, { 'content-type': 'text/plain' }),
    expect: asked(),
  },
  'userinfo-jwt': { about: 'application/jwt, signed: verified', claims: bare, userinfo: signed(), expect: asked() },
  'userinfo-jwt-stranger': {
    about: 'application/jwt, signed by nobody we know',
    claims: bare,
    userinfo: signed(undefined, { kid: 'k9' }),
    expect: refused('token_key', /userinfo.*k9|k9/i),
  },
  'userinfo-jwt-none': {
    about: 'application/jwt with alg none',
    claims: bare,
    userinfo: signed(undefined, { alg: 'none' }),
    expect: refused('token_alg', /none/),
  },
  'userinfo-jwt-hs256': {
    about: 'application/jwt with HS256',
    claims: bare,
    userinfo: signed(undefined, { alg: 'HS256' }),
    expect: refused('token_alg', /HS256/),
  },
  'userinfo-jwt-aud': {
    about: 'application/jwt for another client',
    claims: bare,
    userinfo: signed((claims) => ({ ...claims, aud: 'another' })),
    expect: refused('token_aud', /another/),
  },
  'userinfo-jwt-iss': {
    about: 'application/jwt of another issuer',
    claims: bare,
    userinfo: signed((claims) => ({ ...claims, iss: 'https://other.test' })),
    expect: refused('token_iss', /other\.test/),
  },
  'userinfo-jwt-bare': {
    about: 'application/jwt without iss, aud and times, as 5.3.2 allows ("SHOULD")',
    claims: bare,
    userinfo: signed(({ iss, aud, iat, exp, ...claims }) => claims),
    expect: asked(),
  },
  'userinfo-jwt-sub': {
    about: 'application/jwt of somebody else',
    claims: bare,
    userinfo: signed((claims) => ({ ...claims, sub: 'u-bob' })),
    expect: refused('token_sub', /userinfo/i),
  },
  'userinfo-jwe': {
    about: 'application/jwt, encrypted',
    claims: bare,
    userinfo: ({ say }) =>
      say(200, 'eyJhbGciOiJSU0EtT0FFUCJ9.AAAA.AAAA.AAAA.AAAA', { 'content-type': 'application/jwt' }),
    expect: refused('token_encrypted', /encrypted/),
  },
  'userinfo-no-access-token': {
    about: 'UserInfo is needed, and there is no access token',
    claims: ({ at_hash, ...all }) => bare(all),
    tokenAnswer: ({ access_token, ...answer }) => answer,
    expect: refused('userinfo_answer', /access.token/),
  },
  'userinfo-dpop': {
    about: 'UserInfo is needed, and the access token is no bearer token',
    claims: bare,
    tokenAnswer: (answer) => ({ ...answer, token_type: 'DPoP' }),
    expect: refused('userinfo_answer', /DPoP/),
  },
  'userinfo-at-hash-wrong': {
    about: 'the access token is not that of the ID token: it is not sent anywhere',
    claims: (all) => ({ ...bare(all), at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }),
    visit: async (world, browser) => {
      await hold(refused('token_signature', /at_hash|access token/), await walk(world, browser), world);
      assert.equal(world.asked('/userinfo').length, 0);
    },
  },
  'userinfo-metadata': {
    about: 'the document has no UserInfo, the operator names it',
    identity: (b) => `metadata = { userinfo_endpoint = "${b}/userinfo" }`,
    discovery: ({ userinfo_endpoint, ...document }) => document,
    claims: bare,
    expect: asked(),
  },
  'userinfo-groups-object': {
    about: 'groups at UserInfo are an object: never a match, and its kind is said',
    claims: ({ groups, ...all }) => all,
    userinfo: ({ plain }) => ({ ...plain, groups: { finance: true } }),
    expect: asked({ app: { groups: '-' }, embed: { reason: 'claim_type', detail: /groups.*object/ } }),
  },
  'userinfo-bearer-in-header': {
    about: 'the access token goes in the header, and in no address (RFC 6750 2.1)',
    claims: bare,
    visit: async (world, browser) => {
      await hold(asked(), await walk(world, browser), world);
      const [one] = world.asked('/userinfo');
      assert.match(one.headers.authorization, /^Bearer at-/);
      assert.deepEqual([one.method, one.query, one.form], ['GET', {}, {}]);
    },
  },
};
