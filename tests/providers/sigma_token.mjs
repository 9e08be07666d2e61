// Sigma's side of a signed URL, without Sigma: the signature, and what it says of the person.

import { createHmac } from 'node:crypto';
import { SIGMA } from './gateway.mjs';

/// The claims of a signed URL, once its HS256 signature holds and it is for now.
export function claimsOf(url) {
  const [head, body, signature] = (new URL(url).searchParams.get(':jwt') ?? '').split('.');
  if (!signature) throw new Error('the URL has no signed token');
  const { alg, kid } = decode(head);
  if (alg !== 'HS256' || kid !== SIGMA.clientId) throw new Error(`the token's head is ${JSON.stringify({ alg, kid })}`);
  const expected = createHmac('sha256', SIGMA.secret).update(`${head}.${body}`).digest('base64url');
  if (signature !== expected) throw new Error('the signature is not that of our secret');
  const claims = decode(body);
  const now = Date.now() / 1000;
  const isForNow = claims.iat <= now + 1 && now < claims.exp;
  if (!isForNow) throw new Error(`the token is for ${claims.iat} to ${claims.exp}, now is ${now}`);
  return claims;
}

function decode(part) {
  return JSON.parse(Buffer.from(part, 'base64url').toString());
}
