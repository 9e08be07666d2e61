// Keys, and tokens signed with them by Node's own cryptography: no library stands between a case and its bytes.

import crypto from 'node:crypto';

const MAKE = {
  rsa: () => crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }),
  rsa1024: () => crypto.generateKeyPairSync('rsa', { modulusLength: 1024 }),
  p256: () => crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  p384: () => crypto.generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  p521: () => crypto.generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  k256: () => crypto.generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
  ed25519: () => crypto.generateKeyPairSync('ed25519'),
};
const KINDS = { ES256: 'p256', ES384: 'p384', ES512: 'p521', ES256K: 'k256', EdDSA: 'ed25519', Ed25519: 'ed25519' };

const pairs = new Map();

/// The key pair of this kind and name; the same each time.
export function key(kind = 'rsa', name = 'main') {
  const id = `${kind}/${name}`;
  if (!pairs.has(id)) pairs.set(id, MAKE[kind]());
  return pairs.get(id);
}

/// Making a key takes its time: those that cases ask for while somebody waits are made before.
export function makeKeys() {
  for (const name of ['main', 'old', 'enc', 'app', 'tenant', 'anew', 'round0', 'round1', 'round2']) key('rsa', name);
  for (const kind of Object.keys(MAKE)) key(kind);
}

export const jwk = (pair, more = {}) => ({ ...pair.publicKey.export({ format: 'jwk' }), ...more });

/// The kind of key that an algorithm is for.
export const kindOf = (algorithm) => KINDS[algorithm] ?? 'rsa';

export const base64url = (value) =>
  Buffer.from(typeof value === 'string' || Buffer.isBuffer(value) ? value : JSON.stringify(value)).toString(
    'base64url',
  );

/// A JWS in its compact form; `claims` are a value or the text of one.
export function sign(header, claims, pair, secret) {
  const input = `${base64url(header)}.${base64url(claims)}`;
  return `${input}.${signature(`${header.alg}`, Buffer.from(input), pair, secret).toString('base64url')}`;
}

function signature(algorithm, data, pair, secret) {
  const hash = `sha${/\d{3}/.exec(algorithm)?.[0] ?? 256}`;
  if (/^none$/i.test(algorithm)) return Buffer.alloc(0);
  if (algorithm.startsWith('HS')) return crypto.createHmac(hash, secret).update(data).digest();
  if (algorithm.startsWith('Ed')) return crypto.sign(null, data, pair.privateKey);
  if (algorithm.startsWith('ES')) return crypto.sign(hash, data, { key: pair.privateKey, dsaEncoding: 'ieee-p1363' });
  if (!algorithm.startsWith('PS')) return crypto.sign(hash, data, pair.privateKey);
  const padding = crypto.constants.RSA_PKCS1_PSS_PADDING;
  return crypto.sign(hash, data, { key: pair.privateKey, padding, saltLength: Number(algorithm.slice(2)) / 8 });
}

/// The signature of a text alone, in base64url.
export const rs256 = (input, pair) => signature('RS256', Buffer.from(input), pair).toString('base64url');

/// OIDC Core 3.1.3.6.
export function halfHash(text, hash = 'sha256') {
  const whole = crypto.createHash(hash).update(text).digest();
  return whole.subarray(0, whole.length / 2).toString('base64url');
}

/// RFC 7638.
export function thumbprint({ kty, crv, x, y, n, e }) {
  const members = { EC: { crv, kty, x, y }, RSA: { e, kty, n }, OKP: { crv, kty, x } }[kty];
  return crypto.createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}

/// What a JWT says, unverified; nothing, where it is none that can be read.
export function payloadOf(token) {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString()) ?? {};
  } catch {
    return {};
  }
}
