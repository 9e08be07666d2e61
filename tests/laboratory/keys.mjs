// Keys, and what signs with them: ../shared/jws.mjs.

import crypto from 'node:crypto';
import { key, KINDS_OF_KEYS, signature } from '../shared/jws.mjs';

export { base64url, jwk, key, kindOf, sign } from '../shared/jws.mjs';

/// Making a key takes its time: those that cases ask for while somebody waits are made before.
export function makeKeys() {
  for (const name of ['main', 'old', 'enc', 'app', 'tenant', 'anew', 'round0', 'round1', 'round2']) key('rsa', name);
  for (const kind of KINDS_OF_KEYS) key(kind);
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
