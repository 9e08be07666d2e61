// oidc-provider with the demo's five people: somebody else's reading of OpenID Connect.

import http from 'node:http';
import Provider from 'oidc-provider';
import { places } from './demo.mjs';

const GROUPS = { ana: ['finance'], ben: ['sales'], cara: ['finance', 'sales'], dan: [], eve: ['sigma-internal'] };
const REGIONS = { ana: 'EMEA', ben: 'AMER', cara: 'APAC', dan: 'EMEA', eve: 'APAC' };

/// Starts it on loopback for the demo at `base`; gives its issuer and how to stop it.
export async function startPanva({ port, base }) {
  const issuer = `http://localhost:${port}`;
  const provider = new Provider(issuer, configuration(places(base)));
  const faults = [];
  provider.on('server_error', (_ctx, error) => faults.push(error.stack ?? String(error)));
  const server = http.createServer(provider.callback());
  await new Promise((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done));
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
  return { issuer, faults, stop };
}

function configuration({ link, signed }) {
  const sites = [link, signed];
  return {
    clients: [
      {
        client_id: 'sigma-gateway',
        client_secret: 'demo-secret',
        redirect_uris: sites.map((site) => `${site}/oauth2/callback`),
        post_logout_redirect_uris: sites.map((site) => `${site}/`),
      },
    ],
    scopes: ['openid', 'email', 'profile', 'groups'],
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['name', 'given_name', 'family_name', 'preferred_username', 'region'],
      groups: ['groups'],
    },
    conformIdTokenClaims: false, // else the claims are only at userinfo
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => claimsOf(id) }),
    pkce: { required: () => true },
    cookies: { keys: ['only for this test'] },
    ttl: { Session: 3600, Grant: 3600, Interaction: 600, IdToken: 600, AccessToken: 600 },
  };
}

function claimsOf(id) {
  if (!GROUPS[id]) return { sub: id };
  const name = id[0].toUpperCase() + id.slice(1);
  return {
    sub: id,
    email: `${id}@example.com`,
    email_verified: true,
    name,
    given_name: name,
    preferred_username: id,
    groups: GROUPS[id],
    region: REGIONS[id],
  };
}
