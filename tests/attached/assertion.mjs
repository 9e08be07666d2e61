// An assertion before it is text: what a stand-in means to send, and what a lie changes of it.

import { key, kindOf, signature } from '../shared/jws.mjs';

const json = (value) => (typeof value === 'string' ? value : JSON.stringify(value));

/// What `standIn` says of `person` now; everything of it may be changed before `written`.
export function draft(standIn, person = standIn.people.ana, now = Math.floor(Date.now() / 1000)) {
  return {
    now,
    head: standIn.head(now),
    claims: standIn.claims(person, now),
    pair: standIn.pair(),
    isPadded: standIn.isPadded ?? false,
    dsaEncoding: 'ieee-p1363',
  };
}

/// Its text. `algorithm` signs in place of the one that the head names, `secret` is one of HMAC, `signed` replaces the
/// claims' segment after the signature was made, and `text` changes the whole.
export function written(it) {
  const encode = (bytes) => {
    const text = Buffer.from(bytes).toString('base64url');
    return it.isPadded ? text.padEnd(Math.ceil(text.length / 4) * 4, '=') : text;
  };
  const input = `${encode(json(it.head))}.${encode(json(it.claims))}`;
  const algorithm = it.algorithm ?? `${it.head.alg}`;
  const bytes = it.bytes ?? signature(algorithm, Buffer.from(input), it.pair, it.secret, it.dsaEncoding);
  const [head, claims] = input.split('.');
  const token = `${head}.${it.exchanged ? encode(json(it.exchanged)) : claims}.${encode(bytes)}`;
  return it.text ? it.text(token) : token;
}

/// A good one.
export const good = (standIn, person, now) => written(draft(standIn, person, now));

/// A key that no stand-in publishes.
export const stranger = (algorithm) => key(kindOf(algorithm), 'stranger');
