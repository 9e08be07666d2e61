// Each odd request to the gateway, and to nginx before the same application; and over HTTP/2 between two good ones.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { ready, startChild } from '../shared/child.mjs';
import { temporaryFolder } from '../shared/gateway.mjs';
import { request } from '../shared/http.mjs';
import { freePorts } from '../shared/ports.mjs';
import { sleep } from '../shared/wait.mjs';
import { Session } from '../shared/http2.mjs';
import { exchange } from './client.mjs';
import { PLAIN } from './config.mjs';
import { firstLine } from './judge.mjs';
import { linesById, report } from './setting.mjs';

const SETTLED = 500;

export async function runRequests(setting, checks, cases) {
  const nginx = await startNginx(setting.upstream);
  setting.stops.push(nginx.stop);
  const ways = (one) => (one.expect.h2 ? ['HTTP/1.1', 'HTTP/2'] : ['HTTP/1.1']);
  const runs = cases.flatMap((one) => ways(one).map((where) => ({ ...one, where })));
  // One after the other: what the application got is known by when it came.
  for (const run of runs) {
    try {
      await (run.where === 'HTTP/2' ? overHttp2(setting, run) : overHttp1(setting, nginx, run));
    } catch (error) {
      run.problem = firstLine(error);
    }
  }
  await sleep(SETTLED);
  const logs = { 'HTTP/1.1': linesById(setting.running.output()), 'HTTP/2': linesById(setting.secure.output()) };
  for (const run of runs)
    if (run.id && !logs[run.where].has(run.id)) run.problem ??= `no line in the log has the id ${run.id}`;
  report(checks, runs);
}

async function overHttp1({ port, application }, nginx, run) {
  const { expect } = run;
  const host = `${PLAIN}:${port}`;
  const text = run.text.replaceAll('@HOST', host);
  const got = await sent(application, port, text);
  if (expect.malformed) return judgeMalformed(expect.malformed, got);
  if (expect.refused || (expect.orRefused && got.head === undefined)) return judgeOwnPage(run, got);
  assert.ok(
    got.head !== undefined,
    `it does not reach the application: ${got.answer.status} ${got.answer.value('sigma-gateway')}`,
  );
  if (expect.isUpgrade) assert.match(got.head, /^upgrade: websocket\r$/im);
  if (expect.reaches) assert.equal(got.head.split(' ')[1], expect.reaches);
  if (expect.asNginx) {
    const other = await sent(application, nginx.port, text);
    const [one, wanted] = [got, other].map(({ head }) => head?.split('\r\n')[0].split(' ').slice(0, -1).join(' '));
    // nginx refuses more than it has to.
    if (wanted !== undefined) assert.equal(one, wanted, 'not as nginx sends it');
  }
  const lines = got.head.split('\r\n');
  for (const line of expect.lines ?? []) assertLine(lines, line.replaceAll('@HOST', host), expect.keepsCase);
}

function assertLine(lines, wanted, keepsCase) {
  const name = (line) => line.replace(/^[^:]*/, (text) => text.toLowerCase());
  const isThere = keepsCase ? lines.includes(wanted) : lines.map(name).includes(name(wanted));
  assert.ok(isThere, `the application got no ${wanted}`);
}

/// What one request brings: the `head` that the application got, where it got one, and the `answer`.
async function sent(application, port, text) {
  application.heads.clear();
  const answer = await exchange(port, Buffer.from(text, 'latin1'), text.split(' ')[0]);
  return { answer, head: [...application.heads.values()].flat()[0] };
}

function judgeOwnPage(run, { answer, head }) {
  assert.equal(head, undefined, `it reaches the application: ${head?.split('\r\n')[0]}`);
  const { status, faults } = answer;
  assert.deepEqual(faults, []);
  const wanted = run.expect.refused ?? [400, 431];
  assert.ok(wanted.includes(status), `status ${status}`);
  run.id = answer.value('x-request-id');
  assert.ok(run.id && answer.value('sigma-gateway'), `a ${status} that is no page of ours`);
}

function judgeMalformed(statuses, { answer, head }) {
  assert.equal(head, undefined, `it reaches the application: ${head?.split('\r\n')[0]}`);
  assert.ok(statuses.includes(answer.status), `status ${answer.status}`);
}

/// The odd request ends itself alone: the one before it, and the one behind it, are answered on the same connection.
async function overHttp2({ securePort, application }, run) {
  application.heads.clear();
  const session = new Session(securePort, PLAIN);
  try {
    const [before, odd] = await Promise.all([session.ask('GET', '/pub/before'), session.ask('GET', run.expect.h2)]);
    const after = await session.ask('GET', '/pub/after');
    assert.deepEqual([before.status, after.status, session.error], [200, 200, null], 'the others on the connection');
    const head = [...application.heads.entries()].find(([target]) => !/^\/pub\/(before|after)$/.test(target));
    if (odd.status === 200) assert.equal(head?.[0], run.expect.h2, 'another target');
    else {
      assert.deepEqual([odd.status, odd.code, head], [400, 0, undefined], 'refused with a page');
      run.id = odd.headers['x-request-id'] ?? assert.fail('a 400 that is no page of ours');
    }
  } finally {
    session.close();
  }
}

async function startNginx(upstream) {
  const [port] = await freePorts(1);
  const folder = temporaryFolder('field-nginx');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  fs.writeFileSync(
    path.join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
events {}
http {
  access_log off; ${temporary.join(' ')}
  server { listen 127.0.0.1:${port}; location / { proxy_pass http://127.0.0.1:${upstream}; proxy_http_version 1.1; } }
}`,
  );
  const child = startChild('nginx', ['-p', folder, '-e', `${folder}/error.log`, '-c', `${folder}/nginx.conf`]);
  await ready(child, 'nginx to answer', async () => (await request(`http://127.0.0.1:${port}/ready`)).status === 200, {
    seconds: 20,
  });
  return { port, stop: child.stop };
}
