// Signed tokens in their compact form, by Node's own cryptography: no library stands between a case and its bytes.

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

export const KINDS_OF_KEYS = Object.keys(MAKE);

const pairs = new Map();

/// The key pair of this kind and name; the same each time.
export function key(kind = 'rsa', name = 'main') {
  const id = `${kind}/${name}`;
  if (!pairs.has(id)) pairs.set(id, MAKE[kind]());
  return pairs.get(id);
}

/// The kind of key that an algorithm is for.
export const kindOf = (algorithm) => KINDS[algorithm] ?? 'rsa';

export const jwk = (pair, more = {}) => ({ ...pair.publicKey.export({ format: 'jwk' }), ...more });

export const base64url = (value) =>
  Buffer.from(typeof value === 'string' || Buffer.isBuffer(value) ? value : JSON.stringify(value)).toString(
    'base64url',
  );

/// A JWS in its compact form; `claims` are a value or the text of one.
export function sign(header, claims, pair, secret) {
  const input = `${base64url(header)}.${base64url(claims)}`;
  return `${input}.${signature(`${header.alg}`, Buffer.from(input), pair, secret).toString('base64url')}`;
}

/// The signature of these bytes; `dsaEncoding` is `der` for one as X.509 has it.
export function signature(algorithm, data, pair, secret, dsaEncoding = 'ieee-p1363') {
  const hash = `sha${/\d{3}/.exec(algorithm)?.[0] ?? 256}`;
  if (/^none$/i.test(algorithm)) return Buffer.alloc(0);
  if (algorithm.startsWith('HS')) return crypto.createHmac(hash, secret).update(data).digest();
  if (algorithm.startsWith('Ed')) return crypto.sign(null, data, pair.privateKey);
  if (algorithm.startsWith('ES')) return crypto.sign(hash, data, { key: pair.privateKey, dsaEncoding });
  if (!algorithm.startsWith('PS')) return crypto.sign(hash, data, pair.privateKey);
  const padding = crypto.constants.RSA_PKCS1_PSS_PADDING;
  return crypto.sign(hash, data, { key: pair.privateKey, padding, saltLength: Number(algorithm.slice(2)) / 8 });
}
