// oidc-provider, as the real senders ask it: ID tokens with the claims of the scopes in them, and access tokens by
// RFC 9068 for one resource. Whoever `person` names signs in.

import { generateKeyPairSync } from 'node:crypto';
import http from 'node:http';
import Provider from 'oidc-provider';
import { listen } from '../../shared/servers.mjs';

export const RESOURCE = 'https://reports.example.com';
export const SECRET = 'only-for-tests-of-at-least-32-bytes';
const SCOPES = 'openid email groups';
const SECONDS = 600;

/// `clients` are names with the addresses that they come back to. Gives `{ issuer, person, faults, stop }`.
export async function startProvider({ port, clients }) {
  const issuer = `http://localhost:${port}`;
  const state = { issuer, person: 'ana', faults: [] };
  const provider = new Provider(issuer, settings(clients));
  for (const event of ['server_error', 'authorization.error', 'grant.error'])
    provider.on(event, (_, error) => state.faults.push(`${event}: ${error.error_description ?? error.stack}`));
  const callback = provider.callback();
  const server = http.createServer((request, response) => {
    if (!request.url.startsWith('/interaction/')) return callback(request, response);
    const result = { login: { accountId: state.person } };
    return provider
      .interactionFinished(request, response, result, { mergeWithLastSubmission: false })
      .catch((error) => response.writeHead(500).end(`${error}`));
  });
  const stop = await listen(server, port);
  return Object.assign(state, { stop });
}

function settings(clients) {
  return {
    jwks: { keys: [newKey()] },
    clients: Object.entries(clients).map(([name, back]) => ({
      client_id: name,
      client_secret: SECRET,
      redirect_uris: back,
    })),
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        // Only whoever asks for the resource gets a token for it: Envoy.
        defaultResource: () => undefined,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({ scope: SCOPES, audience: RESOURCE, accessTokenFormat: 'jwt' }),
      },
    },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    loadExistingGrant: grantAll,
    scopes: ['openid', 'email', 'groups'],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], groups: ['groups'] },
    conformIdTokenClaims: false, // else an ID token of the code flow has nothing but `sub`
    extraTokenClaims: (_, { accountId }) => claimsOf(accountId),
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: `u-${id}`, ...claimsOf(id) }) }),
    pkce: { required: () => false },
    cookies: { keys: ['only for this test'] },
    ttl: { Session: SECONDS, Grant: SECONDS, Interaction: SECONDS, IdToken: SECONDS, AccessToken: SECONDS },
  };
}

const claimsOf = (name) => ({ email: `${name}@example.com`, email_verified: true, groups: ['finance'] });

/// No page asks for consent.
async function grantAll({ oidc }) {
  const grant = new oidc.provider.Grant({ accountId: oidc.session.accountId, clientId: oidc.client.clientId });
  grant.addOIDCScope(SCOPES);
  grant.addResourceScope(RESOURCE, SCOPES);
  await grant.save();
  return grant;
}

function newKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: 'op-key', use: 'sig', alg: 'RS256' };
}
