// What goes on behind an answer: an upload that is still on its way, a connection that is closed, the next request.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '../shared/gateway.mjs';
import { sleep, until } from '../shared/wait.mjs';
import { Connection, requestOf } from './client.mjs';
import { PLAIN } from './config.mjs';

const run = promisify(execFile);
const UPLOAD = Buffer.alloc(8 * 1024 * 1024, 'a');
const PIECE_BYTES = 256 * 1024;
const PAUSE = 5;
const TIMES = 20;

const head = (...lines) => Buffer.from(`${['HTTP/1.1 200 OK', ...lines].join('\r\n')}\r\n\r\n`);
const OK = Buffer.concat([head('Content-Length: 2'), Buffer.from('ok')]);
const OK_IN_CHUNKS = Buffer.concat([head('Transfer-Encoding: chunked'), Buffer.from('2\r\nok\r\n0\r\n\r\n')]);
const OK_AT_LAST = Buffer.concat([head('Content-Length: 2', 'Connection: close'), Buffer.from('ok')]);

/// Each: `kind`, `name`, and `run(setting)`, which gives what is shown of it.
export const BEHIND = [
  ['a length', OK],
  ['chunks', OK_IN_CHUNKS],
  ['the word that it is the last', OK_AT_LAST],
].flatMap(([name, answer], index) => [
  {
    name: `an upload that is answered early, with ${name}, reaches the application whole`,
    run: (setting) => slowUpload(setting, `/pub/early${index}`, answer),
  },
  {
    name: `the same over HTTP/2, with ${name}, from curl`,
    run: (setting) => curlUpload(setting, `/pub/early-h2-${index}`, answer),
  },
]);
BEHIND.push(
  { name: 'a refusal over HTTP/2 of an upload that nobody reads reaches curl', run: refusedUpload },
  { name: 'an application that closes behind each answer, a moment later, loses no POST', run: closedUnsaid },
  { name: 'an answer that breaks off before its body still has its head', run: headAlone },
  { name: 'an odd target behind a request in chunks, or one that asks for h2c, gets our page', run: oddBehind },
);
for (const one of BEHIND) one.kind = 'behind';

export async function runBehind(setting, checks, cases) {
  for (const { name, run: show } of cases) await checks.run(name, () => show(setting));
}

async function slowUpload({ port, application }, target, answer) {
  application.plays.set(target, { pieces: [answer], end: 'keep' });
  const connection = new Connection(port);
  const lines = `Host: ${PLAIN}:${port}\r\nContent-Length: ${UPLOAD.length}`;
  const got = await connection.ask(`POST ${target} HTTP/1.1\r\n${lines}\r\n\r\n`, 'POST');
  assert.deepEqual([got.status, got.body], [200, 'ok']);
  for (let at = 0; at < UPLOAD.length; at += PIECE_BYTES) {
    connection.socket.write(UPLOAD.subarray(at, at + PIECE_BYTES));
    await sleep(PAUSE);
  }
  const next = await connection.ask(requestOf('GET', `${PLAIN}:${port}`, '/pub/next', {}));
  connection.close();
  assert.deepEqual([next.status, next.body], [200, 'ok'], 'the next request on the connection');
  return arrived(application, target);
}

async function curlUpload({ securePort, application }, target, answer) {
  application.plays.set(target, { pieces: [answer], end: 'keep' });
  assert.equal(await curl(securePort, target), 'ok 200 2');
  return arrived(application, target);
}

async function arrived({ bodies }, target) {
  await until('the whole upload', () => bodies.get(target) === UPLOAD.length);
  return `${UPLOAD.length} bytes`;
}

async function refusedUpload({ securePort }) {
  assert.match(await curl(securePort, '/sigma/nothing'), /not_found.* 404 2$/s);
}

/// At a rate at which the answer is there first.
async function curl(port, target) {
  const file = path.join(temporaryFolder('field-upload'), 'upload');
  fs.writeFileSync(file, UPLOAD);
  const to = ['--resolve', `${PLAIN}:${port}:127.0.0.1`, `https://${PLAIN}:${port}${target}`];
  const how = ['--silent', '--insecure', '--http2', '--max-time', '20', '--limit-rate', '8M', '--header', 'Expect:'];
  const what = ['--data-binary', `@${file}`, '--write-out', ' %{http_code} %{http_version}'];
  return (await run('curl', [...how, ...what, ...to])).stdout;
}

async function closedUnsaid({ port, application }) {
  application.plays.set('/pub/unsaid', { pieces: [OK, PAUSE], end: 'close' });
  const connection = new Connection(port);
  const ask = (method) => connection.ask(requestOf(method, `${PLAIN}:${port}`, '/pub/unsaid', {}, ''), method);
  // As the first pages are got, it is seen.
  for (let times = 0; times < 3; times += 1) assert.equal((await ask('GET')).status, 200);
  for (let times = 0; times < TIMES; times += 1) assert.equal((await ask('POST')).status, 200, `POST ${times}`);
  connection.close();
  return `${TIMES} of ${TIMES}`;
}

/// On a kept connection a browser would send its request again, had nothing come.
async function headAlone({ port, application }) {
  for (const [index, framing] of ['Content-Length: 5', 'Transfer-Encoding: chunked'].entries()) {
    const target = `/pub/head-alone${index}`;
    application.plays.set(target, { pieces: [head(framing)], end: 'close' });
    for (const method of ['GET', 'POST']) {
      const connection = new Connection(port);
      await connection.ask(requestOf('GET', `${PLAIN}:${port}`, '/pub/first', {}));
      const got = await connection.ask(requestOf(method, `${PLAIN}:${port}`, target, {}), method);
      connection.close();
      assert.deepEqual([got.status, got.body, got.isWhole], [200, '', false], `${framing} ${method}`);
    }
  }
}

async function oddBehind({ port }) {
  const lines = `HTTP/1.1\r\nHost: ${PLAIN}:${port}\r\n`;
  const chunks = '3\r\nabc\r\n0a;b=c\r\n0123456789\r\n0\r\n';
  for (const first of [
    `POST /pub/a ${lines}Transfer-Encoding: chunked\r\n\r\n${chunks}\r\n`,
    `POST /pub/a ${lines}Transfer-Encoding: chunked\r\n\r\n${chunks}X-T: a\r\n\r\n`,
    `GET /pub/a ${lines}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n`,
  ])
    for (const target of ['/pub/a`b', '/pub/x?q=<a>', '/pub/x?q=caf\xe9']) {
      const connection = new Connection(port);
      assert.equal((await connection.ask(first, first.split(' ')[0])).status, 200);
      const got = await connection.ask(Buffer.from(`GET ${target} ${lines}\r\n`, 'latin1'));
      connection.close();
      assert.deepEqual([got.status, got.value('sigma-gateway')], [400, 'bad_path'], target);
      assert.ok(got.value('x-request-id'), 'no id');
    }
}
