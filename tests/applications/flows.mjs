// Node-RED: an editor that lives on a WebSocket and on bearer tokens, and flows that are web pages, uploads and
// sockets.

import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { start } from '../shared/application.mjs';
import { until } from '../shared/wait.mjs';
import { BULK_BYTES, hashOf, multipart, writeBulk } from './bulk.mjs';
import { equal, ok } from './check.mjs';
import { resumesDownload } from './common.mjs';
import { sigmaUrl } from './gateway.mjs';
import { Socket, refusal } from './socket.mjs';
import { attributeAt } from './visit.mjs';

const require = createRequire(import.meta.url);
const here = path.dirname(fileURLToPath(import.meta.url));
const parts = path.join(here, 'parts/flows');
const BULK_SEED = 'flows';
const BIG = '/big.bin';

export const flows = {
  name: 'node-red',
  embedPage: '/desk',
  place: (where) => where.flows,
  start: startFlows,
  walk,
  screen: { away: '/nothing/here' },
  checks: [
    { name: 'the editor hears over its WebSocket what a pressed button did', run: editorSocket },
    { name: 'the editor WebSocket refuses a wrong token itself', run: editorSocketRefused },
    { name: 'a flow answers on its own WebSocket, 200 messages in order', run: flowSocket },
    { name: 'a WebSocket of another origin is refused', run: otherOrigin },
    { name: 'the Sigma URL in an API answer becomes the stable link', run: api },
    { name: 'an upload of 100 MiB arrives whole', run: bigUpload },
    { name: 'a download of 100 MiB that broke off is resumed where it stopped', run: resume },
  ],
  /// What Node-RED makes anew in every visit.
  normalise: [
    { name: 'access token', where: 'body', pattern: /"access_token":"[^"]+"/g, as: '"access_token":"TOKEN"' },
    {
      name: 'validator of an answer with one of these',
      where: 'header',
      pattern: /^etag: W\/"([0-9a-f]+)-[^"]+"$/,
      as: 'etag: W/"$1-HASH"',
    },
    { name: 'version of an instance', where: 'body', pattern: /\?v=[0-9a-f]{12}\b/g, as: '?v=VERSION' },
    { name: 'instance id', where: 'body', pattern: /"(instanceId|installId)":"[0-9a-f]+"/g, as: '"$1":"ID"' },
  ],
};

async function startFlows({ folder, where }) {
  const home = path.join(folder, 'flows');
  fs.rmSync(home, { recursive: true, force: true });
  fs.mkdirSync(path.join(home, 'static'), { recursive: true });
  fs.copyFileSync(path.join(parts, 'settings.cjs'), path.join(home, 'settings.cjs'));
  const text = fs.readFileSync(path.join(parts, 'flows.json'), 'utf8').replace('SIGMA_URL', sigmaUrl(where));
  fs.writeFileSync(path.join(home, 'flows.json'), text);
  writeBulk(path.join(home, 'static', BIG), BULK_SEED);
  const { port } = where.flows;
  const env = { FLOWS_PORT: String(port), FLOWS_PASSWORD_HASH: require('bcryptjs').hashSync('nora-pw', 4) };
  const args = [
    path.join(here, 'node_modules/node-red/red.js'),
    '--settings',
    path.join(home, 'settings.cjs'),
    '--userDir',
    home,
  ];
  return start({ name: 'Node-RED', command: process.execPath, args, cwd: home, env, port, page: '/desk' });
}

async function walk(visit) {
  await editor(visit);
  const token = await signIn(visit);
  await deploy(visit, token);
  await ownPages(visit);
  await signOut(visit, token);
}

async function editor(visit) {
  const page = await visit.go('editor', '/');
  ok(page.text.includes('Node-RED'), 'the editor');
  const style = new URL(attributeAt(page.text, 'rel="stylesheet" href="red', 'href'), page.url);
  const first = await visit.go('its style sheet', style.pathname + style.search, { kind: 'script' });
  const known = { kind: 'script', headers: { 'if-none-match': first.headers.etag } };
  equal(
    (await visit.go('its style sheet that is known', style.pathname + style.search, known)).status,
    304,
    'unchanged',
  );
  await visit.go('its script', '/red/red.min.js', { kind: 'script' });
  await visit.go('its words', '/locales/editor?lng=en-US', { kind: 'fetch', headers: json });
}

const json = { accept: 'application/json, text/javascript, */*; q=0.01', 'x-requested-with': 'XMLHttpRequest' };

async function signIn(visit) {
  await visit.go('how to sign in', '/auth/login', { kind: 'fetch', headers: json });
  equal(
    (await visit.go('flows without a token', '/flows', { kind: 'fetch', headers: json })).status,
    401,
    'a stranger',
  );
  const ask = (title, password) =>
    visit.go(title, '/auth/token', {
      method: 'POST',
      kind: 'fetch',
      body: `client_id=node-red-editor&grant_type=password&scope=&username=nora&password=${password}`,
      headers: { ...json, 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8', origin: visit.origin },
    });
  equal((await ask('sign-in with a wrong password', 'wrong')).status, 403, 'a wrong password');
  const answer = await ask('sign-in', 'nora-pw');
  equal(answer.status, 200, 'the right password');
  return JSON.parse(answer.text).access_token;
}

async function deploy(visit, token) {
  const headers = { ...json, authorization: `Bearer ${token}`, 'node-red-api-version': 'v2' };
  const ask = (title, address, options = {}) =>
    visit.go(title, address, { kind: 'fetch', ...options, headers: { ...headers, ...options.headers } });
  await ask('settings', '/settings');
  await ask('list of nodes', '/nodes', { headers: { accept: 'application/json' } });
  await ask('forms of all nodes, 600 KB of HTML', '/nodes', { headers: { accept: 'text/html' } });
  await ask('icons', '/icons');
  const { flows: nodes, rev } = JSON.parse((await ask('flows', '/flows')).text);
  nodes.find(({ id }) => id === 'tab').info = 'changed — größer';
  const sent = {
    method: 'POST',
    body: JSON.stringify({ flows: nodes, rev }),
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'node-red-deployment-type': 'full',
      origin: visit.origin,
    },
  };
  equal((await ask('deploy', '/flows', sent)).status, 200, 'a deploy');
  equal((await ask('deploy of an old version', '/flows', sent)).status, 409, 'an old version');
  const kept = JSON.parse((await ask('flows after that', '/flows')).text);
  ok(
    kept.flows.some(({ info }) => info === 'changed — größer'),
    'the change is kept',
  );
}

async function ownPages(visit) {
  await until('the flows to run again after the deploy', async () => (await visit.ask('/desk')).status === 200);
  await visit.go('page of a flow', '/desk?who=me', { slots: 1 });
  const moved = await visit.go('an old address', '/old', { slots: 1 });
  ok(moved.text.includes('Hello you'), 'the redirect');
  equal(visit.jar.header(`${visit.origin}/desk`).includes('seen=yes'), true, 'a cookie of a redirect');
  await visit.go('an API answer', '/api/widgets', { kind: 'fetch', headers: json, slots: 1 });
  const body = multipart([['note', 'grün']], { name: 'file', filename: 'small.zip', bytes: 100_000, seed: 'small' });
  const stored = await visit.go('upload', '/upload', {
    method: 'POST',
    kind: 'fetch',
    body,
    headers: { origin: visit.origin },
  });
  equal(
    JSON.parse(stored.text),
    { note: 'grün', name: 'small.zip', size: 100_000, sha256: hashOf(100_000, 'small') },
    'what arrived',
  );
  const range = { kind: 'fetch', headers: { range: 'bytes=-100' } };
  equal((await visit.go('the end of a file', BIG, range)).status, 206, 'a range');
  await visit.go('not there', '/nothing/here');
}

async function signOut(visit, token) {
  const headers = {
    ...json,
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    origin: visit.origin,
  };
  await visit.go('sign-out', '/auth/revoke', {
    method: 'POST',
    kind: 'fetch',
    body: JSON.stringify({ token }),
    headers,
  });
  equal(
    (await visit.go('flows after signing out', '/flows', { kind: 'fetch', headers })).status,
    401,
    'the token is worth nothing now',
  );
}

async function editorSocket({ visit }) {
  const token = await signIn(visit);
  const socket = await Socket.open(visit, '/comms');
  socket.send(JSON.stringify({ auth: token }));
  await socket.next('the welcome', (text) => text.includes('"auth":"ok"'));
  socket.send(JSON.stringify({ subscribe: 'debug' }));
  const headers = {
    ...json,
    authorization: `Bearer ${token}`,
    origin: visit.origin,
    'content-type': 'application/json',
  };
  equal(
    (await visit.ask('/inject/press', { method: 'POST', kind: 'fetch', body: '{}', headers })).status,
    200,
    'the button',
  );
  const told = await socket.next('the debug message', (text) => text.includes('"topic":"debug"'));
  ok(told.includes('pressed'), 'what it tells');
  await socket.close();
}

async function editorSocketRefused({ visit }) {
  const socket = await Socket.open(visit, '/comms');
  socket.send(JSON.stringify({ auth: 'wrong' }));
  await socket.next('the refusal', (text) => text.includes('"auth":"fail"'));
  await socket.close();
}

async function flowSocket({ visit }) {
  const socket = await Socket.open(visit, '/ws/echo');
  for (let turn = 0; turn < 200; turn += 1) socket.send(`message ${turn} größer`);
  for (let turn = 0; turn < 200; turn += 1)
    equal(await socket.next(`message ${turn}`), `message ${turn} größer`, 'in order');
  await socket.close();
}

async function otherOrigin({ visit }) {
  const answer = await refusal(Socket.open(visit, '/comms', { origin: 'http://elsewhere.example' }));
  ok(answer.startsWith('403'), `refused, found ${answer}`);
}

async function api({ visit, site }) {
  const answer = await visit.ask('/api/widgets', { kind: 'fetch', headers: json });
  equal(
    JSON.parse(answer.text).widgets.map(({ url }) => url),
    [`${site}/sigma/embed/revenue`, 'https://example.com/other'],
    'its URLs',
  );
}

async function bigUpload({ visit }) {
  const body = multipart([['note', 'big']], { name: 'file', filename: 'big.zip', bytes: BULK_BYTES, seed: BULK_SEED });
  const answer = await visit.ask('/upload', { method: 'POST', kind: 'fetch', body, headers: { origin: visit.origin } });
  const { size, sha256 } = JSON.parse(answer.text);
  equal([size, sha256], [BULK_BYTES, hashOf(BULK_BYTES, BULK_SEED)], 'what arrived');
}

function resume({ visit }) {
  return resumesDownload(visit, BIG, BULK_SEED, 'last-modified');
}
