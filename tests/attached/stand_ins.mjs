// A stand-in for each proxy that attaches a signed identity: what its assertions are, where its keys are, and what the
// operator writes about it. Hosts and forms are the real ones; the certificates of these hosts are a CA's of the suite.

import { jwk, key, kindOf } from '../shared/jws.mjs';

const AUD_TAG = '0fb6e2a1c4d8937b5ac1f0e29d6487b3c5a1e0f29d8b7c6a5f4e3d2c1b0a9f8e';
const TENANT = '5b1c9a2e-7d34-4f60-9a1e-2c3d4e5f6a7b';
const APPLICATION = '9e8d7c6b-5a49-4837-a625-1403f2e1d0c9';
const SIGNER = 'arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/front/50dc6c495c0c9188';
const COGNITO = 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Aa1Bb2Cc3';
const MINUTE = 60;

const people = (more = {}) =>
  Object.fromEntries(
    ['ana', 'bo'].map((name) => [name, { name, sub: `u-${name}`, email: `${name}@example.com`, ...more[name] }]),
  );

/// What every stand-in has. `kids` are the names of its keys, the first signs.
class StandIn {
  constructor(settings) {
    Object.assign(this, { people: people(), groups: ['finance'], typ: 'JWT', ...settings });
    this.first = this.kids[0];
  }

  /// The key that signs.
  pair() {
    return this.pairOf(this.kids[0]);
  }

  pairOf(kid) {
    return key(kindOf(this.alg), `${this.name}/${kid}`);
  }

  head() {
    return { alg: this.alg, kid: this.kids[0], typ: this.typ };
  }

  claims(person, now) {
    return {
      iss: this.issuer,
      aud: this.audience,
      sub: person.sub,
      email: person.email,
      email_verified: true,
      groups: this.groups,
      iat: now,
      exp: now + 5 * MINUTE,
    };
  }

  /// The lines of a request that bring this token.
  lines(token) {
    return [[this.header, this.isBearer ? `Bearer ${token}` : token]];
  }

  jwks() {
    return { keys: this.kids.map((kid) => jwk(this.pairOf(kid), { kid, use: 'sig', alg: this.alg })) };
  }

  pem(kid) {
    return this.pairOf(kid).publicKey.export({ format: 'pem', type: 'spki' });
  }

  /// A new key signs; the old one is gone, unless it is kept.
  rotate(kid, { keepsOld = false } = {}) {
    this.kids = keepsOld ? [kid, ...this.kids] : [kid];
  }
}

/// Signed claims in a padded JWS, with the trust data in its head; keys one by one, as PEM.
const alb = new StandIn({
  name: 'alb',
  type: 'aws-alb',
  header: 'x-amzn-oidc-data',
  alg: 'ES256',
  isPadded: true,
  signer: SIGNER,
  client: '7uk3vstdd9fe2o5nc8jq1m4h6t',
  issuer: COGNITO,
  kids: ['8cc8f2a1-5c2b-4a7e-9d3f-1e2d3c4b5a69'],
  anew: '0d9c8b7a-6f5e-4d3c-8b2a-190817263544',
  keyHost: 'public-keys.auth.elb.eu-central-1.amazonaws.com',
  serve(path) {
    const kid = path.slice(1);
    return this.kids.includes(kid) ? { type: 'application/octet-stream', body: this.pem(kid) } : undefined;
  },
  head(now) {
    const { alg, kids, issuer, client, signer } = this;
    return { typ: 'JWT', kid: kids[0], alg, iss: issuer, client, signer, exp: now + 2 * MINUTE };
  },
  claims(person, now) {
    const { sub, email, name } = person;
    const exp = now + 2 * MINUTE;
    return { sub, email_verified: 'true', email, username: name, groups: this.groups, exp, iss: this.issuer };
  },
  unsigned: { 'x-amzn-oidc-identity': 'u-mallory', 'x-amzn-oidc-accesstoken': 'mallory' },
});

const google = {
  type: 'google-iap',
  header: 'x-goog-iap-jwt-assertion',
  alg: 'ES256',
  issuer: 'https://cloud.google.com/iap',
  audience: '/projects/123456789012/global/backendServices/4242424242424242424',
  kids: ['0oeLcQ'],
  anew: 'rTlk-Q',
  keyHost: 'www.gstatic.com',
  unsigned: {
    'x-goog-authenticated-user-email': 'accounts.google.com:mallory@example.com',
    'x-goog-authenticated-user-id': 'accounts.google.com:666',
  },
};

const iap = new StandIn({
  ...google,
  name: 'iap',
  people: people({ ana: { sub: 'accounts.google.com:1111' }, bo: { sub: 'accounts.google.com:2222' } }),
  groups: [],
  hd: 'example.com',
  serve: (path) => (path === '/iap/verify/public_key-jwk' ? jsonOf({ keys: googleKeys() }) : undefined),
  claims(person, now) {
    const { issuer, audience, hd } = this;
    const times = { iat: now, exp: now + 10 * MINUTE };
    return {
      iss: issuer,
      aud: audience,
      sub: person.sub,
      email: person.email,
      hd,
      ...times,
      google: { access_levels: [] },
    };
  },
});

/// Identity Platform: who somebody is stands in `gcip`; the claims around it have prefixes.
const iapExternal = new StandIn({
  ...google,
  name: 'iap-external',
  tenant: 'partners-x7k2p',
  project: 'acme-prod',
  groups: [],
  serve: () => undefined, // the one above has the keys of both
  kids: ['9gTcQw'],
  anew: 'b-0pZA',
  audience: '/projects/123456789012/locations/europe-west1/services/reports',
  people: people({ ana: { uid: 'Xana01' }, bo: { uid: 'Xbo002' } }),
  claims(person, now) {
    const { issuer, audience, tenant, project } = this;
    const prefix = `securetoken.google.com/${project}/${tenant}`;
    return {
      iss: issuer,
      aud: audience,
      sub: `${prefix}:${person.uid}`,
      email: `${prefix}:${person.email}`,
      iat: now,
      exp: now + 10 * MINUTE,
      gcip: {
        sub: person.uid,
        email: person.email,
        email_verified: true,
        firebase: { tenant, sign_in_provider: 'password' },
      },
    };
  },
});

/// Both IAP stand-ins have their keys at one address.
const googleKeys = () => [...iap.jwks().keys, ...iapExternal.jwks().keys];

const cloudflare = new StandIn({
  name: 'cloudflare',
  type: 'cloudflare-access',
  header: 'cf-access-jwt-assertion',
  alg: 'RS256',
  issuer: 'https://acme.cloudflareaccess.com',
  audience: AUD_TAG,
  groups: [],
  kids: ['1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809'],
  anew: 'ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100',
  keyHost: 'acme.cloudflareaccess.com',
  people: people({
    ana: { sub: '7335d417-61da-459d-899c-0a01c76a2f94' },
    bo: { sub: '1b2a3c4d-5e6f-4a8b-9c0d-1e2f3a4b5c6d' },
  }),
  serve(path) {
    const publicCerts = this.kids.map((kid) => ({ kid, cert: this.pem(kid) }));
    const certs = { ...this.jwks(), public_cert: publicCerts[0], public_certs: publicCerts };
    return path === '/cdn-cgi/access/certs' ? jsonOf(certs) : undefined;
  },
  claims(person, now) {
    const times = { iat: now, nbf: now, exp: now + 24 * 60 * MINUTE };
    return {
      aud: [this.audience],
      email: person.email,
      ...times,
      iss: this.issuer,
      type: 'app',
      identity_nonce: 'qc3mpCoe5yMcYUmp',
      sub: person.sub,
      country: 'NL',
    };
  },
  unsigned: { 'cf-access-authenticated-user-email': 'mallory@example.com' },
});

const azure = new StandIn({
  name: 'azure',
  type: 'azure-easy-auth',
  header: 'x-ms-token-aad-id-token',
  alg: 'RS256',
  tenant: TENANT,
  issuer: `https://login.microsoftonline.com/${TENANT}/v2.0`,
  audience: APPLICATION,
  kids: ['kWbkaZ2Qe7nQ9d1zM5yJ0F8sVxA'],
  anew: 'newZ2Qe7nQ9d1zM5yJ0F8sVxAaB',
  keyHost: 'login.microsoftonline.com',
  people: people({
    ana: { oid: 'aaaaaaaa-0000-4000-8000-000000000001' },
    bo: { oid: 'bbbbbbbb-0000-4000-8000-000000000002' },
  }),
  serve(path) {
    const keys = `/${TENANT}/discovery/v2.0/keys`;
    if (path === keys) return jsonOf(this.jwks());
    if (path !== `/${TENANT}/v2.0/.well-known/openid-configuration`) return undefined;
    return jsonOf(documentOf(this.issuer, `https://${this.keyHost}${keys}`, this.alg));
  },
  claims(person, now) {
    return {
      aud: this.audience,
      iss: this.issuer,
      iat: now,
      nbf: now,
      exp: now + 70 * MINUTE,
      name: person.name,
      oid: person.oid,
      preferred_username: person.email,
      email: person.email,
      groups: this.groups,
      sub: person.sub,
      tid: TENANT,
      ver: '2.0',
    };
  },
  unsigned: {
    'x-ms-client-principal': Buffer.from('{"claims":[{"typ":"name","val":"mallory"}]}').toString('base64'),
    'x-ms-client-principal-id': 'mallory',
    'x-ms-client-principal-name': 'mallory@example.com',
    'x-ms-client-principal-idp': 'aad',
  },
});

const pomerium = new StandIn({
  name: 'pomerium',
  type: 'pomerium',
  header: 'x-pomerium-jwt-assertion',
  alg: 'ES256',
  issuer: 'reports.example.com',
  audience: 'reports.example.com',
  kids: ['5b419ade1895fec2d2def6cd33b1b9a018df60db231dc5ecb85cbed6d942813c'],
  anew: '0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9',
  keyHost: 'reports.example.com',
  serve(path) {
    return path === '/.well-known/pomerium/jwks.json' ? jsonOf(this.jwks()) : undefined;
  },
  claims(person, now) {
    return {
      iss: this.issuer,
      aud: this.audience,
      jti: '4f2d6a8c-1111-4222-8333-444455556666',
      iat: now,
      exp: now + 5 * MINUTE,
      user: person.sub,
      sub: person.sub,
      email: person.email,
      name: person.name,
      sid: 'session-of-pomerium',
      groups: this.groups,
    };
  },
  unsigned: { 'x-pomerium-jwt-assertion-for': 'mallory', 'x-pomerium-claim-email': 'mallory@example.com' },
});

const jsonOf = (value) => ({ type: 'application/json', body: JSON.stringify(value) });

const documentOf = (issuer, keys, alg) => ({
  issuer,
  jwks_uri: keys,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: [alg],
});

export { StandIn, alb, azure, cloudflare, documentOf, iap, iapExternal, jsonOf, people, pomerium };
export { APPLICATION, MINUTE };
