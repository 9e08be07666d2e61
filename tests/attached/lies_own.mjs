// The lies that a proxy of one vendor alone can tell.

import { key } from '../shared/jws.mjs';
import { MINUTE } from './stand_ins.mjs';

const table = (of) => Object.entries(of).map(([id, [about, reason, tell]]) => ({ id, about, reason, tell }));
const head = (more) => (it) => Object.assign(it.head, more(it));
const claims = (more) => (it) => Object.assign(it.claims, more(it));
const without = (part, name) => (it) => {
  delete it[part][name];
};

const OTHER_ALB = 'arn:aws:elasticloadbalancing:eu-central-1:666666666666:loadbalancer/app/evil/0123456789abcdef';

const alb = table({
  // ALBeast: a genuine regional key, of the attacker's own load balancer, whose head and claims he writes.
  'signer-other': ['signed by the load balancer of another account', 'signer', head(() => ({ signer: OTHER_ALB }))],
  'signer-missing': ['by nobody', 'signer', without('head', 'signer')],
  'signer-array': ['by ours and another', 'signer', head(({ head: { signer } }) => ({ signer: [signer, OTHER_ALB] }))],
  'signer-longer': [
    'by a name that begins like ours',
    'signer',
    head(({ head: { signer } }) => ({ signer: `${signer}0` })),
  ],
  'signer-claims': [
    'the signer among the claims',
    'signer',
    (it) => {
      it.claims.signer = it.head.signer;
      delete it.head.signer;
    },
  ],
  'client-other': ['for another client', 'aud', head(() => ({ client: 'somebody-else' }))],
  'client-missing': ['for no client', 'aud', without('head', 'client')],
  'client-array': ['for clients', 'aud', head(({ head: { client } }) => ({ client: [client] }))],
  'head-iss-other': ['another issuer in the head', 'iss', head(() => ({ iss: 'https://evil.example' }))],
  'head-iss-missing': ['no issuer in the head', 'iss', without('head', 'iss')],
  'claims-iss-other': ['another issuer among the claims', 'iss', claims(() => ({ iss: 'https://evil.example' }))],
  'head-exp-past': ['the head says that it ended', 'time', head(({ now }) => ({ exp: now - 2 * MINUTE }))],
  'head-exp-missing': ['the head says no end', 'time', without('head', 'exp')],
  'claims-exp-past': ['the claims say that it ended', 'time', claims(({ now }) => ({ exp: now - 2 * MINUTE }))],
  'kid-no-uuid': ['the name of its key is no UUID', 'key', head(() => ({ kid: 'mallory' }))],
  'kid-uuid-path': ['a path behind the UUID', 'key', head(({ head: { kid } }) => ({ kid: `${kid}/../${kid}` }))],
  'kid-query': ['a query behind the UUID', 'key', head(({ head: { kid } }) => ({ kid: `${kid}?x` }))],
  'kid-missing': ['its key has no name', 'key', without('head', 'kid')],
  'email-verified-capital': ['a flag in capitals', 'emailUnverified', claims(() => ({ email_verified: 'TRUE' }))],
});

/// Google's own tests of an application, by their names (`gcip-iap-mode=SECURE_TOKEN_TEST`).
const secureTokenTests = [
  { id: 'NOT_SET', about: "Google's test: no assertion", reason: 'missing', lines: () => [] },
  ...table({
    FUTURE_ISSUE: ["Google's test: made in the future", 'time', claims(({ now }) => ({ iat: now + 10 * MINUTE }))],
    PAST_EXPIRATION: ["Google's test: it has ended", 'time', claims(({ now }) => ({ exp: now - 10 * MINUTE }))],
    ISSUER: ["Google's test: another issuer", 'iss', claims(() => ({ iss: 'https://invalid.example' }))],
    AUDIENCE: ["Google's test: for another service", 'aud', claims(() => ({ aud: '/projects/1/apps/invalid' }))],
    SIGNATURE: ["Google's test: a key of nobody", 'signature', (it) => (it.pair = key('p256', 'stranger'))],
  }),
];

const iap = [
  ...secureTokenTests,
  ...table({
    'aud-service': [
      'for another service of the project',
      'aud',
      claims(({ claims: { aud } }) => ({ aud: `${aud.slice(0, -1)}9` })),
    ],
    'long-life': ['it holds for half an hour', 'time', claims(({ now }) => ({ exp: now + 30 * MINUTE }))],
    'iat-missing': ['nobody knows when it was made', 'time', without('claims', 'iat')],
    // google-auth-library waits for five minutes.
    'just-expired': ['it ended two hundred seconds ago', 'time', claims(({ now }) => ({ exp: now - 200 }))],
    'alg-name-der': [
      'another algorithm by name, the signature as X.509 has it',
      'alg',
      (it) => {
        Object.assign(it, { algorithm: 'ES256', dsaEncoding: 'der' });
        it.head.alg = 'RS256';
      },
    ],
    'sub-plain': ['of a name without the prefix of Google', 'sub', claims(() => ({ sub: '1111' }))],
    'sub-external': [
      'of somebody of Identity Platform',
      'sub',
      claims(() => ({ sub: 'securetoken.google.com/p:1111' })),
    ],
    'kid-missing': ['its key has no name', 'key', without('head', 'kid')],
  }),
];

const gcip = (more) => (it) => Object.assign(it.claims.gcip, more(it));
const external = [
  ...secureTokenTests,
  ...table({
    'tenant-other': [
      'of another tenant',
      'aud',
      gcip(({ claims }) => ({ firebase: { ...claims.gcip.firebase, tenant: 'evil-tenant' } })),
    ],
    'tenant-missing': ['of no tenant', 'aud', gcip(() => ({ firebase: { sign_in_provider: 'password' } }))],
    'gcip-missing': ['without what Identity Platform says', 'sub', without('claims', 'gcip')],
    'gcip-unverified': ['the address is not verified', 'emailUnverified', gcip(() => ({ email_verified: false }))],
    'gcip-email-missing': ['no address', 'emailMissing', (it) => delete it.claims.gcip.email],
    'sub-google': ['of a Google account', 'sub', claims(() => ({ sub: 'accounts.google.com:1111' }))],
    'long-life': ['it holds for half an hour', 'time', claims(({ now }) => ({ exp: now + 30 * MINUTE }))],
  }),
];

const cloudflare = table({
  'type-org': ['the session of the team, not of the application', 'type', claims(() => ({ type: 'org' }))],
  'type-missing': ['of no type', 'type', without('claims', 'type')],
  'aud-application': ['for another application of the team', 'aud', claims(() => ({ aud: ['ffff'.repeat(16)] }))],
  'iss-team': ['of another team', 'iss', claims(() => ({ iss: 'https://evil.cloudflareaccess.com' }))],
  'service-token': [
    'of a service token',
    'sub',
    (it) => {
      delete it.claims.email;
      Object.assign(it.claims, { sub: '', common_name: 'e1f2.access' });
    },
  ],
  'too-old': [
    'made two hours ago, where the operator takes one',
    'time',
    claims(({ now }) => ({ iat: now - 120 * MINUTE, nbf: now - 120 * MINUTE })),
  ],
  'iat-missing': ['nobody knows when it was made', 'time', without('claims', 'iat')],
});

const azure = table({
  'tid-other': ['of another tenant', 'iss', claims(() => ({ tid: '00000000-0000-4000-8000-000000000000' }))],
  'iss-tenant': [
    'issued for another tenant',
    'iss',
    claims(() => ({ iss: 'https://login.microsoftonline.com/00000000-0000-4000-8000-000000000000/v2.0' })),
  ],
  'iss-v1': [
    'the issuer of version 1',
    'iss',
    claims(({ claims: { tid } }) => ({ iss: `https://sts.windows.net/${tid}/` })),
  ],
  'iss-common': [
    'the issuer of everybody',
    'iss',
    claims(() => ({ iss: 'https://login.microsoftonline.com/common/v2.0' })),
  ],
  'access-token': ['an access token', 'type', head(() => ({ typ: 'at+jwt' }))],
});

const pomerium = [
  ...table({
    'iss-uri': ['the issuer in its other form', 'iss', claims(({ claims: { iss } }) => ({ iss: `https://${iss}/` }))],
    'aud-route': ['for another route', 'aud', claims(() => ({ aud: 'payroll.example.com' }))],
    'long-life': ['it holds for an hour', 'time', claims(({ now }) => ({ exp: now + 60 * MINUTE }))],
  }),
  {
    id: 'query-jwt',
    about: "in the address, as Pomerium's SDK reads it",
    reason: 'missing',
    lines: () => [],
    path: (token) => `/page?jwt=${token}`,
  },
];

/// What is an access token's for a person, and what is not.
const accessTokens = table({
  'sub-client': [
    'of a client, not of a person',
    'sub',
    claims(({ claims }) => ({ client_id: claims.sub, azp: claims.sub })),
  ],
});

const rfc9068 = [
  ...accessTokens,
  ...table({
    'id-token': ['an ID token of the same provider', 'type', head(() => ({ typ: 'JWT' }))],
    'typ-missing': ['of no type', 'type', without('head', 'typ')],
    'typ-array': ['of types', 'malformed', head(() => ({ typ: ['at+jwt'] }))],
    'logout-token': ['a logout token', 'type', head(() => ({ typ: 'logout+jwt' }))],
  }),
];

const keycloak = [
  ...accessTokens.slice(0, 0),
  ...table({
    'id-token': ['an ID token of the same realm', 'type', claims(({ claims }) => ({ typ: 'ID', aud: claims.azp }))],
    'id-token-ours': ['an ID token that is for us as well', 'type', claims(() => ({ typ: 'ID' }))],
    'service-account': [
      'of a service account, which is no person',
      'sub',
      claims(() => ({ preferred_username: 'service-account-robot', client_id: 'robot', clientHost: '10.0.0.9' })),
    ],
    'refresh-token': ['a refresh token', 'type', claims(() => ({ typ: 'Refresh' }))],
    'offline-token': ['an offline token', 'type', claims(() => ({ typ: 'Offline' }))],
    'mark-missing': ['without the mark', 'type', without('claims', 'typ')],
    'mark-array': ['with marks', 'type', claims(() => ({ typ: ['Bearer'] }))],
    'mark-case': ['with the mark in lower case', 'type', claims(() => ({ typ: 'bearer' }))],
    'aud-account': ["for Keycloak's own client alone", 'aud', claims(() => ({ aud: 'account' }))],
    'mark-head': [
      'with the mark in the head',
      'type',
      (it) => {
        it.head.typ = 'Bearer';
        delete it.claims.typ;
      },
    ],
  }),
];

const entra = table({
  'id-token': ['an ID token of the same tenant', 'type', without('claims', 'scp')],
  'scp-other': ['with another scope', 'type', claims(() => ({ scp: 'User.Read' }))],
  'aud-graph': ['for Microsoft Graph', 'aud', claims(() => ({ aud: '00000003-0000-0000-c000-000000000000' }))],
});

const idTokens = table({
  'access-token': ['an access token of the same provider', 'type', head(() => ({ typ: 'at+jwt' }))],
  'access-token-long': ['the same by its long name', 'type', head(() => ({ typ: 'application/at+jwt' }))],
  'logout-token': ['a logout token', 'type', head(() => ({ typ: 'logout+jwt' }))],
  'azp-other': [
    'for us and another, issued to the other',
    'aud',
    claims(({ claims: { aud } }) => ({ aud: [aud, 'other'], azp: 'other' })),
  ],
  stale: [
    'it ended an hour ago, and is passed on all the same',
    'time',
    claims(({ now }) => ({ exp: now - 60 * MINUTE })),
  ],
});

/// Of an address line: another scheme is the application's, not an assertion.
const schemes = [
  {
    id: 'scheme-basic',
    about: 'a name and a password',
    reason: 'missing',
    lines: () => [['authorization', `Basic ${Buffer.from('mallory:x').toString('base64')}`]],
  },
  { id: 'scheme-alone', about: 'the scheme alone', reason: 'malformed', lines: () => [['authorization', 'Bearer']] },
  // What an application could still take for a bearer is not passed to it unread.
  ...Object.entries({
    'scheme-tab': (token) => `Bearer\t${token}`,
    'scheme-comma': (token) => `Bearer, ${token}`,
    'scheme-colon': (token) => `Bearer: ${token}`,
    'scheme-second': (token) => `Basic bWFsbG9yeTp4, Bearer ${token}`,
  }).map(([id, write]) => ({
    id,
    about: 'behind the scheme as no standard has it',
    reason: 'malformed',
    lines: (token) => [['authorization', write(token)]],
  })),
  {
    id: 'two-schemes',
    about: 'two schemes, in two lines',
    reason: 'twice',
    lines: (token) => [
      ['authorization', 'Basic bWFsbG9yeTp4'],
      ['authorization', `Bearer ${token}`],
    ],
  },
];

const OWN = {
  alb,
  iap,
  'iap-external': external,
  cloudflare,
  azure,
  pomerium,
  rfc9068: [...rfc9068, ...schemes],
  keycloak: [...keycloak, ...schemes],
  entra: [...entra, ...schemes],
  'oauth2-proxy': [...idTokens, ...schemes],
  custom: idTokens.filter(({ id }) => id !== 'azp-other'), // it may be of another kind, which knows no `azp`
};

export const ownLies = ({ name }) => OWN[name];
