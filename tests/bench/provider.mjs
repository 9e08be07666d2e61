// The provider that everybody signs in at: oidc-provider with one person, and a walk through its forms.

import http from 'node:http';
import https from 'node:https';
import Provider from 'oidc-provider';

export const CLIENT = { id: 'sigma-gateway', secret: 'bench-secret-of-at-least-32-bytes' };
const REDIRECTS_MAX = 20;

/// Starts it on loopback; `callbacks` are the redirect URIs of all that sign in there.
export async function startProvider(port, callbacks) {
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: callbacks }],
    scopes: ['openid', 'email', 'profile', 'groups'],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
    conformIdTokenClaims: false, // else the claims are only at userinfo
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => claimsOf(id) }),
    pkce: { required: () => false }, // not every proxy sends it unasked
    cookies: { keys: ['only for this measurement'] },
    ttl: { Session: 7200, Grant: 7200, Interaction: 600, IdToken: 7200, AccessToken: 7200 },
  });
  const server = http.createServer(provider.callback());
  await new Promise((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done));
  return { issuer, stop: () => server.closeAllConnections() ?? new Promise((done) => server.close(done)) };
}

function claimsOf(id) {
  return { sub: id, email: `${id}@example.com`, email_verified: true, name: id, groups: ['finance'] };
}

/// Signs `ana` in at the proxy in front of `url`; gives the value of the `Cookie` header that a browser would send there.
export async function signIn(url) {
  const jars = new Map();
  let next = { url: new URL(url), method: 'GET' };
  for (let step = 0; step < REDIRECTS_MAX; step += 1) {
    const answer = await ask(next, jars);
    const form = formOf(answer);
    if (answer.location) next = { url: new URL(answer.location, next.url), method: 'GET' };
    else if (form) next = { url: new URL(form.action, next.url), method: 'POST', body: form.body };
    else if (answer.status === 200 && next.url.href === url) return cookiesFor(jars, next.url);
    else throw new Error(`sign-in stopped at ${next.url.origin}${next.url.pathname}: ${answer.status} ${answer.body.slice(0, 300)}`);
  }
  throw new Error(`sign-in for ${url} goes in circles`);
}

async function ask({ url, method, body }, jars) {
  const headers = { accept: 'text/html', cookie: cookiesFor(jars, url) };
  if (body) headers['content-type'] = 'application/x-www-form-urlencoded';
  const client = url.protocol === 'https:' ? https : http;
  const answer = await new Promise((done, fail) => {
    const request = client.request(url, { method, headers, timeout: 10_000, agent: false }, done);
    request.on('timeout', () => request.destroy(new Error(`${url.origin} takes too long`))).on('error', fail).end(body);
  });
  let text = '';
  for await (const piece of answer.setEncoding('utf8')) text += piece;
  remember(jars, url, answer.headers['set-cookie'] ?? []);
  return { status: answer.statusCode, location: answer.headers.location, body: text };
}

// Ports are told apart, paths are not: enough for one walk.
function remember(jars, url, lines) {
  const jar = jars.get(url.host) ?? new Map();
  jars.set(url.host, jar);
  for (const line of lines) {
    const [pair, ...attributes] = line.split(';').map((part) => part.trim());
    const at = pair.indexOf('=');
    const isPast = (part) => /^expires=/i.test(part) && Date.parse(part.slice('expires='.length)) < Date.now();
    const isGone = attributes.some((part) => /^max-age=0$/i.test(part) || isPast(part));
    if (isGone) jar.delete(pair.slice(0, at));
    else jar.set(pair.slice(0, at), pair.slice(at + 1));
  }
}

function cookiesFor(jars, url) {
  return [...(jars.get(url.host) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
}

function formOf({ body }) {
  const action = /<form[^>]* action="([^"]+)"/.exec(body)?.[1];
  if (!action) return undefined;
  const fields = [...body.matchAll(/<input[^>]*type="hidden"[^>]*>/g)].map(([tag]) => [attribute(tag, 'name'), attribute(tag, 'value')]);
  if (body.includes('name="login"')) fields.push(['login', 'ana'], ['password', 'any']);
  return { action: action.replaceAll('&amp;', '&'), body: new URLSearchParams(fields).toString() };
}

function attribute(tag, name) {
  return new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? '';
}
