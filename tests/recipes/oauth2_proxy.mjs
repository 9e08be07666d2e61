// The recommended topology with oauth2-proxy, as docs/proxies/oauth2-proxy.md has it: its command where OAUTH2_PROXY
// names the program, else a stand-in that passes the provider's ID token on as oauth2-proxy does; its `gateway.toml` in
// any case.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Agent, FETCH, NAVIGATION } from '../shared/agent.mjs';
import { ready, startChild } from '../shared/child.mjs';
import * as toml from '../shared/configuration.mjs';
import { newSessionKey, newSigmaSecret, startGateway, temporaryFolder } from '../shared/gateway.mjs';
import { request } from '../shared/http.mjs';
import { startProvider } from '../shared/provider.mjs';
import { listen } from '../shared/servers.mjs';
import { startApplication } from './application.mjs';
import { bytesOf, send } from './client.mjs';
import { folded } from './oracle.mjs';
import { placed } from './recipes.mjs';

const page = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../docs/proxies/oauth2-proxy.md');
const CLIENT = { id: 'oauth2-proxy', secret: 'front-secret' };
const PEOPLE = {
  ana: { email: 'ana@example.com', groups: ['finance'] },
  bo: { email: 'bo@example.com', groups: ['finance'] },
};
const START_SECONDS = 30;
const HOPS_MAX = 10;
/// The names by which oauth2-proxy itself says who is asking: unsigned, so nobody's word here.
const UNSIGNED = ['X-Forwarded-User', 'X-Forwarded-Email', 'X-Forwarded-Groups', 'X-Forwarded-Preferred-Username'];

/// The page's block of a language, for the ports and the provider of this run. Over http: TLS is no part of this check.
const blockOf = (language, { own, ports, issuer }) =>
  placed(fs.readFileSync(page, 'utf8').match(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``))[1], own, ports)
    .replaceAll('https://login.example.com/realms/corp', issuer)
    .replaceAll('10.0.0.5', '127.0.0.1')
    .replaceAll('https://crm.example.com', `http://crm.localhost:${ports.front}`);

/// Runs its checks, with `ports` as in world.mjs.
export async function oauth2Proxy(checks, { binary, ports }) {
  const program = process.env.OAUTH2_PROXY;
  const name = program ? 'oauth2-proxy' : 'oauth2-proxy, a stand-in';
  const world = await start({ binary, ports, program });
  const run = (what, check) => checks.run(`[${name}] ${what}`, () => check(world));
  try {
    await run('Ana signs out there, Bo signs in, and is never served as Ana', changesPerson);
    await run('what it says unsigned is not believed, from anybody', believesNothingUnsigned);
    await run('without a token nobody is served', (world) => refuses(world, []).then(() => ''));
    await run('a token that does not verify is refused by name', refusesTokens);
  } finally {
    for (const stop of world.stops.reverse()) await stop();
  }
}

async function start({ binary, ports, program }) {
  const login = await startProvider({
    port: ports.provider,
    clientId: CLIENT.id,
    clientSecret: CLIENT.secret,
    people: PEOPLE,
  });
  const application = await startApplication(ports.application);
  const stops = [login.stop, application.stop];
  const own = temporaryFolder('recipe-oauth2-proxy');
  const placement = { own, ports, issuer: login.issuer };
  const text = [
    '[session]\nkeys = [{ file = "session.key" }]\n',
    toml.organization({ clientId: '3f0e7c526d0b4c6e9a7e2f1f' }),
    toml.embed('revenue', toml.SIGMA + toml.WORKBOOK),
    blockOf('toml', placement).replace('[listen]\n', `[listen]\nadmin = "127.0.0.1:${ports.admin}"\n`),
  ].join('');
  const files = { 'gateway.toml': text, 'session.key': newSessionKey(), 'sigma.secret': newSigmaSecret() };
  const secrets = { 'tls-secret': CLIENT.secret, 'tls-cookie': randomBytes(16).toString('hex') };
  for (const [file, one] of Object.entries({ ...files, ...secrets }))
    fs.writeFileSync(path.join(own, file), one, { mode: 0o600 });
  const gateway = await startGateway({ binary, folder: own, admin: ports.admin });
  stops.push(gateway.stop);
  const front = program ? await startReal(program, placement) : await startStandIn(ports, login.issuer);
  stops.push(front.stop);
  return { login, application, gateway, ports, site: `http://crm.localhost:${ports.front}`, stops };
}

/// The page's command, over http.
async function startReal(program, { own, ports, issuer }) {
  const words = blockOf('sh', { own, ports, issuer })
    .replaceAll('\\\n', ' ')
    .split(/\s+/)
    .filter((word) => word.startsWith('--') && !/^--(https|tls)-/.test(word));
  const files = words.map((word) => word.replace(/=\/etc\/oauth2-proxy\/(\w+)$/, `=${own}/tls-$1`));
  const overHttp = [`--http-address=127.0.0.1:${ports.front}`, '--cookie-secure=false', '--skip-provider-button=true'];
  const child = startChild(program, [...files, ...overHttp, '--code-challenge-method=S256'], { cwd: own });
  const isUp = async () => (await request(`http://127.0.0.1:${ports.front}/ping`)).status === 200;
  await ready(child, 'oauth2-proxy to answer', () => isUp().catch(() => false), { seconds: START_SECONDS });
  return child;
}

/// A code flow with PKCE at the provider; then `Authorization: Bearer` and the ID token in place of what clients say,
/// and its unsigned companions.
async function startStandIn(ports, issuer) {
  const sessions = new Map();
  const site = `http://crm.localhost:${ports.front}`;
  const verifier = randomBytes(32).toString('base64url');
  const server = http.createServer((asked, answer) => {
    const url = new URL(asked.url, site);
    const session = sessions.get(/(?:^|; )_oauth2_proxy=(\w+)/.exec(asked.headers.cookie ?? '')?.[1]);
    const serve = () => {
      if (url.pathname === '/oauth2/sign_out')
        return answer.writeHead(200, { 'set-cookie': CLEARED }).end('signed out');
      if (url.pathname === '/oauth2/callback') return finish({ url, answer, sessions, site, issuer, verifier });
      if (!session) return answer.writeHead(302, { location: authorization(url, { site, issuer, verifier }) }).end();
      return pass(asked, answer, { session, port: ports.gateway });
    };
    Promise.resolve(serve()).catch((error) => answer.destroy(error));
  });
  return { stop: await listen(server, ports.front) };
}

const CLEARED = '_oauth2_proxy=; Path=/; Max-Age=0';

function authorization(url, { site, issuer, verifier }) {
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const asked = new URLSearchParams({
    response_type: 'code',
    client_id: CLIENT.id,
    redirect_uri: `${site}/oauth2/callback`,
    scope: 'openid email',
    state: `s:${url.pathname}${url.search}`,
    nonce: randomBytes(16).toString('hex'),
    code_challenge: challenge,
    code_challenge_method: 'S256',
  });
  return `${issuer}/authorize?${asked}`;
}

async function finish({ url, answer, sessions, site, issuer, verifier }) {
  const form = {
    grant_type: 'authorization_code',
    code: url.searchParams.get('code'),
    redirect_uri: `${site}/oauth2/callback`,
    code_verifier: verifier,
  };
  const basic = Buffer.from(`${CLIENT.id}:${CLIENT.secret}`).toString('base64');
  const given = await request(`${issuer}/token`, {
    method: 'POST',
    form,
    headers: { authorization: `Basic ${basic}` },
  });
  const { id_token: token } = JSON.parse(given.text);
  const name = randomBytes(16).toString('hex');
  sessions.set(name, { token, claims: JSON.parse(Buffer.from(token.split('.')[1], 'base64url')) });
  const location = url.searchParams.get('state').slice(2);
  answer.writeHead(302, { location, 'set-cookie': `_oauth2_proxy=${name}; Path=/; HttpOnly` }).end();
}

function pass(asked, answer, { session, port }) {
  const { token, claims } = session;
  const kept = Object.entries(asked.headers).filter(([name]) => !UNSIGNED.some((one) => folded(one) === folded(name)));
  const headers = {
    ...Object.fromEntries(kept),
    authorization: `Bearer ${token}`,
    'x-forwarded-for': '192.0.2.1',
    'x-forwarded-user': claims.sub,
    'x-forwarded-email': claims.email,
  };
  const options = { host: '127.0.0.1', port, method: asked.method, path: asked.url, headers, agent: false };
  const call = http.request(options, (came) => {
    answer.writeHead(came.statusCode, came.headers);
    came.pipe(answer);
  });
  call.on('error', (error) => answer.destroy(error));
  asked.pipe(call);
}

/// Follows redirects as a browser does, through the provider.
async function visit(agent, url) {
  let answer = await agent.ask(url, { headers: NAVIGATION });
  for (let hop = 0; answer.headers.location; hop += 1) {
    assert.ok(hop < HOPS_MAX, `more than ${HOPS_MAX} redirects`);
    answer = await agent.ask(new URL(answer.headers.location, answer.url).href, { headers: NAVIGATION });
  }
  return answer;
}

const emailsOf = ({ seen }) =>
  seen.map(({ lines }) =>
    lines
      .filter(([name]) => folded(name) === 'X_FORWARDED_EMAIL')
      .map(([, value]) => value)
      .join(),
  );

async function changesPerson({ login, application, site }) {
  const agent = new Agent();
  try {
    login.person = 'ana';
    const target = '/crm/page?a=1&b=2';
    assert.equal((await visit(agent, site + target)).text, `application: ${target}`);
    await agent.ask(`${site}/crm/api`, { headers: FETCH });
    assert.deepEqual(emailsOf(application), [PEOPLE.ana.email, PEOPLE.ana.email]);
    assert.ok(!application.seen.some(({ lines }) => lines.some(([name]) => folded(name) === 'AUTHORIZATION')));
    await agent.ask(`${site}/oauth2/sign_out`);
    login.person = 'bo';
    application.seen.length = 0;
    await visit(agent, `${site}/crm/page`);
    const userinfo = await agent.ask(`${site}/gateway/userinfo`, { headers: FETCH });
    const minted = await agent.ask(`${site}/sigma/api/embeds/revenue`, { headers: FETCH });
    assert.deepEqual(emailsOf(application), [PEOPLE.bo.email]);
    assert.ok(userinfo.text.includes(PEOPLE.bo.email), userinfo.text);
    const token = new URL(JSON.parse(minted.text).url).searchParams.get(':jwt');
    assert.equal(JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).sub, PEOPLE.bo.email);
    assert.ok(
      ![...agent.cookies('crm.localhost').keys()].some((name) => name.startsWith('__Host-sg')),
      'a session of ours',
    );
  } finally {
    agent.close();
    application.seen.length = 0;
  }
}

/// Past oauth2-proxy, from its own machine.
const ask = ({ ports }, lines) =>
  send(ports.gateway, bytesOf('/crm/x', [`Host: crm.localhost:${ports.front}`, ...lines]), {
    isTls: false,
    from: '127.0.0.1',
  });

async function refuses(world, lines, status = 401) {
  world.application.seen.length = 0;
  const answer = await ask(world, lines);
  assert.equal(answer.status, status, `${lines}`);
  assert.equal(answer.header('location'), undefined);
  assert.equal(world.application.seen.length, 0);
  return answer;
}

async function believesNothingUnsigned(world) {
  for (const name of UNSIGNED) await refuses(world, [`${name}: ${PEOPLE.ana.email}`]);
  await refuses(
    world,
    UNSIGNED.map((name) => `${name}: ana`),
  );
}

async function refusesTokens(world) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { iss: world.login.issuer, aud: CLIENT.id, sub: 'sub-ana', ...PEOPLE.ana, email_verified: true };
  const now = Math.floor(Date.now() / 1000);
  const unsigned = `${part({ alg: 'none' })}.${part({ ...claims, iat: now, exp: now + 300 })}.`;
  const tokens = [
    'x',
    'a.b.c',
    unsigned,
    `${unsigned}AAAA`,
    `${part({ alg: 'RS256', kid: 'key-1' })}.${part(claims)}.AAAA`,
  ];
  for (const token of tokens) {
    const answer = await refuses(world, [`Authorization: Bearer ${token}`], 403);
    assert.match(answer.header('sigma-gateway') ?? '', /^assertion_/);
  }
  return `${tokens.length} tokens`;
}
