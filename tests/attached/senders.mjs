// Real senders, from the sign-in to the embed in the application's page: Apache with mod_auth_openidc, Envoy with its
// oauth2 filter and jwt_authn, Caddy and Traefik with a forward-auth, and what stands in for oauth2-proxy; the real one
// where OAUTH2_PROXY names its program.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { Agent, FETCH, FRAME, NAVIGATION } from '../shared/agent.mjs';
import * as toml from '../shared/configuration.mjs';
import { settingsOf } from '../shared/embed_page.mjs';
import { newSessionKey, newSigmaSecret, startGateway, temporaryFolder } from '../shared/gateway.mjs';
import { freePorts } from '../shared/ports.mjs';
import { startApplication } from './application.mjs';
import { CLIENT } from './senders/front.mjs';
import { RESOURCE, startProvider } from './senders/provider.mjs';
import { startRelay } from './senders/relay.mjs';
import * as start from './senders/start.mjs';
import { ask } from './wire.mjs';

const HOPS_MAX = 20;
const OAUTH2_PROXY = process.env.OAUTH2_PROXY;
const signOut = (site) => `${site}/front/sign_out`;

/// Each with the identity that its site accepts, the header that it attaches, and for whom the token in it is.
const SENDERS = [
  {
    name: 'apache',
    what: 'mod_auth_openidc',
    identity: 'apache',
    header: 'oidc_id_token',
    audience: 'apache',
    start: start.startApache,
    signOut: (site) => `${site}/front/callback?logout=${encodeURIComponent(`${site}/front/out`)}`,
  },
  { name: 'envoy', what: 'oauth2 and jwt_authn', identity: 'envoy', audience: RESOURCE, start: start.startEnvoy },
  {
    name: 'front',
    what: 'a stand-in for oauth2-proxy',
    identity: 'front',
    audience: CLIENT,
    start: start.startStandIn,
  },
  { name: 'caddy', what: 'forward_auth', identity: 'front', audience: CLIENT, start: start.startCaddy },
  { name: 'traefik', what: 'forwardAuth', identity: 'front', audience: CLIENT, start: start.startTraefik },
  { name: 'oauth2-proxy', what: 'itself', identity: 'front', audience: CLIENT, start: start.startOauth2Proxy },
];

export async function senders(checks, { binary, tools }) {
  if (!OAUTH2_PROXY) console.log('skip   oauth2-proxy itself: OAUTH2_PROXY names no program');
  const world = await startWorld({ binary });
  try {
    for (const sender of SENDERS) {
      if (sender.name === 'oauth2-proxy' && !OAUTH2_PROXY) continue;
      const run = (name, check) => checks.run(`[${sender.name}: ${sender.what}] ${name}`, check);
      const isThere = await run('it starts', () => begin(world, sender, tools));
      if (!isThere) continue;
      await run('from the sign-in to the embed, and what it attaches is taken by jose', () => signsIn(world, sender));
      await run('Ana signs out there, Bo signs in, and is never served as Ana', () => changes(world, sender));
      await run("a client's own copy of what it attaches changes nothing", () => forges(world, sender));
      await run('past it, nobody is served', () => past(world, sender));
    }
    await checks.run('[envoy: jwt_authn] a program with an access token is served, and an ID token is refused', () =>
      programs(world),
    );
  } finally {
    for (const stop of world.stops.reverse()) await stop();
  }
}

async function startWorld({ binary }) {
  const names = ['gateway', 'admin', 'provider', 'application', 'relay', 'api', ...SENDERS.map(({ name }) => name)];
  const free = await freePorts(names.length);
  const ports = Object.fromEntries(names.map((name, index) => [name, free[index]]));
  const site = (name) => `http://${name}.localhost:${ports[name]}`;
  const back = (...of) => of.map((name) => `${site(name)}/front/callback`);
  const provider = await startProvider({
    port: ports.provider,
    clients: {
      apache: back('apache'),
      envoy: back('envoy'),
      [CLIENT]: back('front', 'caddy', 'traefik', 'oauth2-proxy'),
    },
  });
  const app = await startApplication(ports.application);
  const relay = await startRelay({ port: ports.relay, gateway: ports.gateway });
  const folder = temporaryFolder('senders', {
    'gateway.toml': configurationOf({ ports, issuer: provider.issuer, site }),
    'session.key': newSessionKey(),
    'sigma.secret': newSigmaSecret(),
  });
  fs.chmodSync(folder, 0o755);
  const stops = [provider.stop, app.stop, relay.stop];
  const files = ['out.log', 'err.log'].map((name) => path.join(folder, name));
  const running = await startGateway({ binary, folder, admin: ports.admin, files });
  stops.push(running.stop);
  return { ports, site, provider, app, relay, folder, running, stops };
}

const identityOf = (name, lines) => `
[identity.${name}]
email_domains = ["example.com"]
${lines}
`;

function configurationOf({ ports, issuer, site }) {
  const sites = SENDERS.map(({ name, identity }) => [site(name), identity]);
  sites.push([site('api'), 'envoy']);
  return [
    toml.listen({ address: `127.0.0.1:${ports.gateway}`, admin: ports.admin }),
    toml.organization({ clientId: '3f0e7c526d0b4c6e9a7e2f1f' }),
    identityOf(
      'apache',
      `type = "custom"
issuer = "${issuer}"
audience = "apache"
header = "OIDC_id_token"
algorithms = ["RS256"]
jwks = "${issuer}/jwks"`,
    ),
    identityOf('envoy', `type = "bearer"\nissuer = "${issuer}"\naudience = "${RESOURCE}"`),
    identityOf('front', `type = "oauth2-proxy"\nissuer = "${issuer}"\nclient_id = "${CLIENT}"`),
    toml.embed('revenue', toml.SIGMA + toml.WORKBOOK),
    toml.finance(),
    ...sites.map(([url, identity]) =>
      toml.site({ url, upstream: ports.application, embeds: ['revenue'], more: `accept = ["${identity}"]` }),
    ),
  ].join('');
}

async function begin({ ports, provider, folder, stops }, { name, start: startIt }, tools) {
  const { stop } = await startIt({
    folder: path.join(folder, name),
    port: ports[name],
    apiPort: ports.api,
    auth: ports.front,
    gateway: ports.relay,
    provider: ports.provider,
    issuer: provider.issuer,
    program: OAUTH2_PROXY,
    tools,
  });
  stops.push(stop);
}

/// Follows redirects as a browser does, through the sender's provider.
async function visit(agent, url, headers = NAVIGATION) {
  let answer = await agent.ask(url, { headers });
  for (let hop = 0; answer.headers.location; hop += 1) {
    assert.ok(hop < HOPS_MAX, `more than ${HOPS_MAX} redirects, the last of ${answer.url.split('?')[0]}`);
    answer = await agent.ask(new URL(answer.headers.location, answer.url).href, { headers });
  }
  return answer;
}

/// `person` is signed in at the sender, in a browser that nobody used before, or used somebody else.
async function as(world, sender, person, agent = new Agent()) {
  world.provider.person = person;
  agent.cookies('localhost').clear(); // the provider's own session
  const page = await visit(agent, `${world.site(sender.name)}/page`);
  assert.equal(
    page.status,
    200,
    `${page.status} ${page.headers['sigma-gateway'] ?? ''} of ${page.url.split('?')[0]}:
    ${page.text.slice(0, 300)} ${world.provider.faults.slice(-1)} ${world.running.output().slice(-600)}`,
  );
  return { agent, page };
}

const toldOf = ({ app }, name) => app.heard.filter(({ host }) => host.startsWith(`${name}.`)).map(({ email }) => email);

async function signsIn(world, sender) {
  const { name, header = 'authorization', audience } = sender;
  const { agent, page } = await as(world, sender, 'ana');
  try {
    assert.match(page.text, /\/sigma\/embed\/revenue/, 'the slot of the page has its link');
    const frame = await agent.ask(`${world.site(name)}/sigma/embed/revenue`, { headers: FRAME });
    assert.equal(frame.status, 200, `${frame.status} ${frame.headers['sigma-gateway']}`);
    assert.equal(subjectIn(settingsOf(frame.text)), 'ana@example.com', 'whose embed it is');
    assert.deepEqual(toldOf(world, name).at(-1), 'ana@example.com');
    const ours = [...agent.cookies(`${name}.localhost`).keys()].filter((cookie) => /sigma/i.test(cookie));
    assert.deepEqual(ours, [], 'a cookie of ours');
    const values = world.relay.attached(`${name}.localhost`, header);
    assert.ok(values.length > 0, `it attaches ${header}`);
    const token = values.at(-1).replace(/^Bearer /, '');
    const keys = createRemoteJWKSet(new URL(`${world.provider.issuer}/jwks`));
    const { protectedHeader } = await jwtVerify(token, keys, { issuer: world.provider.issuer, audience });
    const passed = world.app.heard.flatMap(({ lines }) => lines).filter(([, value]) => /eyJ/.test(value));
    assert.deepEqual(passed, [], 'no assertion at the application, and no other token');
    return `${header}, typ ${protectedHeader.typ ?? 'none'}`;
  } finally {
    agent.close();
  }
}

/// The `sub` of the token that opens the embed.
function subjectIn(settings) {
  const token = /[?&]:jwt=([^&"]+)/.exec(decodeURIComponent(JSON.stringify(settings)))[1];
  return JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).sub;
}

async function changes(world, sender) {
  const { name, signOut: out = signOut } = sender;
  const { agent } = await as(world, sender, 'ana');
  try {
    await agent.ask(out(world.site(name)));
    const before = world.app.heard.length;
    const between = await agent.ask(`${world.site(name)}/page`, { headers: FETCH });
    assert.notEqual(between.status, 200, 'nobody is signed in there');
    await as(world, sender, 'bo', agent);
    for (const [where, headers] of [
      ['/api', FETCH],
      ['/sigma/embed/revenue', FRAME],
      ['/sigma/api/embeds/revenue', FETCH],
    ]) {
      const answer = await agent.ask(world.site(name) + where, { headers });
      assert.equal(answer.status, 200, `${where}: ${answer.status} ${answer.headers['sigma-gateway']}`);
      assert.ok(!answer.text.includes('ana@example.com'), `${where} is of Ana`);
    }
    const minted = await agent.ask(`${world.site(name)}/sigma/api/embeds/revenue`, { headers: FETCH });
    assert.equal(subjectIn(JSON.parse(minted.text)), 'bo@example.com');
    const told = world.app.heard.slice(before).map(({ email }) => email);
    assert.ok(told.length > 0 && told.every((email) => email === 'bo@example.com'), JSON.stringify(told));
    return `${told.length} requests of Bo`;
  } finally {
    agent.close();
  }
}

/// Bo sends a good token of Ana along, in each spelling of the header and beside it.
async function forges(world, sender) {
  const { name, header = 'authorization' } = sender;
  const ana = await as(world, sender, 'ana');
  ana.agent.close();
  const [value] = world.relay.attached(`${name}.localhost`, header).slice(-1);
  const { agent } = await as(world, sender, 'bo');
  try {
    const before = world.app.heard.length;
    const seen = [];
    const spellings = [header, header.replaceAll('_', '-'), header.replaceAll('_', '.'), header.toUpperCase()];
    for (const spelling of [...new Set(spellings), 'x-forwarded-email', 'x-forwarded-access-token']) {
      const copy = spelling.startsWith('x-') ? 'ana@example.com' : value;
      const answer = await agent.ask(`${world.site(name)}/page`, { headers: { ...FETCH, [spelling]: copy } });
      const reason = answer.headers['sigma-gateway'];
      seen.push(`${spelling}: ${answer.status}${reason ? ` ${reason}` : ''}`);
      assert.ok(answer.status < 500, seen.at(-1));
    }
    const told = world.app.heard.slice(before).map(({ email }) => email);
    assert.ok(told.length > 0 && told.every((email) => email === 'bo@example.com'), `${told} ${seen}`);
    return seen.join(', ');
  } finally {
    agent.close();
  }
}

/// Straight to the gateway.
async function past(world, { name }) {
  const { gateway } = world.ports;
  const before = world.app.heard.length;
  const host = `${name}.localhost:${world.ports[name]}`;
  const lines = Object.entries({ ...NAVIGATION, 'x-forwarded-email': 'ana@example.com' });
  const answer = await ask({ port: gateway, host, target: '/page', lines });
  assert.deepEqual([answer.status, answer.reason], [401, 'assertion_missing']);
  assert.equal(answer.headers.location, undefined, 'it leads nowhere');
  assert.equal(world.app.heard.length, before);
}

async function programs(world) {
  const token = (name, header = 'authorization') =>
    world.relay
      .attached(`${name}.localhost`, header)
      .at(-1)
      .replace(/^Bearer /, '');
  const host = `api.localhost:${world.ports.api}`;
  const get = (bearer) =>
    ask({ port: world.ports.api, host, target: '/page', lines: [['authorization', `Bearer ${bearer}`]] });
  const access = await get(token('envoy'));
  assert.deepEqual([access.status, toldOf(world, 'api').at(-1)], [200, 'bo@example.com'], access.reason);
  const before = world.app.heard.length;
  const id = await get(token('front'));
  assert.deepEqual([id.status, id.reason], [401, 'assertion_type'], 'Envoy lets it pass without `audiences`');
  assert.match(`${id.headers['www-authenticate']}`, /^Bearer.*error="invalid_token"/);
  assert.equal((await get('mallory')).status, 401);
  assert.equal(world.app.heard.length, before);
}
