// JupyterLab from PyPI: a policy of its own in every answer (`frame-ancestors`, for files `sandbox`), tokens against
// forgery, and notebooks that live on a WebSocket. What a notebook shows, a script of its page makes.

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { start } from '../shared/application.mjs';
import { MEBIBYTE, writeBulk } from './bulk.mjs';
import { equal, ok } from './check.mjs';
import { resumesDownload } from './common.mjs';
import { sigmaUrl } from './gateway.mjs';
import { enter, inBrowser, open } from './screen.mjs';
import { Socket, refusal } from './socket.mjs';
import { Visit, attributeAt } from './visit.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const parts = path.join(here, 'parts/jupyterlab');
const PROGRAM = path.join(here, '../../target/tools/jupyterlab/bin/jupyter-lab');
const TOKEN = 'lab-token';
const BULK_SEED = 'jupyterlab';
const BIG = '/files/big.bin';
const NOTEBOOK = '/lab/tree/report.ipynb';
const REPORT = '/files/report.html';
const PAGE_POLICY = "frame-ancestors 'self'; report-uri /api/security/csp-report";

export const jupyterlab = {
  name: 'jupyterlab',
  embedPage: REPORT,
  place: (where) => where.jupyter,
  start: startLab,
  signIn,
  walk,
  screen: { embedPage: NOTEBOOK, signIn: signInOnScreen, reveal: runCell, away: '/api' },
  checks: [
    { name: 'its policies are its own, to the letter', run: policies },
    {
      name: 'in a page that it puts into a sandbox the frame says why it is empty, and mints nothing',
      run: sandboxed,
    },
    { name: 'a kernel answers over its WebSocket as directly, 1 MiB at once too', run: kernel },
    { name: 'a terminal answers over its WebSocket', run: terminal },
    { name: 'a WebSocket of another origin is refused', run: otherOrigin },
    { name: 'a download of 100 MiB that broke off is resumed where it stopped', run: resume },
  ],
  /// What JupyterLab makes anew in every visit.
  normalise: [
    { name: 'cookie', where: 'header', pattern: /^set-cookie: (lab|_xsrf)="?[^;]*/, as: 'set-cookie: $1=ID' },
    { name: 'expiry of a cookie', where: 'header', pattern: /expires=[^;]+;/g, as: 'expires=TIME;' },
    { name: 'ten years from now', where: 'header', pattern: /^expires: .*/, as: 'expires: TIME' },
    { name: 'form token', where: 'body', pattern: /(name="_xsrf" value=")[^"]+/g, as: '$1TOKEN' },
    {
      name: 'validator of a page with one of these',
      where: 'header',
      pattern: /^etag: "[0-9a-f]{40}"$/,
      as: 'etag: HASH',
    },
    { name: 'length of one', where: 'header', pattern: /^content-length: .*/, as: 'content-length: N' },
    { name: 'time of a change', where: 'header', pattern: /^last-modified: .*/, as: 'last-modified: TIME' },
    { name: 'name of nobody', where: 'body', pattern: /"Anonymous \w+"/g, as: '"NAME"' },
    { name: 'its initials', where: 'body', pattern: /"initials": "\w+"/g, as: '"initials": "AA"' },
    { name: 'id', pattern: /\b[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\b/g, as: 'ID' },
    {
      name: 'time of day',
      where: 'body',
      pattern: /\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?/g,
      as: 'TIME',
    },
  ],
};

async function startLab({ folder, where }) {
  const home = path.join(folder, 'jupyterlab');
  fs.rmSync(home, { recursive: true, force: true });
  const documents = path.join(home, 'documents');
  fs.mkdirSync(documents, { recursive: true });
  const page = `<!doctype html>\n<title>Umsätze</title>\n<h1>Zahlen</h1>\n<iframe src="${sigmaUrl(where)}"></iframe>\n`;
  fs.writeFileSync(path.join(documents, 'report.html'), page);
  fs.copyFileSync(path.join(parts, 'report.ipynb'), path.join(documents, 'report.ipynb'));
  writeBulk(path.join(documents, 'big.bin'), BULK_SEED);
  const { port } = where.jupyter;
  const env = { LAB_PORT: String(port), LAB_FOLDER: documents, SHELL: '/bin/sh', HOME: home };
  for (const name of ['JUPYTER_CONFIG_DIR', 'JUPYTER_DATA_DIR', 'JUPYTER_RUNTIME_DIR', 'IPYTHONDIR'])
    env[name] = path.join(home, name);
  const args = [`--config=${path.join(parts, 'settings.py')}`];
  return start({ name: 'JupyterLab', command: PROGRAM, args, cwd: home, env, port, page: '/login' });
}

async function walk(visit) {
  const login = await visit.go('front page', '/');
  const refused = await visit.submit('sign-in with a wrong token', login, 'name="password"', { password: 'wrong' });
  ok(refused.text.includes('Invalid credentials'), 'JupyterLab refuses a wrong token');
  const page = await visit.submit('sign-in', login, 'name="password"', { password: TOKEN });
  ok(page.text.includes('jupyter-config-data'), 'the page of JupyterLab');
  await assets(visit, page);
  await contents(visit);
  await kernels(visit);
  await visit.go('page with a frame', REPORT, { slots: 1 });
  await visit.go('end of a file', BIG, { kind: 'fetch', headers: { range: 'bytes=-100' } });
  await visit.go('not there', '/files/nothing.html');
  await visit.go('sign-out', '/logout');
  await visit.go('page after signing out', '/lab');
}

async function signIn(visit) {
  const login = await visit.ask('/login');
  return visit.submit('sign-in', login, 'name="password"', { password: TOKEN });
}

async function signInOnScreen(page, origin) {
  await open(page, `${origin}/login`);
  await page.type('#password_input', TOKEN);
  await Promise.all([page.waitForNavigation({ waitUntil: 'load' }), page.click('#login_submit')]);
}

async function assets(visit, page) {
  const script = attributeAt(page.text, '<script defer', 'src') ?? '';
  const first = await visit.go('its script', script, { kind: 'script' });
  ok(first.size > 100_000, 'its script is there');
  const known = { kind: 'script', headers: { 'if-modified-since': first.headers['last-modified'] } };
  equal((await visit.go('its script that is known', script, known)).status, 304, 'unchanged');
  await visit.go('picture', '/static/favicon.ico', { kind: 'image' });
  await visit.go('themes', '/lab/api/themes/@jupyterlab/theme-light-extension/index.css', { kind: 'script' });
}

/// What its scripts send with everything that changes something.
const marked = (visit) => ({
  accept: '*/*',
  'content-type': 'application/json',
  'x-xsrftoken': visit.jar.value(`${visit.origin}/`, '_xsrf'),
  origin: visit.origin,
});

function api(visit, title, method, address, value) {
  const body = value === undefined ? undefined : JSON.stringify(value);
  return visit.go(title, address, { method, kind: 'fetch', body, headers: marked(visit) });
}

async function contents(visit) {
  await api(visit, 'who one is', 'GET', '/api/me');
  await api(visit, 'settings', 'GET', '/lab/api/settings');
  await api(visit, 'folder', 'GET', '/api/contents?content=1');
  const text = { type: 'file', format: 'text', content: 'größer als zuvor' };
  equal((await api(visit, 'new file', 'PUT', '/api/contents/note.txt', text)).status, 201, 'a new file');
  const unmarked = { method: 'PUT', kind: 'fetch', body: JSON.stringify(text), headers: { origin: visit.origin } };
  equal(
    (await visit.go('a change without its token', '/api/contents/note.txt', unmarked)).status,
    403,
    'a forged change',
  );
  const kept = await api(visit, 'the file', 'GET', '/api/contents/note.txt?content=1');
  equal(JSON.parse(kept.text).content, text.content, 'what is kept');
  await api(visit, 'notebook', 'GET', '/api/contents/report.ipynb?content=1');
  await api(visit, 'file taken away', 'DELETE', '/api/contents/note.txt');
}

async function kernels(visit) {
  await api(visit, 'kinds of kernels', 'GET', '/api/kernelspecs');
  const made = await api(visit, 'new kernel', 'POST', '/api/kernels', { name: 'python3' });
  equal(made.status, 201, 'a new kernel');
  const { id } = JSON.parse(made.text);
  equal((await api(visit, 'kernel taken away', 'DELETE', `/api/kernels/${id}`)).status, 204, 'its end');
}

async function policies({ visit }) {
  const policy = async (address) => (await visit.ask(address)).headers['content-security-policy'];
  equal(await policy('/lab'), PAGE_POLICY, 'of its page');
  equal(await policy(REPORT), `${PAGE_POLICY}; sandbox allow-scripts`, 'of a file');
}

/// Nothing of a site is same-origin to a page in a sandbox without `allow-same-origin`, and has no cookies there.
async function sandboxed(setting) {
  const { sigma, site } = setting;
  await inBrowser(setting, async (page) => {
    await enter(page, site, 'ana');
    await signInOnScreen(page, site);
    const before = sigma.mark();
    await open(page, site + REPORT, `${site}/lab`);
    await sigma.quiet(500);
    equal(sigma.openedSince(before), [], 'what Sigma was asked for');
    const frame = page.frames().find((found) => found !== page.mainFrame());
    ok(frame.url().startsWith(site), `a page of the gateway, found ${frame.url()}`);
  });
}

/// Runs the notebook's cell, and keeps what it shows: Lab trusts that when the page is opened again.
async function runCell(page) {
  const cell = '.jp-CodeCell .cm-content';
  await page.waitForSelector(cell);
  await page.waitForFunction("document.body.innerText.includes('Python 3 (ipykernel) | Idle')");
  await page.click(cell);
  await pressed(page, 'Shift', 'Enter');
  await page.waitForSelector('.jp-OutputArea iframe');
  await pressed(page, 'Control', 's');
}

async function pressed(page, held, key) {
  await page.keyboard.down(held);
  await page.keyboard.press(key);
  await page.keyboard.up(held);
}

async function kernel({ visit, site, directPort }) {
  const direct = new Visit({ origin: site, port: directPort });
  await signIn(direct);
  const [wanted, found] = [await calculated(direct), await calculated(visit)];
  direct.leave();
  equal(found, wanted, 'what a kernel says');
  equal(found.stream, MEBIBYTE + 3, 'how much it printed');
  equal(found.result, "'größer 42'", 'its result');
}

const CODE = `print('x' * ${MEBIBYTE}, flush=True)\nprint(1)\nf'größer {6 * 7}'`;

/// Runs CODE in a kernel of its own: the kinds of messages, how much it printed, its result.
async function calculated(visit) {
  const made = await visit.ask('/api/kernels', {
    method: 'POST',
    kind: 'fetch',
    body: JSON.stringify({ name: 'python3' }),
    headers: marked(visit),
  });
  const { id } = JSON.parse(made.text);
  const socket = await Socket.open(visit, `/api/kernels/${id}/channels?session_id=s1`);
  const header = {
    msg_id: 'm1',
    username: 'ana',
    session: 's1',
    date: '',
    msg_type: 'execute_request',
    version: '5.3',
  };
  const content = { code: CODE, silent: false, store_history: true, user_expressions: {}, allow_stdin: false };
  socket.send(JSON.stringify({ header, parent_header: {}, metadata: {}, content, channel: 'shell', buffers: [] }));
  const kinds = new Set();
  let stream = 0;
  let result = '';
  // Two channels in one, each in its order.
  for (const ends = new Set(); ends.size < 2; ) {
    const message = JSON.parse(await socket.next('a message of the kernel'));
    if (message.parent_header.msg_id !== 'm1') continue;
    kinds.add(message.msg_type);
    if (message.msg_type === 'stream') stream += message.content.text.length;
    if (message.msg_type === 'execute_result') result = message.content.data['text/plain'];
    if (message.msg_type === 'execute_reply') ends.add('reply');
    if (message.content.execution_state === 'idle') ends.add('idle');
  }
  await socket.close();
  await visit.ask(`/api/kernels/${id}`, { method: 'DELETE', kind: 'fetch', headers: marked(visit) });
  return { kinds: [...kinds].sort(), stream, result };
}

async function terminal({ visit }) {
  const made = await visit.ask('/api/terminals', { method: 'POST', kind: 'fetch', body: '', headers: marked(visit) });
  const socket = await Socket.open(visit, `/terminals/websocket/${JSON.parse(made.text).name}`);
  await socket.next('its set-up', (text) => text.includes('setup'));
  socket.send(JSON.stringify(['stdin', 'echo $((40 + 2)) there\r']));
  await socket.next('its answer', (text) => text.includes('42 there'));
  await socket.close();
}

async function otherOrigin({ visit }) {
  const opening = Socket.open(visit, '/api/events/subscribe', { origin: 'http://elsewhere.example' });
  const answer = await refusal(opening);
  ok(answer.startsWith('403'), `refused, found ${answer}`);
}

function resume({ visit }) {
  return resumesDownload(visit, BIG, BULK_SEED, 'last-modified');
}
