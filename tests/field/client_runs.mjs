// What clients do that is no odd head: a whole upload before the answer is looked at, a POST that says no length, a
// copy to another path of the site.

import assert from 'node:assert/strict';
import net from 'node:net';
import tls from 'node:tls';
import { Session } from '../shared/http2.mjs';
import { within } from '../shared/wait.mjs';
import { PLAIN } from './config.mjs';

const SECONDS = 30;
const TIMES = 6;
const UPLOAD = Buffer.alloc(8 * 1024 * 1024, 'a');
const TOO_LARGE = 'HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig';

/// Each: `kind`, `name`, and `run(setting)`, which gives what is shown of it.
export const CLIENTS = [
  ['an upload that the application refuses at once', '/pub/refused', 413, 'big'],
  ['an upload to what the gateway does not have', '/sigma/nothing', 404, 'not_found'],
].flatMap(([name, target, status, says]) =>
  [false, true].map((isSecure) => ({
    kind: 'clients',
    name: `${name}, ${isSecure ? 'TLS' : 'plain'}: its answer arrives`,
    run: (setting) => upload(setting, { target, status, says, isSecure }),
  })),
);

CLIENTS.push(
  { kind: 'clients', name: 'a POST without a body has a length', run: (setting) => lengths(setting) },
  { kind: 'clients', name: 'a COPY says where to, as the application sees it', run: (setting) => copies(setting) },
);

export async function runClients(setting, checks, cases) {
  for (const { name, run } of cases) await checks.run(name, () => run(setting));
}

function connect({ port, securePort }, isSecure) {
  const host = '127.0.0.1';
  if (!isSecure) return [net.connect({ host, port }), `${PLAIN}:${port}`];
  const options = { host, port: securePort, servername: PLAIN, ALPNProtocols: ['http/1.1'], rejectUnauthorized: false };
  return [tls.connect(options), `${PLAIN}:${securePort}`];
}

/// As browsers do it: the whole body first.
async function upload(setting, { target, status, says, isSecure }) {
  setting.application.plays.set(target, { pieces: [Buffer.from(TOO_LARGE)], end: 'close' });
  for (let times = 0; times < TIMES; times += 1) {
    const [socket, host] = connect(setting, isSecure);
    const pieces = [];
    let problem;
    socket.on('error', (error) => (problem = error));
    const ended = new Promise((done) => socket.on('close', done));
    const head = `POST ${target} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${UPLOAD.length}\r\n\r\n`;
    const sent = new Promise((done, fail) => {
      socket.write(head);
      socket.write(UPLOAD, (error) => (error ? fail(error) : done()));
    });
    await within(SECONDS, 'the upload', sent);
    socket.on('data', (piece) => pieces.push(piece));
    socket.on('end', () => socket.end());
    await within(SECONDS, 'the end', ended);
    const text = Buffer.concat(pieces).toString('latin1');
    assert.ok(text.startsWith(`HTTP/1.1 ${status} `) && text.includes(says), `${problem ?? ''} ${text.slice(0, 200)}`);
  }
  return `${TIMES} of ${TIMES}, ${UPLOAD.length} bytes each`;
}

async function lengths({ port, securePort, application }) {
  const lengthOf = () => [...application.heads.values()].flat().map((head) => /^content-length: .*/im.exec(head)?.[0]);
  const shown = [];
  for (const [method, wanted] of [
    ['POST', 'content-length: 0'],
    ['PUT', 'content-length: 0'],
    ['GET', undefined],
    ['DELETE', undefined],
  ]) {
    application.heads.clear();
    const session = new Session(securePort, PLAIN);
    await session.ask(method, '/pub/length');
    session.close();
    const [socket] = connect({ port }, false);
    socket.write(`${method} /pub/length HTTP/1.1\r\nHost: ${PLAIN}:${port}\r\nConnection: close\r\n\r\n`);
    await within(SECONDS, 'the end', new Promise((done) => socket.resume().on('close', done)));
    assert.deepEqual(lengthOf(), [wanted, wanted], method);
    shown.push(method);
  }
  return shown.join(', ');
}

async function copies({ securePort, application }) {
  const host = `${PLAIN}:${securePort}`;
  const copy = async (lines) => {
    application.heads.clear();
    const [socket] = connect({ securePort }, true);
    const pieces = [];
    socket.write(`COPY /pub/a HTTP/1.1\r\nHost: ${host}\r\n${lines}Connection: close\r\n\r\n`);
    socket.on('data', (piece) => pieces.push(piece));
    await within(SECONDS, 'the end', new Promise((done) => socket.on('close', done)));
    return { text: Buffer.concat(pieces).toString('latin1'), head: [...application.heads.values()].flat()[0] };
  };
  const { head } = await copy(`Destination: https://${host}/pub/b%20c\r\nIf: <https://${host}/pub/b> (<x:y>)\r\n`);
  for (const line of [`Destination: http://${host}/pub/b%20c`, `If: <http://${host}/pub/b> (<x:y>)`])
    assert.ok(head.includes(`\r\n${line}\r\n`), `the application got no ${line}: ${head}`);
  for (const to of [`https://${host}/oauth2/start`, `https://${host}/pub/%2e%2e/x`, `//${host}/pub/b`]) {
    const refused = await copy(`Destination: ${to}\r\n`);
    assert.ok(refused.text.startsWith('HTTP/1.1 400 ') && !refused.head, `${to}: ${refused.text.slice(0, 200)}`);
  }
  return 'mapped; 3 that lead elsewhere are refused';
}
