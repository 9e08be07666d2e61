// Load balancers in front of the gateway, with 20 ms each way in between: an attacker's application, then at once
// somebody else's request to another site, on the connection that the load balancer has kept.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { ready, startChild } from '../shared/child.mjs';
import { temporaryFolder } from '../shared/gateway.mjs';
import { request } from '../shared/http.mjs';
import { within } from '../shared/wait.mjs';
import { SECOND } from './cases.mjs';
import { ATTACKER, OTHER } from './config.mjs';

export const ROUNDS = 60;
const CONTROL_ROUNDS = 5;
const DELAY = 20;
/// A packet, and the time until the next one: what is sent at once arrives in pieces on a real network.
const SEGMENT = 1460;
const BETWEEN = 20;
const SECONDS = 10;

const passed = 'proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;';

/// At their defaults, but for what a proxy needs: two ports, the `Host` of the browser, HTTP/1.1 and kept connections
/// to the gateway (Apache's default; two lines for nginx; `http-reuse always` for HAProxy, which else shares a
/// connection a little less).
export const BALANCERS = [
  {
    name: 'nginx',
    files: (folder, { front, fronted, relay, faulty }) => ({
      'nginx.conf': `
daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  upstream gateway { server 127.0.0.1:${relay}; keepalive 16; }
  upstream faulty { server 127.0.0.1:${faulty}; keepalive 16; }
  server { listen 127.0.0.1:${front}; location / { proxy_pass http://gateway; ${passed} } }
  server { listen 127.0.0.1:${fronted}; location / { proxy_pass http://faulty; ${passed} } }
}`,
    }),
    command: (folder) => ['nginx', ['-p', folder, '-e', `${folder}/error.log`, '-c', `${folder}/nginx.conf`]],
  },
  {
    name: 'HAProxy',
    files: (_, { front, fronted, relay, faulty }) => ({
      'haproxy.cfg': `
global
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
  http-reuse always
listen gateway
  bind 127.0.0.1:${front}
  server one 127.0.0.1:${relay}
listen faulty
  bind 127.0.0.1:${fronted}
  server one 127.0.0.1:${faulty}
`,
    }),
    command: (folder) => ['haproxy', ['-f', `${folder}/haproxy.cfg`]],
  },
  {
    name: 'Apache',
    files: (folder, { front, fronted, relay, faulty }) => ({
      'apache.conf': `
ServerRoot ${folder}
PidFile ${folder}/pid
DefaultRuntimeDir ${folder}
Mutex file:${folder}
ErrorLog ${folder}/error.log
ServerName localhost
Listen 127.0.0.1:${front}
Listen 127.0.0.1:${fronted}
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
StartServers 1
ServerLimit 1
ThreadsPerChild 25
MaxRequestWorkers 25
ProxyPreserveHost On
<VirtualHost 127.0.0.1:${front}>
  ProxyPass / http://127.0.0.1:${relay}/
</VirtualHost>
<VirtualHost 127.0.0.1:${fronted}>
  ProxyPass / http://127.0.0.1:${faulty}/
</VirtualHost>
`,
    }),
    command: (folder) => ['apache2', ['-X', '-f', `${folder}/apache.conf`]],
  },
];

/// The load balancer on `front`, its relay on `relay`, and both before the attacker's application itself, for the
/// control.
export async function startBalancer(balancer, { front, relay, faulty, gateway, application }) {
  const fronted = await freePort();
  const folder = temporaryFolder(`wire-${balancer.name}`);
  for (const [name, text] of Object.entries(balancer.files(folder, { front, fronted, relay, faulty })))
    fs.writeFileSync(path.join(folder, name), text);
  const relays = [await startRelay(relay, gateway), await startRelay(faulty, application.port)];
  const child = startChild(...balancer.command(folder), { cwd: folder });
  const answers = async () =>
    (await request(`http://127.0.0.1:${front}/ready`, { headers: { host: `${OTHER}:${front}` } })).status === 200;
  await ready(child, `${balancer.name} to answer`, answers, { seconds: 30 });
  const stop = async () => {
    await child.stop();
    for (const one of relays) await one();
  };
  return { front, fronted, gateway, plays: application.plays, stop };
}

/// `ROUNDS` times the attack, then at once the next visitor. The control goes past the gateway, and must see a wrong
/// answer.
export async function attack({ front, fronted, gateway, plays }, { isControl = false } = {}) {
  const [port, rounds] = isControl ? [fronted, CONTROL_ROUNDS] : [front, ROUNDS];
  const targets = [];
  for (const folder of isControl ? ['at'] : ['at', 'api']) {
    const target = `/${folder}/attack-${front}${isControl ? '-direct' : ''}`;
    await aim(plays, target, { folder, isControl, direct: isControl ? null : gateway, host: `${ATTACKER}:${front}` });
    targets.push(target);
  }
  let wrong = 0;
  for (let round = 0; round < rounds; round += 1) {
    const agent = new http.Agent({ keepAlive: true });
    await ask(port, agent, `${ATTACKER}:${front}`, targets[round % targets.length]);
    const wanted = `/next/${round}`;
    const next = await ask(port, agent, `${OTHER}:${front}`, wanted);
    agent.destroy();
    if (next.text !== wanted || next.cookies.length > 0) wrong += 1;
  }
  if (isControl) assert.ok(wrong > 0, 'nobody got the wrong answer: the attack does not work here');
  else assert.equal(wrong, 0, `${wrong} of ${rounds} got another answer than their own`);
  return `${wrong} of ${rounds} got the wrong answer`;
}

/// The application's answer to the attack: ten bytes are announced and end with a packet, a whole answer is in the
/// next. Both framings are said; without the gateway, only the length, for the load balancers know better.
async function aim(plays, target, { folder, isControl, direct, host }) {
  const kind = folder === 'api' ? 'application/json' : 'text/html';
  const body = `0123456789${SECOND}`;
  const play = (pad) => {
    const coding = isControl ? '' : 'Transfer-Encoding: chunked\r\n';
    const lines = `Content-Type: ${kind}\r\nX-Pad: ${'x'.repeat(pad)}\r\n${coding}Content-Length: 10\r\n`;
    const head = `HTTP/1.1 200 OK\r\n${lines}\r\n`;
    plays.set(target, {
      pieces: [head + (isControl ? body : `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`)],
      end: 'keep',
    });
    return head;
  };
  let head = play(1);
  if (direct) head = await headOf(direct, host, target);
  play(SEGMENT - head.length - 10 + 1);
}

/// The head as the gateway sends it.
async function headOf(port, host, target) {
  const socket = net.connect({ host: '127.0.0.1', port });
  let text = '';
  socket.write(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  const read = new Promise((done, fail) => {
    socket.on('error', fail);
    socket.on('data', (piece) => {
      text += piece.toString('latin1');
      if (text.includes('\r\n\r\n')) done(text.slice(0, text.indexOf('\r\n\r\n') + 4));
    });
  });
  return within(SECONDS, 'the head of the attack', read).finally(() => socket.destroy());
}

function ask(port, agent, host, target) {
  const answered = new Promise((done) => {
    const call = http.request({ host: '127.0.0.1', port, path: target, agent, headers: { host } }, (answer) => {
      let text = '';
      answer.setEncoding('latin1');
      answer.on('data', (piece) => (text += piece));
      answer.on('error', (error) => done({ text: error.message, cookies: [] }));
      answer.on('end', () => done({ text, cookies: answer.headers['set-cookie'] ?? [] }));
    });
    call.on('error', (error) => done({ text: error.message, cookies: [] }));
    call.end();
  });
  return within(SECONDS, target, answered);
}

/// Passes bytes on after 20 ms, in packets; those of one burst come one after the other.
async function startRelay(port, to) {
  const open = new Set();
  const server = net.createServer({ noDelay: true }, (near) => {
    const far = net.connect({ host: '127.0.0.1', port: to, noDelay: true });
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
      socket.on('error', () => socket.destroy());
    }
    late(near, far);
    late(far, near);
  });
  await new Promise((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done));
  return async () => {
    for (const socket of open) socket.destroy();
    await new Promise((done) => server.close(done));
  };
}

function late(from, to) {
  let due = 0;
  const at = (act, pause) => {
    due = Math.max(Date.now() + DELAY, due + pause);
    setTimeout(() => to.destroyed || act(), due - Date.now());
  };
  from.on('data', (bytes) => {
    for (let start = 0; start < bytes.length; start += SEGMENT)
      at(() => to.write(bytes.subarray(start, start + SEGMENT)), start > 0 ? BETWEEN : 0);
  });
  from.on('end', () => at(() => to.end(), 0));
  from.on('close', () => at(() => to.destroy(), 0));
}

async function freePort() {
  const server = net.createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}
