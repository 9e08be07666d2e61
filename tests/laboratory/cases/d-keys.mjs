// Keys and signatures. A good key is found among strange neighbours; what fits is tried; what is refused is named.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { Browser, reasonOf } from '../browser.mjs';
import { jwk, key } from '../keys.mjs';
import { hold, refused, signedIn, walk } from '../outcomes.mjs';

const padded = (text) => Buffer.from(text, 'base64url').toString('base64');
const each = (change) => (set) => ({ keys: set.keys.map(change) });
const before = (keys) => (set) => ({ keys: [...keys(), ...set.keys] });
const old = (more) => jwk(key('rsa', 'old'), more);
const OURS = { use: 'sig', alg: 'RS256' };
const noKid = ({ kid, ...rest }) => rest;
const wrong = (detail) => refused('provider_documents', detail);
/// A modulus of 8192 bits takes half a minute to make, and no signature needs it here.
const hugeModulus = () =>
  Buffer.concat([crypto.randomBytes(1023).fill(0xff, 0, 1), Buffer.from([1])]).toString('base64url');

/// Signs in several people one after the other, and gives how each ended.
async function oneAfterTheOther(world, count, between) {
  const ends = [];
  for (let round = 0; round < count; round += 1) {
    await between?.(round);
    const { page } = await walk(world, new Browser());
    ends.push(`${page.status} ${reasonOf(page)}`.trim());
  }
  return ends;
}

export default {
  'keys-mixed': {
    about: 'unknown kty (AKP), Ed448, secp256k1, oct, a key for encryption, a broken key before ours',
    report: 'FusionAuth/fusionauth-jwt#80, greenpau/caddy-security#228, OctopusDeploy/Issues#6398',
    jwks: before(() => [
      { kty: 'AKP', alg: 'ML-DSA-65', kid: 'pq', pub: 'AAAA' },
      { kty: 'OKP', crv: 'Ed448', x: 'AAAA', kid: 'e4' },
      jwk(key('k256'), { kid: 'k2' }),
      { kty: 'oct', k: 'AAAA' },
      jwk(key('rsa', 'enc'), { kid: 'e', use: 'enc', alg: 'RSA-OAEP' }),
      { kty: 'RSA' },
      7,
      null,
    ]),
    expect: signedIn(),
  },
  'kid-none-token-two-keys': {
    about: 'the token has no kid, the set two RSA keys: both are tried',
    header: noKid,
    jwks: before(() => [old({ kid: 'k0', ...OURS })]),
    expect: signedIn(),
  },
  'kid-none-both': {
    about: 'no kid anywhere, one key',
    report: 'boylesoftware/tomcat-oidcauth#20, aces/Loris#8928',
    header: noKid,
    jwks: each(noKid),
    expect: signedIn(),
  },
  'kid-none-both-two': {
    about: 'no kid anywhere, two RSA keys',
    header: noKid,
    jwks: (set) => ({ keys: [old({ use: 'sig' }), ...set.keys.map(noKid)] }),
    expect: signedIn(),
  },
  'kid-none-four': {
    about: 'no kid in the token, ours is the fourth key that fits',
    header: noKid,
    jwks: before(() => ['old', 'enc', 'app'].map((name) => jwk(key('rsa', name), { kid: name, use: 'sig' }))),
    expect: signedIn(),
  },
  'kid-none-five': {
    about: 'no kid in the token, ours is the fifth key that fits: at most four are tried, and it is said',
    header: noKid,
    jwks: before(() => ['old', 'enc', 'app', 'tenant'].map((name) => jwk(key('rsa', name), { kid: name, use: 'sig' }))),
    expect: refused('token_key', /kid/),
  },
  'kid-in-token-only': {
    about: 'the token names a kid, the one key of the set has none',
    jwks: each(noKid),
    expect: signedIn(),
  },
  'kid-other-name': {
    about: 'the token names a kid, the one key of the set another: a named key is never another one',
    jwks: each((one) => ({ ...one, kid: 'k9' })),
    expect: refused('token_key', /k1/),
  },
  'kid-twice': {
    about: 'two RSA keys with one kid, the second is right',
    report: 'inrupt/solid-client-authn-js#1799',
    jwks: before(() => [old({ kid: 'k1', ...OURS })]),
    expect: signedIn(),
  },
  'kid-twice-kty': {
    about: 'one kid for an EC and an RSA key',
    report: 'inrupt/solid-client-authn-js#1799',
    jwks: before(() => [jwk(key('p256'), { kid: 'k1', use: 'sig', alg: 'ES256' })]),
    expect: signedIn(),
  },
  'kid-twice-alg': {
    about: 'one RSA key, one kid, three entries RS256/RS384/PS256',
    jwks: (set) => ({ keys: ['RS384', 'PS256', 'RS256'].map((alg) => ({ ...set.keys[0], alg })) }),
    expect: signedIn(),
  },
  'kid-number': {
    about: 'kid is a number in set and token',
    header: (header) => ({ ...header, kid: 1 }),
    jwks: each((one) => ({ ...one, kid: 1 })),
    expect: wrong(/kid/),
  },
  'kid-long': {
    about: 'kid is 2 000 characters in the token, unknown: it is cut in the log',
    header: (header) => ({ ...header, kid: 'k'.repeat(2000) }),
    expect: refused('token_key', /^(?!.*k{300}).*k{20}/),
  },
  'kid-path': {
    about: 'kid looks like a path: it is a name, and nothing is fetched by it',
    header: (header) => ({ ...header, kid: '../../etc/passwd' }),
    expect: refused('token_key', /etc\/passwd/),
  },
  'key-no-alg-use': { about: 'key without alg and use', jwks: each(({ alg, use, ...one }) => one), expect: signedIn() },
  'key-ops': {
    about: 'key_ops ["verify"] and no use',
    jwks: each(({ use, ...one }) => ({ ...one, key_ops: ['verify'] })),
    expect: signedIn(),
  },
  'key-alg-differs': {
    about: 'the key says RS512, the token RS256: both are named',
    jwks: each((one) => ({ ...one, alg: 'RS512' })),
    discovery: (document) => ({ ...document, id_token_signing_alg_values_supported: ['RS256', 'RS512'] }),
    expect: refused('token_key', /RS512/),
  },
  'key-x5c-only': {
    about: 'keys are x5c certificates without n and e',
    jwks: () => ({ keys: [{ kty: 'RSA', kid: 'k1', use: 'sig', x5c: ['MIIB'] }] }),
    expect: wrong(/k1/),
  },
  'key-x5c-odd': {
    about: 'a good key with an x5c that is none',
    jwks: each((one) => ({ ...one, x5c: 'MIIB', x5t: 7 })),
    expect: signedIn(),
  },
  'key-padded': {
    about: 'n in padded standard base64 (RFC 7518 2 has base64url): the key is named, and what is wrong with it',
    report: 'OpenIDC/mod_auth_openidc#368',
    jwks: each((one) => ({ ...one, n: padded(one.n) })),
    expect: wrong(/k1.*(base64|`n`)/),
  },
  'key-leading-zero': {
    about: 'n with a leading zero byte (Java BigInteger)',
    jwks: each((one) => ({
      ...one,
      n: Buffer.concat([Buffer.from([0]), Buffer.from(one.n, 'base64url')]).toString('base64url'),
    })),
    expect: signedIn(),
  },
  'key-use-sig-enc': {
    about: 'x5c, x5t, x5u, key_ops are null',
    jwks: each((one) => ({ ...one, x5c: null, x5t: null, x5u: null, key_ops: null })),
    expect: signedIn(),
  },
  'key-all-null': {
    about: 'use, alg and every optional member are null',
    jwks: each((one) => ({ ...one, use: null, alg: null, key_ops: null, x5c: null, x5u: null, d: null })),
    expect: signedIn(),
  },
  'key-kid-null': {
    about: 'kid is null in set and token',
    header: (header) => ({ ...header, kid: null }),
    jwks: each((one) => ({ ...one, kid: null })),
    expect: signedIn(),
  },
  'key-use-odd': {
    about: 'a neighbour with use "signature", ours with use "sig"',
    jwks: before(() => [old({ kid: 'k0', use: 'signature' })]),
    expect: signedIn(),
  },
  'key-8192': {
    about: 'RSA key of 8192 bits: the bound is named',
    jwks: each((one) => ({ ...one, n: hugeModulus() })),
    expect: wrong(/k1.*modulus/),
  },
  'key-1024': {
    about: 'RSA key of 1024 bits: the bound is named',
    pair: () => key('rsa1024'),
    expect: wrong(/k1.*modulus/),
  },
  'keys-empty': { about: 'an empty set', jwks: () => ({ keys: [] }), expect: wrong(/no (usable )?.*key/) },
  'keys-array': {
    about: 'the set is the array itself',
    jwks: (set, { json }) => json(set.keys),
    expect: wrong(/jwks.*(object|json)/),
  },
  'keys-null': { about: 'keys is null', jwks: () => ({ keys: null }), expect: wrong(/keys/) },
  'keys-html': {
    about: 'the keys are a login page',
    jwks: (_, { say }) => say(200, '<html>Sign in</html>', { 'content-type': 'text/html' }),
    expect: wrong(/jwks.*json/),
  },
  'keys-500': {
    about: 'the keys answer 500: waiting may help',
    jwks: (_, { say }) => say(500, ''),
    expect: refused('provider_unreachable', /jwks.*500/),
  },
  'keys-200': {
    about: '200 keys, ours is the last of those that are looked at',
    jwks: (set) => ({
      keys: [
        ...Array.from({ length: 63 }, (_, i) => old({ kid: `o${i}`, use: 'sig' })),
        ...set.keys,
        ...Array.from({ length: 136 }, () => ({ kty: 'oct', k: 'AAAA' })),
      ],
    }),
    expect: signedIn(),
  },
  'entra-appid-key': {
    about: 'signed with a key that only ?appid= would show (Entra claims mapping): the key is named',
    report: 'Widen/cloudfront-auth#85, python-social-auth/social-core#695, antarctica/flask-entra-auth#8',
    pair: () => key('rsa', 'app'),
    jwks: () => ({ keys: [jwk(key('rsa', 'tenant'), { kid: 'tenant-key', ...OURS })] }),
    header: (header) => ({ ...header, kid: 'app-key' }),
    expect: refused('token_key', /app-key/),
  },
  'entra-appid-key-named': {
    about: 'the same, and the operator names the address of the keys',
    identity: (b) => `metadata = { jwks_uri = "${b}/jwks?appid=gw" }`,
    pair: () => key('rsa', 'app'),
    jwks: (set, { query }) => ({
      keys:
        query.get('appid') === 'gw'
          ? set.keys.map((one) => ({ ...one, kid: 'app-key' }))
          : [old({ kid: 'tenant-key' })],
    }),
    header: (header) => ({ ...header, kid: 'app-key' }),
    expect: signedIn({ note: /jwks_uri/ }),
  },
  ps256: { about: 'PS256', alg: 'PS256', expect: signedIn() },
  ps512: { about: 'PS512', alg: 'PS512', atHash: 'sha512', expect: signedIn() },
  rs512: { about: 'RS512', alg: 'RS512', atHash: 'sha512', expect: signedIn() },
  es256: { about: 'ES256', alg: 'ES256', expect: signedIn() },
  es384: { about: 'ES384', alg: 'ES384', atHash: 'sha384', expect: signedIn() },
  eddsa: { about: 'EdDSA, at_hash with SHA-512', alg: 'EdDSA', atHash: 'sha512', expect: signedIn() },
  'at-hash-wrong': {
    about: 'at_hash of another token',
    claims: (all) => ({ ...all, at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }),
    expect: refused('token_signature', /at_hash|access token/),
  },
  'at-hash-empty': {
    about: 'at_hash is empty',
    claims: (all) => ({ ...all, at_hash: '' }),
    expect: refused('token_signature', /at_hash|access token/),
  },
  'at-hash-null': { about: 'at_hash is null', claims: (all) => ({ ...all, at_hash: null }), expect: signedIn() },
  'signature-other-key': {
    about: 'signed by a stranger under the kid of a good key',
    sign: (header, claims, x) => `${x.signText(header, JSON.stringify(claims)).slice(0, -8)}AAAAAAAA`,
    expect: refused('token_signature', /verify|signature/),
  },
  'signature-missing': {
    about: 'the signature is empty, alg RS256',
    idToken: (token) => token.replace(/[^.]*$/, ''),
    expect: refused('token_signature', /verify|signature/),
  },
  jwe: {
    about: 'the ID token is encrypted (five segments): what to switch off is said',
    idToken: () => 'eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.AAAA.AAAA.AAAA.AAAA',
    expect: refused('token_encrypted', /encrypted/),
  },
  'segments-two': {
    about: 'the ID token has two segments',
    idToken: () => 'eyJhbGciOiJub25lIn0.e30',
    expect: refused('token_malformed'),
  },
  'segments-thousand': {
    about: 'the ID token is a thousand dots',
    idToken: () => '.'.repeat(1000),
    expect: refused('token_malformed'),
  },
  'typ-id-token': {
    about: 'typ "id_token+jwt": an ID token, explicitly typed',
    header: (header) => ({ ...header, typ: 'id_token+jwt' }),
    expect: signedIn(),
  },
  'typ-lower': { about: 'typ "jwt"', header: (header) => ({ ...header, typ: 'jwt' }), expect: signedIn() },
  'typ-null': { about: 'typ is null', header: (header) => ({ ...header, typ: null }), expect: signedIn() },
  'typ-none': { about: 'no typ', header: ({ typ, ...header }) => header, expect: signedIn() },
  'typ-at': {
    about: 'typ "at+jwt" (an access token as ID token): which it is is said',
    header: (header) => ({ ...header, typ: 'at+jwt' }),
    expect: refused('token_malformed', /at\+jwt/),
  },
  'typ-logout': {
    about: 'typ "logout+jwt" (a logout token as ID token)',
    header: (header) => ({ ...header, typ: 'logout+jwt' }),
    expect: refused('token_malformed', /logout\+jwt/),
  },
  'header-cty': {
    about: 'header has cty "JWT": a nested token is said, and none is there',
    header: (header) => ({ ...header, cty: 'JWT' }),
    expect: refused('token_malformed', /cty/),
  },
  'header-crit': {
    about: 'header has crit: an extension that is not known must be refused (RFC 7515 4.1.11)',
    header: (header) => ({ ...header, crit: ['exp'], exp: 1 }),
    expect: refused('token_malformed', /crit/),
  },
  'header-x5t-jku': {
    about: 'header has x5t, x5t#S256, jku, x5c, pi.atm: none is followed',
    header: (header, { base, name }) => ({
      ...header,
      x5t: 'AA',
      'x5t#S256': 'BB',
      jku: `${base}/${name}/evil-keys`,
      'pi.atm': 'x',
      nonce: 'y',
    }),
    visit: async (world, browser) => {
      await hold(signedIn(), await walk(world, browser), world);
      assert.equal(world.asked('/evil-keys').length, 0, 'a key that the token names is fetched');
    },
  },
  'header-jwk': {
    about: 'self-signed, with the own key in the header',
    sign: (header, claims, x) => x.signText(header, JSON.stringify(claims)),
    pair: () => key('rsa', 'anew'),
    header: (header) => ({ ...header, jwk: jwk(key('rsa', 'anew')) }),
    jwks: () => ({ keys: [jwk(key('rsa'), { kid: 'k1', ...OURS })] }),
    expect: refused('token_signature', /verify|signature/),
  },
  'alg-none': {
    about: 'alg none: which is said',
    header: (header) => ({ ...header, alg: 'none' }),
    expect: refused('token_alg', /none/),
  },
  'alg-none-capitals': {
    about: 'alg NoNe',
    header: (header) => ({ ...header, alg: 'NoNe' }),
    expect: refused('token_alg', /NoNe/),
  },
  'alg-missing': {
    about: 'no alg',
    sign: (header, claims, x) => x.signText({ ...header, alg: undefined }, JSON.stringify(claims)),
    expect: refused('token_alg', /alg/),
  },
  'new-key-same-kid': {
    about: 'the provider was set up anew: same kid, new key',
    pair: ({ state }) => key('rsa', state.isAnew ? 'anew' : 'main'),
    visit: async (world) => {
      const ends = await oneAfterTheOther(world, 2, (round) => {
        world.state.isAnew = round === 1;
      });
      assert.deepEqual(ends, ['200', '200']);
    },
  },
  rotation: {
    about:
      'Keycloak rotates: new kid, the old key stays; then again within 30 s, when the keys are not fetched anew yet',
    pair: ({ state }) => key('rsa', `round${state.round ?? 0}`),
    header: (header, { state }) => ({ ...header, kid: `round${state.round ?? 0}` }),
    jwks: (_, { state }) => ({
      keys: Array.from({ length: (state.round ?? 0) + 1 }, (_one, i) =>
        jwk(key('rsa', `round${i}`), { kid: `round${i}`, ...OURS }),
      ),
    }),
    visit: async (world) => {
      const ends = await oneAfterTheOther(world, 3, (round) => {
        world.state.round = round;
      });
      assert.deepEqual(ends, ['200', '200', '403 token_key']);
      assert.match((await world.audit('sign_in', (line) => line.result === 'token_key')).detail, /round2/);
    },
  },
  'replicas-differ': {
    about: 'two replicas of the provider, each with keys of its own: that is what the audit line says',
    pair: () => key('rsa', 'app'),
    header: (header) => ({ ...header, kid: 'replica-2' }),
    jwks: () => ({ keys: [jwk(key('rsa', 'tenant'), { kid: 'replica-1', ...OURS })] }),
    expect: refused('token_key', /replica-2.*(replica-1|fetched|replicas|anew)/),
  },
};
