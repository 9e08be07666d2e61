// Stand-ins for who attaches a provider's own token, as `Authorization: Bearer` or in a header of its own.

import { APPLICATION, MINUTE, StandIn, documentOf, jsonOf } from './stand_ins.mjs';

const TENANT = '6c2d0b3f-8e45-4a71-8b2f-3d4e5f6a7b8c';

/// A provider whose keys its discovery document leads to.
function serve(path) {
  const [, base] = /^https:\/\/[^/]+(.*)$/.exec(this.issuer);
  if (path === `${base}/keys`) return jsonOf(this.jwks());
  if (path !== `${base}/.well-known/openid-configuration`) return undefined;
  return jsonOf(documentOf(this.issuer, `${this.issuer}/keys`, this.alg));
}

const bearer = (settings) =>
  new StandIn({
    type: 'bearer',
    header: 'authorization',
    isBearer: true,
    alg: 'RS256',
    serve,
    keyHost: new URL(settings.issuer).host,
    unsigned: { 'x-forwarded-access-token': 'mallory' },
    ...settings,
  });

/// RFC 9068 by the letter, with an address, which it does not promise.
export const rfc9068 = bearer({
  name: 'rfc9068',
  typ: 'at+jwt',
  issuer: 'https://as.example.com',
  audience: 'https://reports.example.com',
  kids: ['as-2026-1'],
  anew: 'as-2026-2',
  claims(person, now) {
    return {
      iss: this.issuer,
      aud: this.audience,
      sub: person.sub,
      client_id: 'cli',
      iat: now,
      exp: now + 5 * MINUTE,
      jti: 'a1b2c3',
      scope: 'reports',
      email: person.email,
      email_verified: true,
      groups: this.groups,
    };
  },
});

/// Keycloak's access tokens have `typ` JWT in the head, and say `typ` Bearer in the claims.
export const keycloakLike = bearer({
  name: 'keycloak',
  mark: { claim: 'typ', value: 'Bearer' },
  issuer: 'https://sso.example.com/realms/corp',
  audience: 'reports',
  kids: ['FJ86GcF3jTbNLOco4NvZkUCIUmfYCqoqtOQeMfbhNlE'],
  anew: 'anewGcF3jTbNLOco4NvZkUCIUmfYCqoqtOQeMfbhNlE',
  claims(person, now) {
    return {
      exp: now + 5 * MINUTE,
      iat: now,
      jti: 'onrtac:9c8b7a',
      iss: this.issuer,
      aud: [this.audience, 'account'],
      sub: person.sub,
      typ: 'Bearer',
      azp: 'cli',
      sid: '3e2d1c',
      realm_access: { roles: ['offline_access'] },
      scope: 'email profile',
      email_verified: true,
      preferred_username: person.name,
      email: person.email,
      groups: this.groups,
    };
  },
});

/// Entra's access tokens have `scp`, which none of its ID tokens has.
export const entraLike = bearer({
  name: 'entra',
  mark: { claim: 'scp', value: 'reports.read' },
  issuer: `https://login.microsoftonline.com/${TENANT}/v2.0`,
  audience: APPLICATION,
  kids: ['entraZ2Qe7nQ9d1zM5yJ0F8sVxA'],
  anew: 'entraAnew7nQ9d1zM5yJ0F8sVxA',
  keyHost: 'login.microsoftonline.com',
  claims(person, now) {
    return {
      aud: this.audience,
      iss: this.issuer,
      iat: now,
      nbf: now,
      exp: now + 70 * MINUTE,
      azp: '1950a258-227b-4e31-a9cf-717495945fc2',
      azpacr: '0',
      oid: `oid-${person.name}`,
      preferred_username: person.email,
      email: person.email,
      scp: 'reports.read',
      groups: this.groups,
      sub: person.sub,
      tid: TENANT,
      ver: '2.0',
    };
  },
});

/// oauth2-proxy passes the provider's ID token on, which is for its own client id.
export const oauth2Proxy = bearer({
  name: 'oauth2-proxy',
  type: 'oauth2-proxy',
  issuer: 'https://idp.example.com',
  audience: 'oauth2-proxy',
  kids: ['idp-1'],
  anew: 'idp-2',
  unsigned: {
    'x-auth-request-email': 'mallory@example.com',
    'x-auth-request-user': 'mallory',
    'x-auth-request-access-token': 'mallory',
    'x-forwarded-access-token': 'mallory',
    'gap-signature': 'sha256 mallory',
  },
});

/// The raw ID token as mod_auth_openidc passes it: a name with underscores.
export const custom = new StandIn({
  name: 'custom',
  type: 'custom',
  header: 'oidc_id_token',
  alg: 'ES256',
  issuer: 'https://op.example.com/oidc',
  audience: 'apache',
  kids: ['op-1'],
  anew: 'op-2',
  keyHost: 'op.example.com',
  serve,
  unsigned: { oidc_claim_email: 'mallory@example.com', oidc_claim_sub: 'mallory' },
});
