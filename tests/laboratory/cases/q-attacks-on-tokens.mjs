// Published attacks on tokens, by the ids of docs/THREATS.md: each in every spelling that somebody has tried.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { attack, claim, named } from '../attack.mjs';
import { base64url, halfHash, jwk, key, rs256, sign } from '../keys.mjs';

/// What was asked of the provider is what a sign-in asks for.
const nothingElseIsAsked = (world) => {
  const known = ['/.well-known/openid-configuration', '/jwks', '/authorize', '/token', '/userinfo'];
  const others = world.asked().filter(({ at }) => !known.includes(at));
  assert.deepEqual(others, [], 'something that a token names was fetched');
};
const symmetric = (discovery) => ({
  ...discovery,
  id_token_signing_alg_values_supported: ['RS256', 'ES256', 'HS256', 'HS384', 'HS512', 'none'],
});

/// A public key in each form that a library might take for a shared secret.
function secretsOf(pair) {
  const { publicKey } = pair;
  const pem = publicKey.export({ type: 'spki', format: 'pem' });
  const { n, x } = publicKey.export({ format: 'jwk' });
  const found = {
    'SPKI PEM': pem,
    'SPKI PEM without its last line feed': pem.trimEnd(),
    'SPKI DER': publicKey.export({ type: 'spki', format: 'der' }),
    'JWK as JSON': JSON.stringify(jwk(pair, { kid: 'k1', use: 'sig' })),
    'the number': Buffer.from(n ?? x, 'base64url'),
    'the number in base64url': n ?? x,
    nothing: '',
  };
  if (!n) return found;
  const pkcs1 = publicKey.export({ type: 'pkcs1', format: 'pem' });
  return {
    ...found,
    'PKCS1 PEM': pkcs1,
    'PKCS1 PEM without its last line feed': pkcs1.trimEnd(),
    'PKCS1 DER': publicKey.export({ type: 'pkcs1', format: 'der' }),
  };
}

/// RFC 7515 with a MAC, by the public key as secret.
const confused = (about, alg) =>
  attack(about, {
    alg,
    discovery: symmetric,
    ways: Object.fromEntries(
      ['HS256', 'HS384', 'HS512'].flatMap((mac) =>
        Object.keys(secretsOf(alg === 'RS256' ? key() : key('p256'))).map((form) => [`${mac}, ${form}`, { mac, form }]),
      ),
    ),
    sign: (header, claims, { state, pair }) =>
      sign({ ...header, alg: state.way.mac }, claims, pair, secretsOf(pair)[state.way.form]),
    expected: '403 token_alg',
  });

const ALGORITHMS = named(['none', 'None', 'NONE', 'nOnE', 'none ', '', null, undefined, 0, ['RS256']]);
const SIGNATURES = { empty: () => '', garbage: () => 'AAAA', right: (input, pair) => rs256(input, pair) };
const MODULUS_OF_P256 = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';
const bytes = (hex) => Buffer.from(hex, 'hex');
const zero = Buffer.alloc(32);
const one = Buffer.concat([Buffer.alloc(31), Buffer.from([1])]);
const n = bytes(MODULUS_OF_P256);

/// What becomes of the 64 bytes of an ES256 signature.
const FORMS_OF_ES256 = {
  '63 bytes': (raw) => raw.subarray(1),
  '65 bytes': (raw) => Buffer.concat([raw, Buffer.alloc(1)]),
  'a zero before': (raw) => Buffer.concat([Buffer.alloc(1), raw]),
  'r and s are 0': () => Buffer.concat([zero, zero]),
  'r is 0': (raw) => Buffer.concat([zero, raw.subarray(32)]),
  's is 0': (raw) => Buffer.concat([raw.subarray(0, 32), zero]),
  'r and s are n': () => Buffer.concat([n, n]),
  'r is n, s is 1': () => Buffer.concat([n, one]),
  'r and s are 1': () => Buffer.concat([one, one]),
  'r and s are 2^256 - 1': () => Buffer.alloc(64, 255),
  empty: () => Buffer.alloc(0),
  DER: (raw) => {
    const integer = (part) => Buffer.concat([Buffer.from([2, 33, 0]), part]);
    return Buffer.concat([Buffer.from([48, 70]), integer(raw.subarray(0, 32)), integer(raw.subarray(32))]);
  },
};

/// Other spellings of a good token.
const SPELLINGS = {
  'padding of the signature': (token) => `${token}==`,
  'padding of the header': (token) => token.replace('.', '=.'),
  'a letter of base64': (token) => `${token.slice(0, -2)}+/`,
  'a blank before': (token) => ` ${token}`,
  'a blank behind': (token) => `${token} `,
  'a line feed behind': (token) => `${token}\n`,
  'a line feed within': (token) => token.replace('.', '\n.'),
  'a fourth segment': (token) => `${token}.AAAA`,
  'a fourth, empty segment': (token) => `${token}.`,
  'Bearer before': (token) => `Bearer ${token}`,
  'Bearer twice': (token) => `Bearer Bearer ${token}`,
  'other last bits': (token) => token.slice(0, -1) + (token.endsWith('A') ? 'B' : nextLetter(token.at(-1))),
  'no signature': (token) => token.slice(0, token.lastIndexOf('.')),
  'segments in another order': (token) => token.split('.').reverse().join('.'),
};
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const nextLetter = (letter) => LETTERS[(LETTERS.indexOf(letter) + 1) % 64];

const encrypted = (more) => {
  const inner = `${base64url({ alg: 'none' })}.${base64url({ sub: 'u-ana' })}.`;
  return [base64url({ alg: 'dir', enc: 'A256GCM', ...more }), '', 'AAAAAAAAAAAAAAAA', base64url(inner), 'AAAA'].join(
    '.',
  );
};

/// Right tokens of this very key that are no ID tokens for this client's attempt.
const OTHER_TOKENS = {
  'access token, by its type': { header: { typ: 'at+jwt' } },
  'access token, by its long type': { header: { typ: 'application/at+jwt' } },
  'access token without a type': {
    header: {},
    claims: ({ nonce, ...all }) => ({ ...all, scope: 'openid' }),
    token_nonce: 1,
  },
  'logout token': {
    header: { typ: 'logout+jwt' },
    claims: ({ nonce, ...all }) => ({ ...all, events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }),
  },
  'logout token without a type': {
    header: {},
    claims: ({ nonce, ...all }) => ({ ...all, events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }),
    token_nonce: 1,
  },
  'security event': { header: { typ: 'secevent+jwt' } },
  'request object': { header: { typ: 'oauth-authz-req+jwt' } },
  'proof of possession': { header: { typ: 'dpop+jwt' } },
  'answer of introspection': { header: { typ: 'token-introspection+jwt' } },
  'client assertion': { header: { typ: 'client-authentication+jwt' } },
};

export default {
  'tv-01': attack('`none` in every spelling, with an empty, a wrong and a right signature', {
    discovery: symmetric,
    ways: Object.fromEntries(
      Object.entries(ALGORITHMS).flatMap(([spelling, alg]) =>
        Object.keys(SIGNATURES).map((signature) => [`${spelling}, ${signature}`, { alg, signature }]),
      ),
    ),
    sign: (header, claims, { state, pair }) => {
      const input = `${base64url({ ...header, alg: state.way.alg })}.${base64url(claims)}`;
      return `${input}.${SIGNATURES[state.way.signature](input, pair)}`;
    },
    expected: '403 token_alg',
  }),
  'tv-02': confused('HS256, HS384 and HS512 by the public RSA key as secret, in every form of it', 'RS256'),
  'tv-02-ec': confused('the same by a public EC key', 'ES256'),
  'tv-04': attack('a token of a stranger that brings the own key along, by value and by address', {
    ways: {
      jwk: () => ({ jwk: jwk(key('rsa', 'stranger')) }),
      x5c: () => ({
        x5c: [key('rsa', 'stranger').publicKey.export({ type: 'spki', format: 'der' }).toString('base64')],
      }),
      jku: (x) => ({ jku: `${x.base}/${x.name}/theirs` }),
      'jku over https': (x) => ({ jku: `${x.base}/${x.name}/theirs`.replace('http:', 'https:') }),
      x5u: (x) => ({ x5u: `${x.base}/${x.name}/theirs` }),
      'x5u of a file': () => ({ x5u: 'file:///etc/hostname' }),
      'all at once': (x) => ({ jwk: jwk(key('rsa', 'stranger')), jku: `${x.base}/${x.name}/theirs`, x5c: ['AA=='] }),
    },
    sign: (header, claims, x) => sign({ ...header, ...x.state.way(x) }, claims, key('rsa', 'stranger')),
    expected: '403 token_signature',
    after: nothingElseIsAsked,
  }),
  'tv-05': attack('a key name that leads somewhere', {
    ways: named([
      '../../x',
      'https://evil.test/k',
      '%2e%2e%2f',
      'k1?x',
      'k1#',
      'K1',
      'k1 ',
      'k1\u0000',
      'k1\r\nX: 1',
      'k'.repeat(10_000),
      '',
      7,
      {},
      ['k1'],
    ]),
    header: (header, { state }) => ({ ...header, kid: state.way }),
    expected: '403 token_key',
    but: { 7: '403 token_malformed', '{}': '403 token_malformed', '["k1"]': '403 token_malformed' },
    after: nothingElseIsAsked,
  }),
  'tv-07': attack('encrypted, nested and compressed tokens, and what has other than three segments', {
    ways: {
      encrypted: encrypted(),
      'encrypted and compressed': encrypted({ zip: 'DEF' }),
      'encrypted, and nothing in it': '....',
      'five dots': '.....',
      'a thousand dots': '.'.repeat(1000),
      'one segment': 'a-segment-and-nothing-else',
      'two segments': 'two-segments.and-nothing-else',
    },
    idToken: (_, { state }) => state.way,
    expected: '403 token_malformed',
    but: Object.fromEntries(
      ['encrypted', 'encrypted and compressed', 'encrypted, and nothing in it'].map((name) => [
        name,
        '403 token_encrypted',
      ]),
    ),
  }),
  'tv-10': attack('other forms of an ES256 signature', {
    alg: 'ES256',
    ways: FORMS_OF_ES256,
    idToken: (token, { state }) => {
      const at = token.lastIndexOf('.');
      const raw = Buffer.from(token.slice(at + 1), 'base64url');
      return `${token.slice(0, at)}.${state.way(raw).toString('base64url')}`;
    },
    expected: '403 token_signature',
  }),
  'tv-10-spelling': attack('other spellings of a good token', {
    ways: SPELLINGS,
    idToken: (token, { state }) => state.way(token),
    expected: '403 token_malformed',
  }),
  'tv-11': attack('an issuer that is nearly ours', {
    ways: {
      'a slash more': (all) => `${all.iss}/`,
      'other case': (all) => all.iss.toUpperCase(),
      https: (all) => all.iss.replace('http:', 'https:'),
      'an escape': (all) => all.iss.replace('tv-11', 'tv%2D11'),
      'a beginning of another': (all) => `${all.iss}.evil.test`,
      'its beginning': (all) => all.iss.slice(0, -1),
      'its name': () => 'localhost',
      'with a dot segment': (all) => `${all.iss}/../tv-11`,
      'a blank behind': (all) => `${all.iss} `,
      'full-width': (all) => all.iss.replace('1', '\uff11'),
      array: (all) => [all.iss],
      object: (all) => ({ issuer: all.iss }),
      empty: () => '',
      null: () => null,
      missing: undefined,
    },
    claims: claim('iss'),
    expected: '403 token_iss',
  }),
  'tv-12': attack('an audience that is not ours alone, and an authorized party that is another', {
    ways: {
      ...named([
        undefined,
        '',
        7,
        null,
        true,
        {},
        'other',
        'g',
        'GW',
        'gw ',
        'gw,other',
        [],
        ['other'],
        ['gw', 'other'],
      ]),
      'two, and ours is authorized': (all) => ['gw', all.sub],
      'ours within an array': [['gw']],
      'ours and a number': ['gw', 7],
    },
    claims: claim('aud'),
    expected: '403 token_aud',
  }),
  'tv-12-azp': attack('issued to another client', {
    ways: named(['other', '', 'GW', 7, true, ['gw'], {}]),
    claims: claim('azp'),
    expected: '403 token_aud',
  }),
  'tv-13': attack('an end that is over, none, no number, or none of this calendar', {
    ways: {
      ...named([
        undefined,
        null,
        0,
        -1,
        '1893456000',
        'NaN',
        true,
        [],
        {},
        1e300,
        2 ** 63,
        2 ** 64,
        '2030-01-01T00:00:00Z',
      ]),
      milliseconds: (_, { now }) => now * 1000,
      'two minutes ago': (_, { now }) => now - 120,
    },
    claims: claim('exp'),
    expected: '403 token_time',
  }),
  'tv-13-nbf': attack('a beginning that is to come, or no number', {
    ways: { ...named(['1', 'x', true, [], {}, 2 ** 64]), 'in two minutes': (_, { now }) => now + 120 },
    claims: claim('nbf'),
    expected: '403 token_time',
  }),
  'tv-13-iat': attack('an issue that is to come, long ago, or none', {
    ways: {
      ...named([undefined, null, 0, -1, '1', true, 2 ** 64]),
      'in two minutes': (_, { now }) => now + 120,
      'a week ago': (_, { now }) => now - 604_800,
    },
    claims: claim('iat'),
    expected: '403 token_time',
  }),
  'tv-15': attack('a hash of another access token, of another length, or none that is one', {
    ways: {
      ...named(['', 'AAAAAAAAAAAAAAAAAAAAAA', 'A', 7, true, ['x'], {}]),
      'of another token': () => halfHash('another'),
      whole: (_, { access }) => crypto.createHash('sha256').update(access).digest('base64url'),
      'by SHA-512': (_, { access }) => halfHash(access, 'sha512'),
      padded: (_, { access }) => `${halfHash(access)}==`,
    },
    claims: claim('at_hash'),
    expected: '403 token_signature',
    but: Object.fromEntries(['7', 'true', '["x"]', '{}'].map((name) => [name, '403 token_malformed'])),
  }),
  'tv-16': attack('right tokens of the same key that are none for a sign-in', {
    ways: OTHER_TOKENS,
    sign: (header, claims, { state, signText }) => {
      const used = state.way.claims?.(claims) ?? claims;
      return signText({ ...header, ...state.way.header }, JSON.stringify(used));
    },
    expected: '403 token_malformed',
    but: Object.fromEntries(
      Object.entries(OTHER_TOKENS)
        .filter(([, way]) => way.token_nonce)
        .map(([name]) => [name, '403 token_nonce']),
    ),
  }),
};
