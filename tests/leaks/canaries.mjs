// Values that must not turn up, and how a text is searched for them: whole or in part, and in the forms in which a
// program would write them.

import { randomBytes } from 'node:crypto';

/// Texts are searched for pieces of this many characters: a leak of twice as many in a row holds one of them whole.
const PIECE = 12;

/// A new value that nothing else can hold.
export const secret = () => randomBytes(24).toString('base64url');

export class Canaries {
  #kinds = new Map(); // value → kind

  add(kind, value) {
    if (typeof value !== 'string' || value.length < 2 * PIECE) throw new Error(`${kind} is no canary: ${value}`);
    if (!this.#kinds.has(value)) this.#kinds.set(value, kind);
  }

  has(value) {
    return this.#kinds.has(value);
  }

  get size() {
    return this.#kinds.size;
  }

  /// `[value, kind]` for the kinds that `isWanted` takes.
  list(isWanted = () => true) {
    return [...this.#kinds].filter(([, kind]) => isWanted(kind));
  }
}

/// What of the canaries is in `text`: one sentence for each kind, with where it first is.
export function leaksIn(text, canaries) {
  const pieces = new Map();
  for (const [value, kind] of canaries) for (const form of forms(value)) pieces.set(form.slice(0, PIECE), kind);
  const found = new Map();
  for (let at = 0; at + PIECE <= text.length; at += 1) {
    const kind = pieces.get(text.slice(at, at + PIECE));
    if (kind && !found.has(kind)) found.set(kind, around(text, at));
  }
  return [...found].map(([kind, where]) => `${kind} in …${where}…`);
}

/// The value's pieces, and its beginning in other writings.
export function forms(value) {
  const bytes = Buffer.from(value);
  const pieces = [];
  for (let start = 0; start + PIECE <= value.length; start += PIECE) pieces.push(value.slice(start, start + PIECE));
  const hex = bytes.toString('hex');
  return [
    ...pieces,
    ...pieces.map(encodeURIComponent),
    ...inBase64(bytes),
    hex,
    hex.toUpperCase(),
    [...bytes].join(', '),
    [...bytes].join(','),
  ];
}

/// The value inside of something longer that is in base64 (client_id:client_secret), at each of the three alignments.
function inBase64(bytes) {
  return [0, 1, 2].flatMap((before) => {
    const inner = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .slice(4, 4 + PIECE);
    return [inner, inner.replace(/\+/g, '-').replace(/\//g, '_')];
  });
}

const around = (text, index) => JSON.stringify(text.slice(Math.max(0, index - 200), index + 40));

/// Shapes of secrets whose values nobody planted: for programs that draw their own.
export const SHAPES = {
  'a JWT': /eyJ[\w-]{8,}/,
  'a signed URL': /:jwt=|%3Ajwt=/i,
  'a cookie of ours': /__Host-sg[\w-]*=[\w-]/,
  'a code or a state in a query': /[?&](code|state|nonce|code_challenge|code_verifier)=[\w-]{6,}/,
  'a bearer or basic credential': /\b(Bearer|Basic) [\w+/=-]{12,}/,
};
