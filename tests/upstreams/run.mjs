// Real servers behind the gateway: what their applications read as the identity when a client sends each spelling of
// it, and how many requests they see when one is sent that could be taken for two. The same bytes sent to them directly
// show that each of these checks can fail. And an application that signs connections in (ntlm.mjs), a proxy in front
// that signs people in as well (front.mjs), applications behind TLS (crypto.mjs), and names in the charsets of older
// applications, which arrive byte for byte (legacy.mjs).
//
//   node run.mjs --binary PATH --python PATH [--only php,waitress,express-ntlm,crypto,front,names]

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { parseArgs } from 'node:util';
import { runAll } from '../shared/checks.mjs';
import { newSessionKey, newSigmaSecret, startGateway, temporaryFolder } from '../shared/gateway.mjs';
import { freePorts } from '../shared/ports.mjs';
import { Agent } from '../shared/agent.mjs';
import { startProvider } from '../shared/provider.mjs';
import { configuration } from './config.mjs';
import { crypto } from './crypto.mjs';
import { fronts } from './front.mjs';
import { namesArrive, namesSite } from './legacy.mjs';
import { connections } from './ntlm.mjs';
import { FAULTY, SERVERS, startServer } from './servers.mjs';
import { gadgets, inChunk, shapes } from './shapes.mjs';
import { NAMES, PRESETS, SPELLINGS, forgedIn, identityIn } from './spellings.mjs';
import { exchange } from './wire.mjs';

const { values: options } = parseArgs({
  options: { binary: { type: 'string' }, python: { type: 'string' }, only: { type: 'string' } },
});
const RUN_SECONDS = 900;
/// Servers at a time: much of a run is waiting for one that says nothing.
const SIDE_BY_SIDE = 4;
/// How long a server may be silent, asked directly, before its answer counts as whole.
const QUIET = 250;
const ANA = { email: 'ana@example.com', groups: ['finance'], preferred_username: 'ana', name: 'Ana Silva' };
const SUBJECT = 'sub-ana';

async function main(checks) {
  const isChosen = (name) => !options.only || options.only.split(',').includes(name);
  if (isChosen('express-ntlm')) await connections(checks, options.binary);
  if (isChosen('crypto')) await crypto(checks, { binary: options.binary, python: options.python });
  if (isChosen('front')) await fronts(checks, { binary: options.binary });
  const chosen = SERVERS.filter(({ name }) => isChosen(name));
  if (chosen.length === 0 && !isChosen('names')) return;
  const [gateway, admin, provider, names, ...ports] = await freePorts(5 + chosen.length);
  const servers = chosen.map((server, index) => ({ ...server, port: ports[index] }));
  const faulty = { ...FAULTY, port: ports.at(-1) }; // has no site
  const login = await startProvider({
    port: provider,
    clientId: 'sigma-gateway',
    clientSecret: 'demo-secret',
    people: { ana: ANA },
  });
  const text = configuration({ gateway, admin, issuer: login.issuer, servers }) + namesSite({ gateway, port: names });
  const secrets = { 'session.key': newSessionKey(), 'sigma.secret': newSigmaSecret(), 'oidc.secret': 'demo-secret' };
  const folder = temporaryFolder('upstreams', { 'gateway.toml': text, ...secrets });
  fs.chmodSync(folder, 0o755);
  const running = await startGateway({ binary: options.binary, folder, admin });
  const stops = [running.stop, login.stop];
  const forgedBy = new Map();
  const misread = new Map();
  try {
    if (isChosen('names')) await namesArrive(checks, { gateway, port: names, stops });
    const waiting = [...servers];
    const work = async () => {
      for (let server = waiting.shift(); server; server = waiting.shift())
        await suite(checks, { server, gateway, folder, stops, forgedBy, misread });
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
    if (!options.only) {
      await controls(checks, forgedBy, misread);
      await checks.run('control: directly, a server that leaves chunks unread reads a request out of them', () =>
        unread({ server: faulty, folder, stops }),
      );
    }
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

/// Everything about one server.
async function suite(checks, { server, gateway, folder, stops, forgedBy, misread }) {
  const run = (name, check) => checks.run(`[${server.name}] ${name}`, check);
  const isThere = await run('the server starts', async () => {
    server.app = await startServer(server, { folder, port: server.port, python: options.python });
    stops.push(server.app.stop);
    return server.what;
  });
  if (!isThere) return;
  const setting = { gateway, server, host: (preset) => `${server.name}-${preset}.localhost:${gateway}` };
  await run('directly, a forger is believed', () => directly(setting, forgedBy));
  for (const preset of Object.keys(PRESETS)) {
    await run(`${preset}: who is signed in is who the application reads, whatever the spelling`, () =>
      signedIn(setting, preset),
    );
    await run(`${preset}: on a public path it reads nobody`, () => anonymous(setting, preset));
  }
  await run('as many requests arrive as were sent, and those that could be two do not', () => counted(setting));
  await run('gateway and application count alike, whatever the disguise of Transfer-Encoding', () => swept(setting));
  await run('the same shapes directly', () => shapesDirectly(setting, misread));
}

/// What the application wrote down while `play` ran.
async function heard({ server }, play) {
  const result = await play();
  return { result, requests: server.app.since() };
}

const get = (host, target, lines) => `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n${lines}Connection: close\r\n\r\n`;

/// Which spellings forge what the application reads, when nobody is in between.
async function directly(setting, forgedBy) {
  const { server } = setting;
  const spellings = [];
  for (const spelling of SPELLINGS) {
    const forged = new Set();
    // A few names at a time: servers bound the lines of a head, and refuse it whole.
    for (let at = 0; at < NAMES.length; at += 8) {
      const bytes = get('localhost', '/direct', spelling.lines(NAMES.slice(at, at + 8)));
      const { requests } = await heard(setting, () => exchange(server.port, bytes, { quiet: QUIET }));
      for (const report of requests) for (const name of forgedIn(report, server)) forged.add(name);
    }
    if (forged.size > 0) spellings.push(spelling.name);
  }
  assert.ok(spellings.includes('as it is'), 'the plain name must be believed, or the application reads nothing');
  forgedBy.set(server.name, spellings);
  return `${spellings.length} of ${SPELLINGS.length} spellings: ${spellings.join('; ')}`;
}

/// Every spelling of every name at once, with a session: what the application reads is the gateway's.
async function signedIn(setting, preset) {
  const host = setting.host(preset);
  const agent = new Agent();
  await agent.signIn(`http://${host}`, 'ana');
  const cookie = [...agent.cookies(host.split(':')[0])].map(([name, value]) => `${name}=${value}`).join('; ');
  agent.close();
  const [user, email, groups, name] = PRESETS[preset];
  const wanted = {
    [user]: SUBJECT,
    [email]: ANA.email,
    [groups]: 'finance',
    [name]: preset === 'remote' ? ANA.name : ANA.preferred_username,
  };
  return spelled(setting, { preset, target: '/app', lines: `Cookie: ${cookie}\r\n`, identity: wanted });
}

function anonymous(setting, preset) {
  return spelled(setting, { preset, target: '/public/a', lines: '', identity: {} });
}

async function spelled(setting, { preset, target, lines, identity }) {
  const { server, gateway } = setting;
  const host = setting.host(preset);
  const wanted = {
    ...forwarding(host),
    ...Object.fromEntries(
      Object.entries(identity).map(([name, value]) => [name.toUpperCase().replaceAll('-', '_'), value]),
    ),
  };
  let [arrived, refused] = [0, 0];
  for (const spelling of SPELLINGS) {
    // The spelling in two halves, as a head has at most a hundred lines; and the preset's own names alone.
    const half = Math.ceil(NAMES.length / 2);
    for (const names of [NAMES.slice(0, half), NAMES.slice(half), ...PRESETS[preset].map((name) => [name])]) {
      const bytes = get(host, target, lines + spelling.lines(names));
      const { result, requests } = await heard(setting, () => exchange(gateway, bytes));
      const what = `${spelling.name}, ${names[0]}…`;
      assert.deepEqual(
        result.answers.map(({ status }) => status),
        [spelling.isGood ? 200 : 400],
        `${what}: ${result.text.slice(0, 300)}`,
      );
      assert.equal(requests.length, spelling.isGood ? 1 : 0, what);
      for (const report of requests) {
        const { X_REQUEST_ID: id, ...read } = identityIn(report, server);
        assert.match(id, /^[0-9a-f-]{36}$/, what);
        assert.deepEqual(read, wanted, what);
      }
      if (spelling.isGood) arrived += 1;
      else refused += 1;
    }
  }
  return `${arrived} arrived, ${refused} refused`;
}

function forwarding(host) {
  return {
    X_FORWARDED_FOR: '127.0.0.1',
    X_FORWARDED_PROTO: 'http',
    X_FORWARDED_HOST: host,
    X_FORWARDED_PORT: host.split(':')[1],
  };
}

/// The shapes by name: what arrives is exactly what is written beside each.
async function counted(setting) {
  const { server, gateway } = setting;
  const host = setting.host('x-forwarded');
  const all = shapes(host);
  for (const shape of all) {
    const { result, requests } = await heard(setting, () => exchange(gateway, shape.bytes));
    const what = `${shape.name}: ${JSON.stringify(result.text.slice(0, 300))}`;
    assert.ok(result.isClosed, `still open: ${what}`);
    assert.deepEqual(
      requests.map(({ asks }) => asks),
      shape.arrives.map(([asks]) => asks),
      what,
    );
    assertSaidAsHeard(result, requests, what);
    if (shape.arrives.length === 0) assert.equal(result.answers.length, 1, what);
    for (const [index, { body }] of requests.entries()) {
      // A server that knows no chunks reads no body; what it must not do is to read a request.
      const wanted = shape.arrives[index][1];
      assert.ok(
        body === wanted || (server.readsNoChunks && shape.isChunked && body === ''),
        `${JSON.stringify(body)}: ${what}`,
      );
    }
    assertNoFraming(requests, what);
  }
  return `${all.length} shapes`;
}

async function swept(setting) {
  const host = setting.host('x-forwarded');
  const all = gadgets(host);
  let arrived = 0;
  for (const { name, bytes } of all) {
    const { result, requests } = await heard(setting, () => exchange(setting.gateway, bytes));
    assert.ok(result.isClosed, `still open: ${name}`);
    assertSaidAsHeard(result, requests, name);
    assertNoFraming(requests, name);
    arrived += requests.length;
  }
  assert.ok(arrived > 0, 'the sweep must not be refused as a whole');
  return `${all.length} sent, ${arrived} requests arrived`;
}

/// Each answer of the application is to the request it wrote down, in this order, and there is none without.
function assertSaidAsHeard({ answers }, requests, what) {
  const said = answers
    .filter(({ headers }) => headers['x-app'])
    .map(({ body }) => JSON.parse(Buffer.from(body, 'latin1').toString('utf8')));
  assert.deepEqual(said, requests, what);
}

/// No second framing under another name.
function assertNoFraming(requests, what) {
  for (const { env } of requests) {
    const folded = Object.keys(env).map((name) =>
      name
        .toUpperCase()
        .replace(/^HTTP_/, '')
        .replaceAll(/[^A-Z0-9]/g, '_'),
    );
    const lengths = Object.entries(env)
      .filter((_, index) => folded[index] === 'CONTENT_LENGTH')
      .map(([, value]) => value);
    assert.ok(
      new Set(lengths).size <= 1 && lengths.every((length) => /^\d*$/.test(length)),
      `${JSON.stringify(env)}: ${what}`,
    );
    const codings = Object.entries(env)
      .filter((_, index) => folded[index] === 'TRANSFER_ENCODING')
      .map(([, value]) => value);
    assert.ok(
      codings.every((coding) => coding === 'chunked'),
      `${JSON.stringify(env)}: ${what}`,
    );
  }
}

/// How many of the shapes the server reads otherwise, when nobody is in between.
async function shapesDirectly(setting, misread) {
  const { server } = setting;
  const found = [];
  for (const shape of shapes('localhost')) {
    const { requests } = await heard(setting, () => exchange(server.port, shape.bytes, { quiet: QUIET }));
    const isSame =
      requests.length === shape.arrives.length &&
      requests.every(({ asks, body }, index) => asks === shape.arrives[index][0] && body === shape.arrives[index][1]);
    if (!isSame) found.push({ name: shape.name, hasSmuggled: requests.some(({ asks }) => asks.includes('smuggled')) });
  }
  misread.set(server.name, found);
  const smuggled = found.filter(({ hasSmuggled }) => hasSmuggled).map(({ name }) => name);
  const arrived = smuggled.length ? `, a second request arrives with: ${smuggled.join('; ')}` : '';
  return `${found.length} read in another way${arrived}`;
}

/// Each kind of check has a server at which it fails without the gateway.
async function controls(checks, forgedBy, misread) {
  for (const name of ['php', 'wsgiref']) {
    await checks.run(`control: at ${name}, underscores forge an identity directly`, () =>
      assert.ok(forgedBy.get(name)?.includes('every - as _')),
    );
  }
  await checks.run('control: directly, a second request is smuggled into http.server', () => {
    assert.ok(misread.get('http-server')?.some(({ hasSmuggled }) => hasSmuggled));
  });
  await checks.run('control: every server reads some of the shapes in another way directly', () => {
    for (const [name, found] of misread) assert.ok(found.length > 0, name);
  });
}

/// The server that docs/OPERATING.md warns of: what is sent is one request, in chunks.
async function unread({ server, folder, stops }) {
  server.app = await startServer(server, { folder, port: server.port, python: options.python });
  stops.push(server.app.stop);
  const { head, body } = inChunk('localhost');
  const { requests } = await heard({ server }, () => exchange(server.port, head, { later: body, quiet: QUIET }));
  assert.match(requests.map(({ asks }) => asks).join(', '), /POST .public.smuggled/);
}

// Each program is ended with this one, also when this one is stopped.
process.setMaxListeners(2 * SERVERS.length + 10);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
runAll(main, RUN_SECONDS);
