// Odder lies, of every stand-in: values of other types where a text or a date is meant, tokens within tokens, and lines
// that say something between the lines.

const table = (of) => Object.entries(of).map(([id, [about, reason, tell]]) => ({ id, about, reason, tell }));
const claims = (more) => (it, standIn) => Object.assign(it.claims, more(it, standIn));
const head = (more) => (it, standIn) => Object.assign(it.head, more(it, standIn));
const everywhere = (it, name, value) => {
  it.claims[name] = value;
  if (it.head[name] !== undefined) it.head[name] = value;
};
const text = (change) => (it) => Object.assign(it, { text: change });

const times = table({
  'exp-true': ['the end is true', 'time', (it) => everywhere(it, 'exp', true)],
  'exp-list': ['the end is in a list', 'time', (it) => everywhere(it, 'exp', [it.now + 60])],
  'exp-zero': ['the end is 1970', 'time', (it) => everywhere(it, 'exp', 0)],
  'exp-milliseconds': ['the end is in milliseconds', 'time', (it) => everywhere(it, 'exp', (it.now + 60) * 1000)],
  'iat-list': ['made at a list', 'time', claims(({ now }) => ({ iat: [now] }))],
  'iat-object': ['made at an object', 'time', claims(() => ({ iat: {} }))],
  'nbf-true': ['not before true', 'time', claims(() => ({ nbf: true }))],
  'nbf-negative': ['not before a date that is none', 'time', claims(() => ({ nbf: -5 }))],
});

const heads = table({
  'alg-list': ['algorithms', 'alg', head(({ head: { alg } }) => ({ alg: [alg] }))],
  'alg-null': ['the algorithm is null', 'malformed', head(() => ({ alg: null }))],
  'typ-number': ['its type is a number', 'malformed', head(() => ({ typ: 7 }))],
  'typ-secevent': ['a security event', 'type', head(() => ({ typ: 'secevent+jwt' }))],
  'typ-dpop': ['a proof of possession', 'type', head(() => ({ typ: 'dpop+jwt' }))],
  'kid-list': ['names of its key', 'malformed', head(({ head: { kid } }) => ({ kid: [kid] }))],
  'kid-object': ['the name of its key is an object', 'malformed', head(() => ({ kid: {} }))],
  'kid-blank': ['a blank behind the name of its key', 'key', head(({ head: { kid } }) => ({ kid: `${kid} ` }))],
  'kid-nul': ['a NUL behind the name of its key', 'key', head(({ head: { kid } }) => ({ kid: `${kid}\0` }))],
  'head-zip': ['compressed, it says', 'malformed', head(() => ({ zip: 'DEF' }))],
  'head-cty': ['a token in a token, it says', 'malformed', head(() => ({ cty: 'JWT' }))],
  'head-crit-empty': ['nothing is critical, it says', 'malformed', head(() => ({ crit: [] }))],
  'head-crit-null': ['critical is null', 'malformed', head(() => ({ crit: null }))],
});

const bodies = table({
  nested: [
    'a good token as the claims',
    'malformed',
    (it) => Object.assign(it, { claims: '"eyJhbGciOiJub25lIn0.e30."' }),
  ],
  'claims-null': ['the claims are null', 'malformed', (it) => Object.assign(it, { claims: 'null' })],
  'claims-bom': [
    'a mark before the claims',
    'malformed',
    (it) => Object.assign(it, { claims: `\ufeff${JSON.stringify(it.claims)}` }),
  ],
  'claims-tail': [
    'claims behind the claims',
    'malformed',
    (it) => Object.assign(it, { claims: `${JSON.stringify(it.claims)}{"sub":"u-mallory"}` }),
  ],
  'claims-twice-escaped': [
    'the subject again, in escapes',
    'malformed',
    (it) => Object.assign(it, { claims: `${JSON.stringify(it.claims).slice(0, -1)},"\\u0073ub":"u-mallory"}` }),
  ],
  'signature-behind': [
    'three bytes behind the signature',
    'signature',
    text((token) => token.replace(/(=*)$/, 'AAAA$1')),
  ],
  dots: ['dots behind it', 'malformed', text((token) => `${token}.`)],
  tilde: ['with disclosures, as SD-JWT has them', 'malformed', text((token) => `${token}~`)],
  percent: ['percent-encoded', 'malformed', text((token) => token.replaceAll('.', '%2E'))],
});

const people = table({
  'sub-blank': ['of a blank', 'sub', claims(() => ({ sub: ' ' }))],
  'sub-unseen': ['of what nobody sees', 'sub', claims(() => ({ sub: '\u200b\u00ad' }))],
  'sub-line': ['of a line break', 'sub', (it) => Object.assign(it.claims, { sub: `${it.claims.sub}\n` })],
  'sub-list': ['of some', 'sub', (it) => Object.assign(it.claims, { sub: [it.claims.sub] })],
  'sub-null': ['of null', 'sub', claims(() => ({ sub: null }))],
});

const lines = [
  {
    id: 'line-and-empty',
    about: 'a good line, and an empty one',
    reason: 'twice',
    lines: (token, standIn) => [...standIn.lines(token), [standIn.header, '']],
  },
  {
    id: 'line-empty-and-good',
    about: 'an empty line, and a good one',
    reason: 'twice',
    lines: (token, standIn) => [[standIn.header, ''], ...standIn.lines(token)],
  },
  {
    id: 'line-latin1',
    about: 'a byte beyond ASCII behind it',
    reason: 'malformed',
    lines: (token, standIn) => standIn.lines(`${token}\u00e9`),
  },
  {
    id: 'line-tab',
    about: 'a tab in it',
    reason: 'malformed',
    lines: (token, standIn) => standIn.lines(`${token.slice(0, 30)}\t${token.slice(30)}`),
  },
  {
    id: 'line-semicolon',
    about: 'parameters behind it',
    reason: 'malformed',
    lines: (token, standIn) => standIn.lines(`${token}; charset=utf-8`),
  },
];

/// Admission takes one line of credentials alone.
const twice = ({ isBearer }) => (isBearer ? 'twice' : 'malformed');
const reasonOf = (lie, standIn) => (lie.reason === 'twice' ? twice(standIn) : lie.reason);

export const oddLies = (standIn) =>
  [...times, ...heads, ...bodies, ...people, ...lines].map((lie) => ({ ...lie, reason: reasonOf(lie, standIn) }));
