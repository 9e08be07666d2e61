// A small OpenID provider on `jose`: signs in whoever the request names (`&as=`), remembers every secret it saw or
// made, and can be told to fail in one way.

import { randomBytes } from 'node:crypto';
import { SignJWT, UnsecuredJWT, exportJWK, generateKeyPair } from 'jose';
import { json, redirect, serve } from './servers.mjs';

const base64url = (text) => Buffer.from(text).toString('base64url');
const token = (name) => `${name}-${randomBytes(24).toString('base64url')}`;

/// `people` are claims by name; `person` is who comes when the request names nobody. `fault` names what goes wrong at
/// the next requests; see `faulty`.
export async function startProvider({ port, clientId, clientSecret, people }) {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const stranger = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'key-1', use: 'sig', alg: 'RS256' };
  const issuer = `http://127.0.0.1:${port}`;
  const state = {
    issuer,
    clientId,
    clientSecret,
    people,
    privateKey,
    stranger: stranger.privateKey,
    grants: new Map(),
  };
  const provider = { issuer, person: null, fault: null, seen: { requests: [], secrets: [] } };

  const answer = async (request, body) => {
    const url = new URL(request.url, issuer);
    provider.seen.requests.push(`${request.method} ${request.url}\n${request.rawHeaders.join('\n')}\n\n${body}`);
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        return json(metadata(issuer));
      case '/jwks':
        return json({ keys: [jwk] });
      case '/authorize':
        return authorize(state, provider, url.searchParams);
      case '/token':
        return exchange(state, provider, new URLSearchParams(body), request.headers.authorization);
      case '/end':
        return { body: 'signed out' };
      default:
        return { status: 404 };
    }
  };
  const start = async () => Object.assign(provider, { server: await serve(port, answer) });
  await start();
  return Object.assign(provider, { start, stop: () => provider.server.stop() });
}

function metadata(issuer) {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    end_session_endpoint: `${issuer}/end`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic'],
    authorization_response_iss_parameter_supported: true,
  };
}

function authorize({ issuer, grants }, provider, asked) {
  const [state, nonce, challenge] = ['state', 'nonce', 'code_challenge'].map((name) => asked.get(name));
  remember(provider, { state, nonce, challenge });
  const back = new URL(asked.get('redirect_uri'));
  back.searchParams.set('state', state);
  back.searchParams.set('iss', issuer);
  if (provider.fault === 'access_denied') {
    back.searchParams.set('error', 'access_denied');
    back.searchParams.set('error_description', `no ${state} ${nonce}`);
  } else {
    const code = token('code');
    remember(provider, { code });
    grants.set(code, { nonce, person: asked.get('as') ?? provider.person });
    back.searchParams.set('code', code);
  }
  return redirect(back.href);
}

async function exchange(state, provider, form, authorization) {
  const code = form.get('code');
  const { nonce, person } = state.grants.get(code) ?? {};
  const access = token('access');
  const refresh = token('refresh');
  remember(provider, { verifier: form.get('code_verifier'), authorization, access, refresh });
  const echo = `code ${code}, verifier ${form.get('code_verifier')}, ${authorization}, nonce ${nonce}`;
  if (provider.fault === 'error') return json({ error: 'invalid_grant', error_description: echo }, 400);
  if (provider.fault === 'html')
    return { status: 500, headers: { 'content-type': 'text/html' }, body: `<pre>${echo} ${access}</pre>` };
  if (provider.fault === 'garbage')
    return { headers: { 'content-type': 'application/json' }, body: `{"access_token":"${access}", ${echo}` };
  const id = await idToken(state, provider.fault, { nonce, person });
  remember(provider, { id });
  return json({ access_token: access, refresh_token: refresh, token_type: 'Bearer', expires_in: 300, id_token: id });
}

async function idToken({ issuer, clientId, people, privateKey, stranger }, fault, { nonce, person }) {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: fault === 'issuer' ? 'http://127.0.0.1:1' : issuer,
    aud: fault === 'audience' ? 'somebody-else' : clientId,
    sub: `sub-${person}`,
    nonce: fault === 'nonce' ? `wrong${nonce}` : nonce,
    iat: now,
    exp: fault === 'expired' ? now - 3600 : now + 300,
    email_verified: true,
    ...people[person],
  };
  if (fault === 'alg_none') return new UnsecuredJWT(claims).encode();
  if (fault === 'not_json') return `${base64url('{"alg":"RS256"}')}.${base64url(`{"nonce":"${nonce}"`)}.AAAA`;
  const header = { alg: 'RS256', kid: fault === 'unknown_key' ? 'key-2' : 'key-1' };
  return new SignJWT(claims).setProtectedHeader(header).sign(fault === 'signature' ? stranger : privateKey);
}

function remember(provider, secrets) {
  for (const [kind, value] of Object.entries(secrets))
    if (value) provider.seen.secrets.push({ kind: `provider's ${kind}`, value });
}
