// A provider that lies on demand: one HTTP server, one tenant (issuer path) for each case.
//
// What a case does not change is right by OIDC Core, Discovery, RFC 6749, 7636 and RP-Initiated Logout. A browser that
// has signed in once has a session here, as at real providers: `prompt=none` answers from it, a sign-out ends it.

import crypto from 'node:crypto';
import http from 'node:http';
import { listen } from '../shared/servers.mjs';
import { base64url, halfHash, jwk, key, kindOf, sign } from './keys.mjs';

const SSO = 'sso';

/// `tenants` are cases by name; see cases/README.md for what they may change.
export async function startProvider(tenants, port) {
  const provider = {
    base: `http://127.0.0.1:${port}`,
    tenants,
    seen: [],
    issued: [],
    codes: new Map(),
    accesses: new Map(),
    states: new Map(),
  };
  const server = http.createServer({ maxHeaderSize: 64 * 1024 }, (request, response) => {
    answer(provider, request, response).catch((error) => {
      provider.seen.push({ name: 'the laboratory', at: request.url, error: error.stack });
      response.destroy();
    });
  });
  const stop = await listen(server, port);
  /// What came in for a case, of one endpoint or of all.
  const asked = (name, at) => provider.seen.filter((one) => one.name === name && (!at || one.at === at));
  return Object.assign(provider, { asked, stop });
}

export const issuerOf = (name, tenant, base) => tenant.issuer?.(base) ?? `${base}/${name}`;

async function answer(provider, req, res) {
  let body = '';
  for await (const piece of req) body += piece;
  const url = new URL(req.url, provider.base);
  const name = url.pathname.split('/')[1];
  const tenant = provider.tenants[name];
  if (!tenant) return res.writeHead(404).end('no such case');
  const x = contextOf(provider, { name, tenant, url, body, req, res });
  provider.seen.push({
    name,
    method: req.method,
    at: x.at,
    query: Object.fromEntries(x.query),
    form: Object.fromEntries(x.form),
    headers: req.headers,
  });
  if (tenant.any && ((await tenant.any(x, x.at)) || res.writableEnded)) return;
  if (x.at.endsWith('/.well-known/openid-configuration')) return document(x);
  const endpoints = {
    '/jwks': keySet,
    '/authorize': authorize,
    '/token': token,
    '/userinfo': userInfo,
    '/logout': logout,
  };
  const endpoint = endpoints[x.at.replace(/2$/, '')];
  return endpoint ? endpoint(x) : x.say(404, 'nothing here');
}

/// What every hook of a case gets.
function contextOf(provider, { name, tenant, url, body, req, res }) {
  const say = (status, text, headers = {}) => {
    res.writeHead(status, headers);
    res.end(text);
  };
  const json = (value, status = 200, headers = {}) =>
    say(status, typeof value === 'string' ? value : JSON.stringify(value), {
      'content-type': 'application/json',
      ...headers,
    });
  if (!provider.states.has(name)) provider.states.set(name, {});
  const { base } = provider;
  const alg = tenant.alg ?? 'RS256';
  const x = { provider, base, name, tenant, url, query: url.searchParams, body, form: new URLSearchParams(body) };
  Object.assign(x, { req, res, say, json, key, jwk, alg, state: provider.states.get(name) });
  x.issuer = issuerOf(name, tenant, base);
  x.at = url.pathname.slice(name.length + 1);
  x.now = Math.floor(Date.now() / 1000);
  x.pair = tenant.pair?.(x) ?? key(kindOf(alg), tenant.keyId ?? 'main');
  x.sso = new RegExp(`(?:^|; )${SSO}=([^;]*)`).exec(req.headers.cookie ?? '')?.[1];
  return x;
}

async function document(x) {
  const { tenant, base, name, issuer, alg, res } = x;
  const at = (endpoint) => `${base}/${name}/${endpoint}`;
  const plain = {
    issuer,
    authorization_endpoint: at('authorize'),
    token_endpoint: at('token'),
    jwks_uri: at('jwks'),
    userinfo_endpoint: at('userinfo'),
    end_session_endpoint: at('logout'),
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [alg],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    code_challenge_methods_supported: ['S256'],
  };
  const found = (await tenant.discovery?.(plain, x)) ?? plain;
  if (!res.writableEnded) x.json(found);
}

async function keySet(x) {
  const plain = { keys: [jwk(x.pair, { kid: 'k1', use: 'sig', alg: x.alg })] };
  const found = (await x.tenant.jwks?.(plain, x)) ?? plain;
  if (!x.res.writableEnded) x.json(found);
}

async function authorize(x) {
  const { tenant, provider, query, res } = x;
  if (tenant.authorize && ((await tenant.authorize(x)) || res.writableEnded)) return;
  const back = { state: query.get('state') };
  const isSilent = query.get('prompt') === 'none';
  const who = isSilent ? x.sso : (x.state.person ?? tenant.person ?? 'ana');
  if (!who) return toClient(x, { ...back, error: 'login_required' });
  const code = crypto.randomBytes(12).toString('hex');
  provider.codes.set(code, {
    name: x.name,
    who,
    nonce: query.get('nonce'),
    challenge: query.get('code_challenge'),
    scope: query.get('scope'),
    isSilent,
  });
  toClient(x, { ...back, code }, { 'set-cookie': `${SSO}=${who}; Path=/${x.name}; HttpOnly` });
}

/// The answer to the client: a redirect, or a form that posts itself.
function toClient(x, parameters, headers = {}) {
  const back = new URL(x.query.get('redirect_uri'));
  for (const [name, value] of Object.entries(parameters)) back.searchParams.set(name, value);
  x.tenant.callback?.(back, x);
  if (x.query.get('response_mode') !== 'form_post') return x.say(302, '', { location: back.href, ...headers });
  const fields = [...back.searchParams].map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`);
  const form = `<form method="post" action="${back.origin}${back.pathname}">${fields.join('')}</form>`;
  x.say(200, `<!doctype html>${form}<script>document.forms[0].submit()</script>`, {
    'content-type': 'text/html',
    ...headers,
  });
}

async function token(x) {
  const { tenant, provider, form, json, res } = x;
  if (tenant.tokenRequest && ((await tenant.tokenRequest(x)) || res.writableEnded)) return;
  const known = provider.codes.get(form.get('code'));
  if (known?.name !== x.name) return json({ error: 'invalid_grant' }, 400);
  provider.codes.delete(form.get('code'));
  if (
    base64url(
      crypto
        .createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest(),
    ) !== known.challenge
  ) {
    return json({ error: 'invalid_grant', error_description: 'pkce' }, 400);
  }
  const access = `at-${crypto.randomBytes(9).toString('hex')}`;
  provider.accesses.set(access, known.who);
  const id_token = idToken({ ...x, known, access });
  provider.issued.push(access, id_token);
  const plain = { access_token: access, token_type: 'Bearer', expires_in: 3600, scope: known.scope, id_token };
  const found = (await tenant.tokenAnswer?.(plain, { ...x, known })) ?? plain;
  if (!res.writableEnded) json(found);
}

function idToken(x) {
  const { tenant, known, access, alg, pair, now } = x;
  const plain = {
    iss: x.issuer,
    sub: `u-${known.who}`,
    aud: 'gw',
    exp: now + 300,
    iat: now,
    nonce: known.nonce,
    at_hash: halfHash(access, tenant.atHash),
    email: `${known.who}@example.com`,
    email_verified: true,
    name: 'Ana',
    groups: ['finance'],
  };
  const claims = tenant.claims?.(plain, x) ?? plain;
  const header = { alg, kid: 'k1', typ: 'JWT' };
  const used = tenant.header?.(header, x) ?? header;
  const signText = (of, text) => sign(of, text, pair);
  const signed =
    tenant.sign?.(used, claims, { ...x, signText }) ?? sign(used, claims, pair, tenant.secret ?? 'client-secret');
  return tenant.idToken?.(signed, x) ?? signed;
}

/// RFC 6750: the access token in the header, or 401.
async function userInfo(x) {
  const bearer = /^Bearer (.+)$/.exec(x.req.headers.authorization ?? '')?.[1];
  const who = x.provider.accesses.get(bearer);
  if (!who) return x.say(401, '', { 'www-authenticate': 'Bearer error="invalid_token"' });
  const plain = { sub: `u-${who}`, email: `${who}@example.com`, email_verified: true, groups: ['finance'] };
  const found = (await x.tenant.userinfo?.({ ...x, who, plain })) ?? plain;
  if (!x.res.writableEnded) x.json(found);
}

/// OIDC RP-Initiated Logout 1.0: parameters by GET or by POST; without a hint a person is asked.
async function logout(x) {
  const given = new URLSearchParams([...x.query, ...x.form]);
  const end = (location) => {
    const headers = { 'set-cookie': `${SSO}=; Path=/${x.name}; Max-Age=0` };
    return location ? x.say(302, '', { ...headers, location }) : x.say(200, 'signed out at the provider', headers);
  };
  if (x.tenant.logout) return x.tenant.logout({ ...x, given, end });
  return end(given.get('post_logout_redirect_uri'));
}
