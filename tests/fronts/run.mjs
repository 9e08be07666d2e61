// Real proxies in front of the gateway: the application, the access log and the audit log are told the browser's
// address, and nothing that a browser claims changes that, through the proxy or beside it.
//
//   node run.mjs --binary PATH [--only "nginx,send-proxy-v2"]

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { makeCertificate } from '../shared/certificate.mjs';
import { runAll } from '../shared/checks.mjs';
import * as toml from '../shared/configuration.mjs';
import { newSessionKey, newSigmaSecret, startGateway, temporaryFolder } from '../shared/gateway.mjs';
import { freePorts } from '../shared/ports.mjs';
import { json, serve } from '../shared/servers.mjs';
import { until } from '../shared/wait.mjs';
import { exchange, get, getOverHttp2 } from './browser.mjs';
import { FORGERIES, PROXY_HEADERS, WORDS } from './forgeries.mjs';
import { CONTROLS, FRONTS, startProxies } from './proxies.mjs';

const { values: options } = parseArgs({ options: { binary: { type: 'string' }, only: { type: 'string' } } });
const RUN_SECONDS = 400;
const NAME = 'crm.localhost';
const BROWSERS = ['127.0.0.9', '127.0.0.10'];
const [BROWSER] = BROWSERS;
// Each folder and each child goes with this process.
process.setMaxListeners(100);
const PROXY = '127.0.0.1';

async function main(checks) {
  for (const front of FRONTS.filter(isChosen)) {
    const run = (name, check) => checks.run(`[${front.name}] ${name}`, check);
    await inWorld(front, async (world) => {
      await run('application, access log and audit log are told the address of each browser', () => honest(world));
      await run('what a browser claims of itself changes nothing', () => forged(world));
      if (front.isBrowserTls) await run('the same over HTTP/2', () => overHttp2(world));
      if (front.http) await run('nor does it beside the proxy', () => besideTheProxy(world));
      else await run('whoever comes beside the proxy has no answer', () => noAnswerBeside(world));
      if (!front.http) await run('a second PROXY header, by the browser, is no request', () => secondHeader(world));
    });
  }
  await controls(checks);
}

const isChosen = ({ name }) => !options.only || options.only.split(',').some((part) => name.includes(part));

async function inWorld(front, work) {
  const [admin, gateway, application, ...ports] = await freePorts(3 + front.hops.length);
  const stops = [];
  try {
    const heard = new Map();
    const app = await serve(application, ({ url, rawHeaders }) => {
      heard.set(url, rawHeaders);
      return json({});
    });
    stops.push(app.stop);
    const running = await start(front, { admin, gateway, application, port: ports[0] });
    stops.push(running.stop);
    stops.push(await startProxies(front, ports, gateway));
    const host = `${NAME}:${ports[0]}`;
    await work({ front, heard, host, gateway, port: ports[0], books: running.books, count: 0 });
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

async function start(front, { admin, gateway, application, port }) {
  const tls = front.tls ? '\ntls = { certificate = "tls.pem", private_key = { file = "tls.key" } }' : '';
  const url = `${front.isBrowserTls ? 'https' : 'http'}://${NAME}:${port}`;
  const text = [
    toml.listen({ address: `127.0.0.1:${gateway}`, admin, more: front.listen + tls }),
    toml.organization({ clientId: '3f0e7c526d0b4c6e9a7e2f1f' }),
    toml.identity({ issuer: 'http://127.0.0.1:1', clientId: 'sigma-gateway' }),
    toml.embed('revenue', toml.SIGMA + toml.WORKBOOK),
    toml.finance(),
    toml.site({ url, upstream: application, embeds: ['revenue'], more: toml.publicRoute('/') }),
  ].join('');
  const secrets = { 'session.key': newSessionKey(), 'sigma.secret': newSigmaSecret(), 'oidc.secret': 'never-used' };
  const folder = temporaryFolder('fronts', { 'gateway.toml': text, ...secrets });
  if (front.tls) makeCertificate(folder, [NAME]);
  const files = ['out', 'err'].map((file) => path.join(folder, file));
  const running = await startGateway({ binary: options.binary, folder, admin, files });
  const lines = (kind) =>
    fs
      .readFileSync(files[0], 'utf8')
      .split('\n')
      .filter((line) => line.includes(`"kind":"${kind}"`) && line.endsWith('}'))
      .map((line) => JSON.parse(line));
  return { stop: running.stop, books: lines };
}

/// A request through the proxy (or to another port): what the application got, and what the access log has of it.
async function told(world, from, lines, port = world.port) {
  world.count += 1;
  const target = `/page/${world.count}`;
  const name = world.front.isBrowserTls ? NAME : undefined;
  const answer = await get({ address: from, port, name }, world.host, target, lines);
  return { status: answer.status, ...(await seen(world, target)) };
}

/// What is known of a request whose answer has come.
async function seen(world, target) {
  const access = await lineOf(world, 'access', ({ path }) => path === target);
  const raw = world.heard.get(target) ?? [];
  const fields = raw.flatMap((name, index) => (index % 2 ? [] : [[name.toLowerCase(), raw[index + 1]]]));
  return { access, fields, raw: raw.join('\n') };
}

async function lineOf({ books }, kind, isIt) {
  await until(`the ${kind} line`, () => books(kind).some(isIt), { seconds: 5, every: 10 });
  return books(kind).find(isIt);
}

/// With the port or without: the PROXY protocol says it, headers mostly do not.
const addressOf = (peer) => peer.replace(/:\d+$/, '');

function assertIs(address, { status, access, fields, raw }, what) {
  assert.equal(status, 200, what);
  const forwardedFor = fields.filter(([name]) => name.replaceAll(/[^a-z]/g, '-') === 'x-forwarded-for');
  assert.deepEqual(forwardedFor, [['x-forwarded-for', address]], what);
  assert.equal(addressOf(access.peer), address, what);
  const all = `${raw}\n${access.peer} ${access.host} ${access.path}`;
  for (const word of WORDS) assert.ok(!all.includes(word), `${word}: ${what}\n${all}`);
}

async function honest(world) {
  let signIns = 0;
  for (const browser of [...BROWSERS, ...BROWSERS]) {
    assertIs(browser, await told(world, browser, []), browser);
    const name = world.front.isBrowserTls ? NAME : undefined;
    await get({ address: browser, port: world.port, name }, world.host, '/oauth2/callback?state=none&code=none');
    signIns += 1;
    await until(`audit line ${signIns}`, () => world.books('audit').length === signIns, { seconds: 5, every: 10 });
    const { event, peer } = world.books('audit').at(-1);
    assert.deepEqual([event, addressOf(peer)], ['sign_in', browser]);
  }
  return `${signIns} requests and as many audit lines`;
}

async function forged(world) {
  const plain = await told(world, BROWSER, []);
  const names = ({ fields }) => fields.map(([name]) => name).sort();
  for (const lines of FORGERIES) {
    const came = await told(world, BROWSER, lines);
    assertIs(BROWSER, came, JSON.stringify(lines));
    // No further name arrives, in no spelling.
    assert.deepEqual(names(came), names(plain), JSON.stringify(lines));
  }
  return `${FORGERIES.length} requests`;
}

async function overHttp2(world) {
  const targets = FORGERIES.map((_, index) => `/h2/${index}`);
  const fields = { 'x-forwarded-for': '8.8.8.8', forwarded: 'for=8.8.8.8', 'x-real-ip': '8.8.8.8' };
  const from = { address: BROWSER, port: world.port, name: NAME };
  const statuses = await getOverHttp2(from, world.host, targets, fields);
  for (const [index, target] of targets.entries())
    assertIs(BROWSER, { status: statuses[index], ...(await seen(world, target)) }, target);
  return `${targets.length} requests on one connection`;
}

async function besideTheProxy(world) {
  const direct = (lines) => told(world, BROWSER, lines, world.gateway);
  assertIs(BROWSER, await direct([]), 'nothing claimed');
  for (const lines of FORGERIES) assertIs(BROWSER, await direct(lines), JSON.stringify(lines));
  return `${FORGERIES.length + 1} requests`;
}

async function noAnswerBeside(world) {
  const requests = world.heard.size;
  const request = `GET /beside HTTP/1.1\r\nHost: ${world.host}\r\nConnection: close\r\n\r\n`;
  const all = ['', ...PROXY_HEADERS].map((header) => header + request);
  for (const bytes of all)
    assert.equal(await exchange({ address: BROWSER, port: world.gateway }, bytes), '', JSON.stringify(bytes));
  // Nor has the proxy's own machine, without a header.
  assert.equal(await exchange({ address: PROXY, port: world.gateway }, all[0]), '');
  assert.equal(world.heard.size, requests);
  return `${all.length + 1} connections`;
}

async function secondHeader(world) {
  const requests = world.heard.size;
  const request = `GET /second HTTP/1.1\r\nHost: ${world.host}\r\nConnection: close\r\n\r\n`;
  for (const header of PROXY_HEADERS) {
    const name = world.front.isBrowserTls ? NAME : undefined;
    const text = await exchange({ address: BROWSER, port: world.port, name }, header + request);
    assert.ok(!text.startsWith('HTTP/1.1 200'), `${JSON.stringify(header)}: ${text}`);
  }
  assert.equal(world.heard.size, requests);
  return `${PROXY_HEADERS.length} connections`;
}

/// What the checks would see.
async function controls(checks) {
  const claimed = ['X-Forwarded-For: 8.8.8.8'];
  await inWorld(CONTROLS.nobody, (world) =>
    checks.run('control: where nobody is trusted, every request is the proxy’s', async () => {
      for (const lines of [[], claimed]) assertIs(PROXY, await told(world, BROWSER, lines), `${lines}`);
    }),
  );
  await inWorld(CONTROLS.everybody, (world) =>
    checks.run('control: where browsers are trusted, what they claim is seen', async () => {
      const { access, fields } = await told(world, BROWSER, claimed);
      const [, forwardedFor] = fields.find(([name]) => name === 'x-forwarded-for');
      assert.deepEqual([forwardedFor, access.peer], ['8.8.8.8', '8.8.8.8']);
    }),
  );
}

runAll(main, RUN_SECONDS);
