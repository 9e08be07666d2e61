// An application that signs connections in (express-ntlm, in tests/ntlm), behind the gateway: who is served as whom,
// when real curl and raw sockets sign in with NTLM, over HTTP/1.1 and HTTP/2.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import http from 'node:http';
import http2 from 'node:http2';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { makeCertificate } from '../shared/certificate.mjs';
import { ready, startChild } from '../shared/child.mjs';
import * as toml from '../shared/configuration.mjs';
import { newSessionKey, newSigmaSecret, startGateway, temporaryFolder } from '../shared/gateway.mjs';
import { request } from '../shared/http.mjs';
import { freePorts } from '../shared/ports.mjs';
import { Agent } from '../shared/agent.mjs';
import { startProvider } from '../shared/provider.mjs';

const APP = path.join(path.dirname(fileURLToPath(import.meta.url)), '../ntlm/app.mjs');
const NAMES = ['ana', 'bo', 'cleo', 'dee'];
const [VISITORS, ROUNDS] = [20, 15];
const CURL_SECONDS = 60;
/// RFC 9113 7.
const HTTP_1_1_REQUIRED = 0xd;

export async function connections(checks, binary) {
  const [gateway, admin, tlsGateway, tlsAdmin, provider, port] = await freePorts(6);
  const people = Object.fromEntries(NAMES.map((name) => [name, { email: `${name}@example.com`, groups: ['finance'] }]));
  const login = await startProvider({ port: provider, clientId: 'sigma-gateway', clientSecret: 'demo-secret', people });
  // One key for both gateways: who signed in at the one is signed in at the other.
  const secrets = { 'session.key': newSessionKey(), 'sigma.secret': newSigmaSecret(), 'oidc.secret': 'demo-secret' };
  const start = (gatewayPort, adminPort, isTls) => {
    const text = configuration({ gateway: gatewayPort, admin: adminPort, isTls, issuer: login.issuer, upstream: port });
    const folder = temporaryFolder('ntlm', { 'gateway.toml': text, ...secrets });
    if (isTls) makeCertificate(folder, ['localhost', 'one.localhost', 'two.localhost']);
    return startGateway({ binary, folder, admin: adminPort });
  };
  const app = startChild('node', [APP, String(port)]);
  await ready(app, 'express-ntlm to answer', async () => (await request(`http://127.0.0.1:${port}/`)).status === 401, {
    seconds: 20,
  });
  const running = [await start(gateway, admin, false), await start(tlsGateway, tlsAdmin, true)];
  const place = { gateway, tlsGateway, port, log: () => running[0].output(), sessions: new Map() };
  const run = (name, check) => checks.run(`[express-ntlm] ${name}`, () => check(place));
  try {
    await run("control: directly, a connection that was signed in is its person's for whoever comes next", directly);
    await run('everybody signs in at both sites', signIn);
    await run('curl signs in once and is served as itself for all requests of its connection', once);
    await run(`none of ${VISITORS} visitors without anything is served as the person before`, visitors);
    await run(`four people at once, ${NAMES.length * ROUNDS} requests: each is served as itself`, atOnce);
    await run('four people on one connection of a load balancer: nobody is served as somebody else', oneConnection);
    await run('another site never serves it, on the same client connection or another', sites);
    await run('without a session NTLM is refused with connection_bound, by curl and without any', refused);
    await run('over HTTP/2 the stream is reset with HTTP_1_1_REQUIRED', overHttp2);
    await run('curl --http2 --ntlm', curlOverHttp2);
    await run('an event line tells it once for each site', told);
  } finally {
    for (const one of [...running, app, login]) await one.stop();
  }
}

const site = (name, port, isTls = false) => `http${isTls ? 's' : ''}://${name}.localhost:${port}`;

function configuration({ gateway, admin, isTls, issuer, upstream }) {
  const more = isTls ? 'tls = { certificate = "tls.pem", private_key = { file = "tls.key" } }' : '';
  const optional = '\n[[site.route]]\npath = "/optional/"\naccess = "optional"\n';
  return [
    toml.listen({ address: `127.0.0.1:${gateway}`, admin, more }),
    toml.organization({ clientId: '3f0e7c526d0b4c6e9a7e2f1f' }),
    toml.identity({ issuer, clientId: 'sigma-gateway' }),
    ...['one', 'two'].map((name) =>
      toml.site({
        url: site(name, gateway, isTls),
        upstream,
        embeds: [],
        more: toml.publicRoute('/public/') + optional,
      }),
    ),
  ].join('');
}

async function signIn(place) {
  for (const name of NAMES) {
    const agent = new Agent();
    for (const where of ['one', 'two']) await agent.signIn(site(where, place.gateway), name);
    const cookie = (host) => [...agent.cookies(host)].map((pair) => pair.join('=')).join('; ');
    place.sessions.set(name, { one: cookie('one.localhost'), two: cookie('two.localhost') });
    agent.close();
  }
}

/// What curl got for each URL: `{ status, connects, version, person }`; `person` is who the application says was
/// asking.
async function curl(place, { name, as = name, paths, isTls = false, args = [] }) {
  const where = site('one', isTls ? place.tlsGateway : place.gateway, isTls);
  const session = name ? ['--header', `Cookie: ${place.sessions.get(name).one}`] : [];
  const user = as ? ['--ntlm', '--user', `CORP\\${as}:x`] : [];
  const commandLine = [
    '--silent',
    '--show-error',
    '--insecure',
    '--noproxy',
    '*',
    '--write-out',
    '#%{http_code} %{num_connects} %{http_version};',
    ...args,
    ...user,
    ...session,
    ...paths.map((one) => where + one),
  ];
  const { stdout } = await promisify(execFile)('curl', commandLine, { timeout: CURL_SECONDS * 1000 }).catch(
    (error) => error,
  );
  return [...stdout.matchAll(/([^#]*)#(\d+) (\d+) ([\d.]+);/g)].map(([, body, status, connects, version]) => ({
    status: Number(status),
    connects: Number(connects),
    version,
    person: personIn(body),
  }));
}

const personIn = (text) => /CORP\\(\w+)/.exec(text ?? '')?.[1] ?? '';

/// Requests one after the other on one connection: `ask(path, { host, headers })` gives `{ status, headers, text,
/// person }`.
function openConnection(port) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (where, { host = `one.localhost:${port}`, headers = {}, method = 'GET' } = {}) =>
    new Promise((done, fail) => {
      const call = http.request(
        { host: '127.0.0.1', port, path: where, method, headers: { host, ...headers }, agent },
        (answer) => {
          let text = '';
          answer.on('data', (piece) => (text += piece));
          answer.on('error', fail);
          answer.on('end', () =>
            done({
              status: answer.statusCode,
              headers: answer.headers,
              text,
              person: personIn(text),
              isKept: call.reusedSocket,
            }),
          );
        },
      );
      call.on('error', fail);
      call.end();
    });
  return { ask, close: () => agent.destroy() };
}

/// NTLM's first message (MS-NLMP 2.2.1.1), and its last (2.2.1.3) of somebody, without any proof.
const HELLO = [Buffer.from('NTLMSSP\0\x01\0\0\0'), Buffer.from([7, 0x82, 8, 0]), Buffer.alloc(16)];
const hello = `NTLM ${Buffer.concat(HELLO).toString('base64')}`;

function answerOf(name) {
  const texts = [Buffer.alloc(24), Buffer.alloc(24), 'CORP', name, 'HOST', ''].map((text) => Buffer.from(text));
  const head = Buffer.alloc(64);
  head.write('NTLMSSP\0\x03', 'latin1');
  let at = head.length;
  for (const [index, text] of texts.entries()) {
    const field = 12 + index * 8;
    head.writeUInt16LE(text.length, field);
    head.writeUInt16LE(text.length, field + 2);
    head.writeUInt32LE(at, field + 4);
    at += text.length;
  }
  return `NTLM ${Buffer.concat([head, ...texts]).toString('base64')}`;
}

/// Both steps; gives the last answer.
async function signConnectionIn(connection, name, { headers = {}, ...rest } = {}) {
  await connection.ask('/a', { ...rest, headers: { ...headers, authorization: hello } });
  return connection.ask('/a', { ...rest, headers: { ...headers, authorization: answerOf(name) } });
}

async function directly({ port }) {
  const connection = openConnection(port);
  assert.equal((await signConnectionIn(connection, 'ana')).person, 'ana');
  const next = await connection.ask('/b');
  assert.deepEqual([next.person, next.isKept], ['ana', true]);
  connection.close();
}

async function once(place) {
  const answers = await curl(place, { name: 'ana', paths: ['/a', '/b', '/public/c', '/optional/d', '/e'] });
  assert.deepEqual(
    answers.map(({ status, person }) => [status, person]),
    Array(5).fill([200, 'ana']),
  );
  assert.equal(
    answers.reduce((sum, { connects }) => sum + connects, 0),
    1,
    'one client connection',
  );
  const connection = openConnection(place.gateway);
  const headers = { cookie: place.sessions.get('ana').one };
  const first = await signConnectionIn(connection, 'ana', { headers });
  const later = await connection.ask('/b', { headers });
  assert.deepEqual(
    [later.person, later.headers['x-connection'], later.headers['x-messages']],
    ['ana', first.headers['x-connection'], '2'],
  );
  connection.close();
}

async function visitors(place) {
  const hers = openConnection(place.gateway);
  const headers = { cookie: place.sessions.get('ana').one };
  let [served, asked] = [0, 0];
  for (let visitor = 0; visitor < VISITORS; visitor += 1) {
    // Before each, curl signs in and leaves, and somebody else signs in and stays.
    await curl(place, { name: 'ana', paths: ['/a', '/b'] });
    assert.equal((await signConnectionIn(hers, 'ana', { headers })).person, 'ana');
    const connection = openConnection(place.gateway);
    const answer = await connection.ask(visitor % 2 ? '/public/a' : '/optional/a', {
      host: `${visitor % 4 < 2 ? 'one' : 'two'}.localhost:${place.gateway}`,
    });
    connection.close();
    asked += 1;
    if (answer.person) served += 1;
    else assert.deepEqual([answer.status, answer.headers['sigma-gateway']], [403, 'connection_bound']);
  }
  hers.close();
  assert.equal(served, 0, `${served} of ${asked} are served as somebody`);
  return `0 of ${asked}`;
}

async function atOnce(place) {
  const paths = Array.from({ length: ROUNDS }, (_, round) => `/${['a', 'public/a', 'optional/a'][round % 3]}${round}`);
  const all = await Promise.all(
    NAMES.map(async (name) =>
      (await curl(place, { name, paths, args: ['--rate', '1200/m'] })).map((answer) => [name, answer]),
    ),
  );
  const own = all.flat().filter(([name, answer]) => answer.status === 200 && answer.person === name).length;
  assert.equal(
    own,
    NAMES.length * ROUNDS,
    JSON.stringify(
      all
        .flat()
        .filter(([name, { person }]) => name !== person)
        .slice(0, 3),
    ),
  );
  return `${own} of ${NAMES.length * ROUNDS} are their own`;
}

async function oneConnection(place) {
  const shared = openConnection(place.gateway);
  let count = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, name] of NAMES.entries()) {
      const headers = { cookie: place.sessions.get(name).one };
      if ((round + index) % 3 === 0) assert.equal((await signConnectionIn(shared, name, { headers })).person, name);
      const next = NAMES[(index + 1) % NAMES.length];
      for (const [who, lines] of [
        [next, { cookie: place.sessions.get(next).one }],
        ['', {}],
      ]) {
        const answer = await shared.ask('/public/a', { headers: lines });
        assert.ok(answer.person === '' || answer.person === who, `${who || 'nobody'} is served as ${answer.person}`);
        count += 1;
      }
    }
  }
  shared.close();
  return `${count} requests`;
}

async function sites(place) {
  const connection = openConnection(place.gateway);
  const { one, two } = place.sessions.get('ana');
  assert.equal((await signConnectionIn(connection, 'ana', { headers: { cookie: one } })).person, 'ana');
  const host = `two.localhost:${place.gateway}`;
  const other = await connection.ask('/a', { host, headers: { cookie: two } });
  assert.deepEqual([other.status, other.person, other.headers['www-authenticate']], [401, '', 'NTLM']);
  const fresh = openConnection(place.gateway);
  assert.equal((await fresh.ask('/a', { host, headers: { cookie: place.sessions.get('bo').two } })).person, '');
  for (const one of [connection, fresh]) one.close();
}

async function refused(place) {
  for (const where of ['/public/a', '/optional/a']) {
    const answers = await curl(place, { as: 'ana', paths: [where] });
    assert.deepEqual(
      answers.map(({ status, person }) => [status, person]),
      [[403, '']],
      where,
    );
  }
  const connection = openConnection(place.gateway);
  for (const authorization of [hello, 'negotiate YII=', 'Kerberos\tx', 'nTLM']) {
    const answer = await connection.ask('/public/a', { headers: { authorization } });
    assert.deepEqual([answer.status, answer.headers['sigma-gateway']], [403, 'connection_bound'], authorization);
  }
  connection.close();
}

async function overHttp2(place) {
  const session = http2.connect(`https://127.0.0.1:${place.tlsGateway}`, {
    rejectUnauthorized: false,
    servername: 'one.localhost',
  });
  const ask = (where, headers) =>
    new Promise((done) => {
      let status = 0;
      const stream = session.request({ ':path': where, ':authority': `one.localhost:${place.tlsGateway}`, ...headers });
      stream.on('response', (head) => (status = head[':status']));
      stream.on('error', () => {}); // a reset is told by `close`
      stream.on('close', () => done([status, stream.rstCode]));
      stream.resume();
    });
  const { one: cookie } = place.sessions.get('ana');
  try {
    assert.deepEqual(
      await ask('/a', { cookie, authorization: hello }),
      [0, HTTP_1_1_REQUIRED],
      'a request that signs in',
    );
    assert.deepEqual(await ask('/a', { cookie }), [0, HTTP_1_1_REQUIRED], 'a challenge');
    assert.deepEqual(await ask('/public/a', {}), [403, 0], 'nobody is signed in');
  } finally {
    session.close();
  }
}

/// curl, asked for NTLM, asks over HTTP/1.1 by itself: what it does is told, that it is served as itself is checked.
async function curlOverHttp2(place) {
  const answers = await curl(place, { name: 'bo', paths: ['/a', '/b', '/c'], isTls: true, args: ['--http2'] });
  assert.deepEqual(
    answers.map(({ status, person }) => [status, person]),
    Array(3).fill([200, 'bo']),
    JSON.stringify(answers),
  );
  // Without `--ntlm` it asks over HTTP/2, hears that HTTP/1.1 is required, and asks again.
  const [sentBack] = await curl(place, { name: 'bo', as: '', paths: ['/a'], isTls: true, args: ['--http2'] });
  assert.deepEqual([sentBack.status, sentBack.version], [401, '1.1']);
  return `over HTTP/${answers.map(({ version }) => version).join(', ')}`;
}

function told(place) {
  const lines = place
    .log()
    .split('\n')
    .filter((line) => line.includes('signs connections in'))
    .map((line) => JSON.parse(line));
  assert.deepEqual(lines.map(({ site: name }) => name).sort(), ['one.localhost', 'two.localhost']);
}
