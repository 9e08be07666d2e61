// The child process of panva.mjs: oidc-provider with a login form of its own, whose passwords count.

import http from 'node:http';
import Provider from 'oidc-provider';
import { Memory } from './panva_memory.mjs';
import { SCOPES, claimsBehind, clientOf } from '../shared/panva.mjs';
import { CLIENT, PASSWORD, PEOPLE, emailOf } from './people.mjs';

const { PORT, SITE, KEY } = process.env;
let provider = create(JSON.parse(KEY));

// A new instance with another key goes on with the sessions and codes of the one before.
process.on('message', ({ key }) => (provider = create(key)));
process.on('disconnect', () => process.exit());

http
  .createServer((request, response) => {
    const isOurs = request.url.startsWith('/interaction/');
    const answer = isOurs ? interaction(request, response) : provider.callback()(request, response);
    Promise.resolve(answer).catch((error) => {
      console.error(error);
      response.writeHead(500).end(String(error));
    });
  })
  .listen(Number(PORT), '127.0.0.1');

function create(key) {
  const created = new Provider(`http://localhost:${PORT}`, configuration(key));
  created.on('server_error', (_ctx, error) => console.error(error));
  created.on('authorization.error', (_ctx, error) => console.error(error.message));
  created.on('grant.error', (_ctx, error) => console.error(error.message));
  return created;
}

function configuration(key) {
  return {
    adapter: Memory,
    jwks: { keys: [key] },
    clients: [clientOf([SITE], CLIENT.secret)],
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    loadExistingGrant: grantAll,
    scopes: SCOPES,
    claims: claimsBehind([], ['realm_access']),
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => claimsOf(id) }),
    pkce: { required: () => true },
    cookies: { keys: ['only for this test'] },
    ttl: { Session: 3600, Grant: 3600, Interaction: 600, IdToken: 300, AccessToken: 300 },
  };
}

/// No page asks for consent.
async function grantAll({ oidc }) {
  const grant = new oidc.provider.Grant({ accountId: oidc.session.accountId, clientId: oidc.client.clientId });
  grant.addOIDCScope('openid email profile groups');
  await grant.save();
  return grant;
}

function claimsOf(id) {
  const { groups, roles, emailVerified } = PEOPLE[id];
  return { sub: id, email: emailOf(id), email_verified: emailVerified, name: id, groups, realm_access: { roles } };
}

async function interaction(request, response) {
  if (request.method === 'GET') return loginForm(response, '');
  const fields = new URLSearchParams(await bodyOf(request));
  const username = fields.get('username');
  if (!PEOPLE[username] || fields.get('password') !== PASSWORD) return loginForm(response, 'Wrong name or password.');
  const result = { login: { accountId: username } };
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

function loginForm(response, complaint) {
  response.writeHead(200, { 'content-type': 'text/html' }).end(`<p>${complaint}</p>
    <form method="post" action="">
      <input name="username"><input name="password" type="password"><button>Sign in</button>
    </form>`);
}

async function bodyOf(request) {
  let text = '';
  for await (const piece of request) text += piece;
  return text;
}
