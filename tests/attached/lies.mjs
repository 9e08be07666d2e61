// The lies that every stand-in can tell: each with what is changed, and by which reason it must be refused. `tell`
// changes a draft (assertion.mjs); `lines` writes the lines of the request instead, where the lie is about these.

import crypto from 'node:crypto';
import { jwk, kindOf } from '../shared/jws.mjs';
import { stranger } from './assertion.mjs';
import { MINUTE } from './stand_ins.mjs';

const DAY = 24 * 60 * MINUTE;

/// `{ id: [about, reason, tell] }` as a list.
const table = (of) => Object.entries(of).map(([id, [about, reason, tell]]) => ({ id, about, reason, tell }));

/// Where the end of an assertion stands: an ALB says it in the head too.
const timesOf = (it) => [it.claims, ...(it.head.exp === undefined ? [] : [it.head])];

const everywhere = (it, name, value) => {
  for (const part of timesOf(it)) {
    if (value === undefined) delete part[name];
    else part[name] = value;
  }
};

const withKeyInHead = (name, value) => (it, standIn) => {
  it.pair = stranger(standIn.alg);
  it.head[name] = value(it.pair, standIn);
};

const times = table({
  expired: ['it ended two minutes ago', 'time', (it) => everywhere(it, 'exp', it.now - 2 * MINUTE)],
  'exp-missing': ['no end', 'time', (it) => everywhere(it, 'exp')],
  'exp-text': ['the end is a text', 'time', (it) => everywhere(it, 'exp', `${it.now + 60}`)],
  'exp-null': ['the end is null', 'time', (it) => everywhere(it, 'exp', null)],
  'exp-negative': ['the end is before 1970', 'time', (it) => everywhere(it, 'exp', -1)],
  'exp-huge': ['the end is beyond every clock', 'time', (it) => everywhere(it, 'exp', 1e300)],
  'exp-far': ['it holds for a year', 'time', (it) => everywhere(it, 'exp', it.now + 365 * DAY)],
  'iat-future': ['made in an hour', 'time', (it) => Object.assign(it.claims, { iat: it.now + 60 * MINUTE })],
  'iat-text': ['made at a text', 'time', (it) => Object.assign(it.claims, { iat: `${it.now}` })],
  'nbf-future': ['not before three minutes from now', 'time', (it) => Object.assign(it.claims, { nbf: it.now + 180 })],
  'nbf-text': ['not before a text', 'time', (it) => Object.assign(it.claims, { nbf: '99999999999' })],
});

const signatures = table({
  'alg-none': ['no signature, and the head says so', 'alg', (it) => Object.assign(it.head, { alg: 'none' })],
  'alg-None': ['the same in another spelling', 'alg', (it) => Object.assign(it.head, { alg: 'nOnE' })],
  'alg-none-kept': [
    'the head says none, a signature is there',
    'alg',
    (it) => {
      it.algorithm = it.head.alg;
      it.head.alg = 'none';
    },
  ],
  'alg-missing': [
    'no algorithm',
    'malformed',
    (it) => {
      it.algorithm = it.head.alg;
      delete it.head.alg;
    },
  ],
  'alg-hmac-pem': [
    'HMAC with the public key as its secret',
    'alg',
    (it) => {
      it.secret = it.pair.publicKey.export({ format: 'pem', type: 'spki' });
      it.head.alg = 'HS256';
    },
  ],
  'alg-hmac-jwk': [
    'HMAC with the JWK as its secret',
    'alg',
    (it) => {
      it.secret = JSON.stringify(jwk(it.pair));
      it.head.alg = 'HS256';
    },
  ],
  'alg-name': [
    'well signed, by another name',
    'alg',
    (it) => {
      it.algorithm = it.head.alg;
      it.head.alg = it.head.alg === 'ES256' ? 'RS256' : 'ES256';
    },
  ],
  'alg-other': [
    'signed by a key of another kind',
    'alg',
    (it, { alg }) => {
      it.head.alg = alg === 'ES256' ? 'RS256' : 'ES256';
      it.pair = stranger(it.head.alg);
    },
  ],
  'alg-case': [
    'its name in lower case',
    'alg',
    (it) => {
      it.algorithm = it.head.alg;
      it.head.alg = it.head.alg.toLowerCase();
    },
  ],
  'key-other': [
    'signed by a key that nobody publishes, under the name of a good one',
    'signature',
    (it, { alg }) => Object.assign(it, { pair: stranger(alg) }),
  ],
  'signature-empty': ['an empty signature', 'malformed', (it) => Object.assign(it, { bytes: Buffer.alloc(0) })],
  'signature-short': ['half a signature', 'signature', (it) => Object.assign(it, { bytes: crypto.randomBytes(32) })],
  'signature-zero': [
    'a signature of zeros (CVE-2022-21449)',
    'signature',
    (it, { alg }) => Object.assign(it, { bytes: Buffer.alloc(kindOf(alg) === 'rsa' ? 256 : 64) }),
  ],
  'claims-exchanged': [
    'other claims under the signature of the good ones',
    'signature',
    (it, standIn) => Object.assign(it, { exchanged: standIn.claims(standIn.people.bo, it.now) }),
  ],
});

const heads = table({
  'head-jwk': ['brings its own key', 'malformed', withKeyInHead('jwk', (pair) => jwk(pair))],
  'head-jku': ['says where its keys are', 'malformed', withKeyInHead('jku', () => 'https://evil.example/keys')],
  'head-x5u': ['says where its certificate is', 'malformed', withKeyInHead('x5u', () => 'https://evil.example/c')],
  'head-x5c': ['brings its own certificate', 'malformed', withKeyInHead('x5c', () => ['MIIB'])],
  'head-crit': [
    'wants something understood',
    'malformed',
    (it) => Object.assign(it.head, { crit: ['exp'], exp: it.head.exp ?? it.claims.exp }),
  ],
  'head-b64': [
    'claims that are not encoded',
    'malformed',
    (it) => Object.assign(it.head, { b64: false, crit: ['b64'] }),
  ],
  'kid-number': ['the name of its key is a number', 'malformed', (it) => Object.assign(it.head, { kid: 7 })],
  'kid-path': ['the name of its key climbs', 'key', (it) => Object.assign(it.head, { kid: '../../mallory' })],
  'kid-url': [
    'the name of its key is an address',
    'key',
    (it) => Object.assign(it.head, { kid: 'http://127.0.0.1/k' }),
  ],
  'kid-long': ['the name of its key is long', 'key', (it) => Object.assign(it.head, { kid: 'k'.repeat(3000) })],
  'head-array': [
    'the head is an array',
    'malformed',
    (it) => Object.assign(it, { head: '["ES256"]', algorithm: 'none' }),
  ],
  'head-twice': [
    'two algorithms in one head',
    'malformed',
    (it) => Object.assign(it, { algorithm: it.head.alg, head: JSON.stringify(it.head).replace('{', '{"alg":"none",') }),
  ],
  'claims-array': ['the claims are an array', 'malformed', (it) => Object.assign(it, { claims: '[]' })],
  'claims-twice': [
    'two subjects',
    'malformed',
    (it) => Object.assign(it, { claims: JSON.stringify(it.claims).replace('{', '{"sub":"u-mallory",') }),
  ],
  'claims-issuers': [
    'two issuers',
    'malformed',
    (it, { issuer }) => Object.assign(it, { claims: `{"iss":"${issuer}",${JSON.stringify(it.claims).slice(1)}` }),
  ],
  'claims-broken': ['the claims end early', 'malformed', (it) => Object.assign(it, { claims: '{"sub":"u-ana"' })],
  'claims-deep': [
    'claims a thousand arrays deep',
    'malformed',
    (it) => {
      const deep = '['.repeat(1000) + ']'.repeat(1000);
      it.claims = JSON.stringify(it.claims).replace('{', `{"deep":${deep},`);
    },
  ],
});

const texts = table({
  'two-parts': ['no third part', 'malformed', text((token) => token.split('.').slice(0, 2).join('.'))],
  'four-parts': ['a fourth part', 'malformed', text((token) => `${token}.AAAA`)],
  'five-parts': ['five parts: encrypted, it says', 'malformed', text((token) => `${token}.AAAA.AAAA`)],
  'one-part': ['no dot', 'malformed', text(() => 'mallory')],
  'inner-space': ['a space in it', 'malformed', text((token) => `${token.slice(0, 40)} ${token.slice(40)}`)],
  'behind-it': ['something behind it', 'malformed', text((token) => `${token} mallory`)],
  'two-tokens': ['two of them, with a comma', 'malformed', text((token) => `${token},${token}`)],
  'two-tokens-space': ['two of them, with comma and space', 'malformed', text((token) => `${token}, ${token}`)],
  quoted: ['in quotation marks', 'malformed', text((token) => `"${token}"`)],
  scheme: ['with a scheme before it that is not its own', 'malformed', text((token) => `JWT ${token}`)],
  alphabet: ['in the other alphabet', 'malformed', text((token) => `${token.replace(/.{3}$/, '+/+')}`)],
  'json-form': [
    'in the form of JSON',
    'malformed',
    text((token) => {
      const [head, payload, signed] = token.split('.');
      return JSON.stringify({ protected: head, payload, signature: signed });
    }),
  ],
  huge: ['of 40 000 characters', 'malformed', (it) => Object.assign(it.claims, { filler: 'x'.repeat(30_000) })],
});

function text(change) {
  return (it) => Object.assign(it, { text: change });
}

/// For all whose payload names issuer and audience.
const names = table({
  'iss-other': ['another issuer', 'iss', (it) => Object.assign(it.claims, { iss: 'https://evil.example' })],
  'iss-slash': ['the issuer with a slash more', 'iss', (it) => Object.assign(it.claims, { iss: `${it.claims.iss}/` })],
  'iss-case': ['the issuer in capitals', 'iss', (it) => Object.assign(it.claims, { iss: it.claims.iss.toUpperCase() })],
  'iss-array': ['issuers', 'iss', (it) => Object.assign(it.claims, { iss: [it.claims.iss] })],
  'iss-missing': ['no issuer', 'iss', (it) => delete it.claims.iss],
  'aud-other': ['for somebody else', 'aud', (it) => Object.assign(it.claims, { aud: 'somebody-else' })],
  'aud-others': ['for some others', 'aud', (it) => Object.assign(it.claims, { aud: ['somebody-else', 'another'] })],
  'aud-longer': ['for a name that begins like ours', 'aud', (it, { audience }) => (it.claims.aud = `${audience}x`)],
  'aud-joined': ['for us and another, in one text', 'aud', (it, { audience }) => (it.claims.aud = `${audience} other`)],
  'aud-missing': ['for nobody', 'aud', (it) => delete it.claims.aud],
  'aud-empty': ['for an empty list', 'aud', (it) => Object.assign(it.claims, { aud: [] })],
  'aud-object': ['for an object', 'aud', (it, { audience }) => Object.assign(it.claims, { aud: { [audience]: true } })],
});

const persons = table({
  'sub-missing': ['of nobody', 'sub', (it) => delete it.claims.sub],
  'sub-empty': ['of an empty name', 'sub', (it) => Object.assign(it.claims, { sub: '' })],
  'sub-number': ['of a number', 'sub', (it) => Object.assign(it.claims, { sub: 42 })],
  'sub-long': ['of a name of 300 letters', 'sub', (it) => Object.assign(it.claims, { sub: 'x'.repeat(300) })],
});

/// For all with an address in a claim `email`.
const addresses = table({
  'email-missing': ['no address', 'emailMissing', (it) => delete it.claims.email],
  'email-two-at': [
    'an address in front of another domain (CVE-2026-40574)',
    'emailMissing',
    (it) => Object.assign(it.claims, { email: 'ana@evil.example@example.com' }),
  ],
  'email-nul': [
    'an address with a NUL',
    'emailMissing',
    (it) => (it.claims.email = 'ana@example.com\u0000.evil.example'),
  ],
  'email-line': ['an address with a line break', 'emailMissing', (it) => (it.claims.email = 'ana@example.com\n')],
  'email-array': ['two addresses', 'emailMissing', (it) => (it.claims.email = ['ana@example.com', 'm@evil.example'])],
  'email-domain': ['an address of another domain', 'outsider', (it) => (it.claims.email = 'ana@evil.example')],
});

const verified = table({
  'email-unverified': ['the address is not verified', 'emailUnverified', (it) => (it.claims.email_verified = false)],
  'email-verified-missing': ['nobody says that it is', 'emailUnverified', (it) => delete it.claims.email_verified],
  'email-verified-text': [
    'a text says that it is not',
    'emailUnverified',
    (it) => (it.claims.email_verified = 'false'),
  ],
  'email-verified-one': ['a number says that it is', 'emailUnverified', (it) => (it.claims.email_verified = 1)],
});

/// The other claims of the same lie for those that sign with an elliptic curve.
const elliptic = table({
  'signature-der': ['the signature as X.509 has it', 'signature', (it) => Object.assign(it, { dsaEncoding: 'der' })],
});

/// Where padding does not belong.
const padding = table({
  padded: ['with padding', 'malformed', (it) => Object.assign(it, { isPadded: true })],
});

const twice = ({ isBearer }) => (isBearer ? 'twice' : 'malformed');

/// Lies about the lines that bring it: a good assertion, or a bad one, in the wrong way.
const carried = [
  {
    id: 'line-twice',
    about: 'the line twice',
    reason: twice,
    lines: (token, standIn) => [...standIn.lines(token), ...standIn.lines(token)],
  },
  {
    id: 'line-of-two',
    about: 'a good line, and one of somebody else before it',
    reason: twice,
    lines: (token, standIn) => [...standIn.lines('mallory'), ...standIn.lines(token)],
  },
  // Pomerium sends one where it has nothing to say.
  {
    id: 'line-empty',
    about: 'an empty line',
    reason: ({ name }) => (name === 'pomerium' ? 'missing' : 'malformed'),
    lines: (_, standIn) => standIn.lines(''),
  },
  {
    id: 'line-alias',
    about: 'the name with other marks, alone',
    reason: 'malformed',
    lines: (token, standIn) => standIn.lines(token).map(([name, value]) => [alias(name), value]),
    isFor: ({ isBearer }) => !isBearer,
  },
  {
    id: 'line-and-alias',
    about: 'a good line, and the name with other marks',
    reason: 'malformed',
    lines: (token, standIn) => [...standIn.lines(token), [alias(standIn.header), 'mallory']],
    isFor: ({ isBearer }) => !isBearer,
  },
  {
    id: 'line-of-the-hop',
    about: 'a line that `Connection` names, which would end at this hop unread',
    reason: 'malformed',
    lines: (token, standIn) => [['connection', standIn.header], ...standIn.lines(token)],
  },
  {
    id: 'in-query',
    about: 'in the address',
    reason: 'missing',
    lines: () => [],
    path: (token) => `/page?access_token=${token}&jwt=${token}&assertion=${token}`,
  },
  {
    id: 'in-cookie',
    about: 'in a cookie',
    reason: 'missing',
    lines: (token) => [['cookie', `CF_Authorization=${token}; BearerToken=${token}; _oauth2_proxy=${token}`]],
  },
  { id: 'nothing', about: 'nothing at all', reason: 'missing', lines: () => [] },
  {
    id: 'unsigned',
    about: 'only what the vendor sends beside it, unsigned',
    reason: 'missing',
    lines: (_, standIn) => Object.entries(standIn.unsigned ?? {}),
  },
];

const alias = (name) => (name.includes('_') ? name.replaceAll('_', '-') : name.replaceAll('-', '_'));

/// Everything that this stand-in can say that is not so, beside its own.
export function commonLies(standIn) {
  const isElliptic = kindOf(standIn.alg) !== 'rsa';
  const claims = standIn.name === 'alb' ? [] : names;
  return [
    ...times,
    ...signatures,
    ...heads,
    ...texts,
    ...claims,
    ...persons,
    ...(standIn.name === 'iap-external' ? [] : addresses),
    ...(standIn.claims(standIn.people.ana, 0).email_verified === undefined ? [] : verified),
    ...(isElliptic ? elliptic : []),
    ...(standIn.isPadded ? [] : padding),
    ...carried
      .filter(({ isFor = () => true }) => isFor(standIn))
      .map((lie) => ({ ...lie, reason: lie.reason.call ? lie.reason(standIn) : lie.reason })),
  ];
}
