// oidc-provider on loopback, as a suite's own packages have it: somebody else's reading of OpenID Connect. Whoever
// gives a name at its development form is that person.

import http from 'node:http';
import { listen } from './servers.mjs';

export const CLIENT = { id: 'sigma-gateway', secret: 'only-for-tests-of-at-least-32-bytes' };
export const SCOPES = ['openid', 'email', 'profile', 'groups'];

/// `Provider` is the class of the package. `sites` are the origins that people sign in to; `claimsOf(id)` is what is
/// known of a person, `profile` names claims beyond the usual. Gives `{issuer, faults, stop}`.
export async function startPanva(
  Provider,
  { port, sites, claimsOf, profile, clientSecret, isPkceRequired = true, ttlSeconds = 3600 },
) {
  const issuer = `http://localhost:${port}`;
  const provider = new Provider(issuer, {
    clients: [clientOf(sites, clientSecret)],
    scopes: SCOPES,
    claims: claimsBehind(profile),
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id, ...claimsOf(id) }) }),
    pkce: { required: () => isPkceRequired },
    cookies: { keys: ['only for this test'] },
    ttl: { Session: ttlSeconds, Grant: ttlSeconds, Interaction: 600, IdToken: ttlSeconds, AccessToken: ttlSeconds },
  });
  const faults = [];
  provider.on('server_error', (_ctx, error) => faults.push(error.stack ?? String(error)));
  return { issuer, faults, stop: await listen(http.createServer(provider.callback()), port) };
}

export function clientOf(sites, secret = CLIENT.secret) {
  return {
    client_id: CLIENT.id,
    client_secret: secret,
    redirect_uris: sites.map((site) => `${site}/oauth2/callback`),
    post_logout_redirect_uris: sites.map((site) => `${site}/`),
  };
}

/// Which scope shows which claims.
export function claimsBehind(profile = [], groups = []) {
  return {
    openid: ['sub'],
    email: ['email', 'email_verified'],
    profile: ['name', ...profile],
    groups: ['groups', ...groups],
  };
}
