// oidc-provider with three people, for the sites of this suite.

import http from 'node:http';
import Provider from 'oidc-provider';

/// dan may use every application and nothing of Sigma.
const GROUPS = { ana: ['finance'], ben: ['finance'], dan: [] };

export async function startProvider({ port, sites }) {
  const issuer = `http://localhost:${port}`;
  const provider = new Provider(issuer, configuration(sites));
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

function configuration(sites) {
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
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username'], groups: ['groups'] },
    conformIdTokenClaims: false, // else the claims are only at userinfo
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => claimsOf(id) }),
    pkce: { required: () => true },
    cookies: { keys: ['only for this test'] },
    ttl: { Session: 3600, Grant: 3600, Interaction: 600, IdToken: 600, AccessToken: 600 },
  };
}

function claimsOf(id) {
  const email = `${id}@example.com`;
  return { sub: id, email, email_verified: true, name: id, preferred_username: id, groups: GROUPS[id] ?? [] };
}
