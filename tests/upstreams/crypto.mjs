// Applications behind TLS as real servers speak it (openssl s_server): certificates of any kind, old versions, old
// ciphers, client certificates. What does not work is told with the address and the cause. And Python's wsgiref, which
// reads no chunks, with request_bodies = "length". And WebSockets over TLS whose reader is slow.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ready, startChild } from '../shared/child.mjs';
import * as toml from '../shared/configuration.mjs';
import { newSessionKey, newSigmaSecret, startGateway, temporaryFolder } from '../shared/gateway.mjs';
import { freePorts } from '../shared/ports.mjs';
import { exchange } from './wire.mjs';

const APPS = path.join(path.dirname(fileURLToPath(import.meta.url)), 'apps');
const WSGI = path.join(APPS, 'app.py');
const ABRUPT = path.join(APPS, 'abrupt.py');
const SLOW = path.join(APPS, 'slow_socket.py');
/// Versions and ciphers that openssl itself speaks only when it is told to.
const OLD = ['-cipher', 'ALL:@SECLEVEL=0'];

/// Of messages to slow readers.
const [LENGTHS, LENGTH_STEP, SIDE_BY_SIDE] = [128, 40 * 1024, 32];

/// Each: the certificate that is shown, further words for s_server, lines of the site; then, what the event says, or
/// nothing where it works.
const SERVERS = [
  { name: 'good', certificate: 'leaf', site: 'upstream_ca = "ca.pem"' },
  { name: 'tls12', certificate: 'leaf', args: ['-tls1_2'], site: 'upstream_ca = "ca.pem"' },
  {
    name: 'unknown-ca',
    certificate: 'leaf',
    site: 'upstream_ca = "own.pem"',
    says: /CA that is not trusted.*UnknownIssuer/,
  },
  { name: 'expired', certificate: 'old', site: 'upstream_ca = "ca.pem"', says: /has expired: .*[Ee]xpired/ },
  { name: 'name', certificate: 'other', site: 'upstream_ca = "ca.pem"', says: /other names: .*other\.internal/ },
  { name: 'pinned', certificate: 'own', site: 'upstream_certificate = "own.pem"' },
  {
    name: 'own-as-ca',
    certificate: 'own',
    site: 'upstream_ca = "own.pem"',
    says: /upstream_certificate` pins it.*CaUsedAsEndEntity/,
  },
  { name: 'pinned-expired', certificate: 'old', site: 'upstream_certificate = "old.pem"' },
  { name: 'pinned-v1', certificate: 'v1', site: 'upstream_certificate = "v1.pem"' },
  { name: 'pinned-v1-12', certificate: 'v1', args: ['-tls1_2'], site: 'upstream_certificate = "v1.pem"' },
  { name: 'pinned-v1-rsa-12', certificate: 'v1rsa', args: ['-tls1_2'], site: 'upstream_certificate = "v1rsa.pem"' },
  { name: 'pinned-odd', certificate: 'odd', site: 'upstream_certificate = "odd.pem"' },
  {
    name: 'odd',
    certificate: 'odd',
    site: 'upstream_ca = "ca.pem"',
    says: /not taken .*upstream_certificate` pins it/,
  },
  {
    name: 'cn-alone',
    certificate: 'cn',
    site: 'upstream_ca = "ca.pem"',
    says: /names no host as subjectAltName.*not valid for any names/,
  },
  {
    name: 'no-intermediate',
    certificate: 'below',
    site: 'upstream_ca = "ca.pem"',
    says: /does not send the certificates between the two.*UnknownIssuer/,
  },
  {
    name: 'intermediate',
    certificate: 'below',
    args: ['-cert_chain', 'between.pem'],
    site: 'upstream_ca = "ca.pem"',
  },
  {
    name: 'tls11',
    certificate: 'leaf',
    args: ['-tls1_1', ...OLD],
    site: 'upstream_ca = "ca.pem"',
    says: /neither TLS 1\.2 nor 1\.3.*ProtocolVersion/,
  },
  {
    name: 'rsa-kx',
    certificate: 'leaf',
    args: ['-tls1_2', '-cipher', 'AES128-SHA'],
    site: 'upstream_ca = "ca.pem"',
    says: /no cipher suite in common.*HandshakeFailure/,
  },
  {
    name: 'client',
    certificate: 'leaf',
    args: ['-Verify', '1', '-CAfile', 'ca.pem', '-verify_return_error', '-tls1_2'],
    site: `upstream_ca = "ca.pem"
upstream_client_certificate = "client.pem"
upstream_client_key = { file = "client.key" }`,
  },
  {
    name: 'client-v1',
    certificate: 'leaf',
    args: ['-Verify', '1', '-CAfile', 'clientv1.pem'],
    site: `upstream_ca = "ca.pem"
upstream_client_certificate = "clientv1.pem"
upstream_client_key = { file = "clientv1.key" }`,
  },
  {
    name: 'no-client',
    certificate: 'leaf',
    args: ['-Verify', '1', '-CAfile', 'ca.pem', '-verify_return_error', '-tls1_2'],
    site: 'upstream_ca = "ca.pem"',
    says: /client certificate/,
  },
];

export async function crypto(checks, { binary, python }) {
  const [gateway, admin, wsgi, abrupt, slow, ...ports] = await freePorts(5 + SERVERS.length);
  const servers = SERVERS.map((server, index) => ({ ...server, port: ports[index] }));
  const secrets = { 'session.key': newSessionKey(), 'sigma.secret': newSigmaSecret(), 'oidc.secret': 'demo-secret' };
  const text = configuration({ gateway, admin, servers, wsgi, abrupt, slow });
  const folder = temporaryFolder('crypto', { 'gateway.toml': text, ...secrets });
  makeCertificates(folder);
  const children = servers.map(({ certificate, args = [], port }) =>
    startChild(
      'openssl',
      [
        's_server',
        '-accept',
        `127.0.0.1:${port}`,
        '-cert',
        `${certificate}.pem`,
        '-key',
        `${certificate}.key`,
        '-www',
        ...args,
      ],
      { cwd: folder },
    ),
  );
  const log = path.join(folder, 'wsgi.log');
  const app = startChild(python, [WSGI, 'wsgiref', String(wsgi)], { env: { APP_LOG: log } });
  for (const [program, port] of [
    [ABRUPT, abrupt],
    [SLOW, slow],
  ])
    children.push(startChild(python, [program, String(port), 'leaf.pem', 'leaf.key'], { cwd: folder }));
  children.push(app);
  const running = await startGateway({ binary, folder, admin });
  try {
    for (const { name, says, port } of servers)
      await checks.run(`[crypto] ${name}: ${says ? 'refused, and told' : 'served'}`, async () => {
        const get = () =>
          exchange(gateway, `GET /public/ HTTP/1.1\r\nHost: ${name}.localhost:${gateway}\r\nConnection: close\r\n\r\n`);
        return says ? told({ get, says, port, running }) : served(get);
      });
    await checks.run(
      '[crypto] wsgiref reads a body in chunks as none where it streams, and whole where it gets a length',
      () => wsgiref({ gateway, app }),
    );
    await checks.run('[crypto] without close_notify: whole where it ends with its connection, told; else cut', () =>
      withoutLastWord({ gateway, running }),
    );
    await checks.run('[crypto] WebSockets over TLS: a slow reader gets the end of each message', () =>
      slowReaders({ gateway }),
    );
  } finally {
    for (const child of [running, ...children.reverse()]) await child.stop();
  }
}

async function served(get) {
  let answer;
  // The server may still be starting.
  for (let tries = 0; tries < 40; tries += 1) {
    [answer] = (await get()).answers;
    if (answer?.status === 200) return 'HTTP 200';
    await new Promise((done) => setTimeout(done, 250));
  }
  assert.fail(`answered ${JSON.stringify(answer)}`);
  return '';
}

async function told({ get, says, port, running }) {
  let event;
  for (let tries = 0; tries < 40 && !event; tries += 1) {
    const [answer] = (await get()).answers;
    assert.equal(answer.status, 502);
    assert.equal(answer.headers['sigma-gateway'], 'upstream_unreachable');
    const events = running
      .output()
      .split('\n')
      .filter((line) => line.includes('host application failed'));
    event = events
      .map((line) => JSON.parse(line))
      .find(({ source }) => source.includes(`127.0.0.1:${port}`) && says.test(source));
    if (!event) await new Promise((done) => setTimeout(done, 250));
  }
  assert.ok(event, `no event says ${says}: ${running.output().slice(-2_000)}`);
  assert.equal(event.upstream, `https://127.0.0.1:${port}/`);
  return event.source;
}

async function withoutLastWord({ gateway, running }) {
  const host = `abrupt.localhost:${gateway}`;
  const get = (target) => exchange(gateway, `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  await served(() => get('/public/'));
  const { text, answers } = await get('/public/');
  assert.equal(answers[0].body, 'OK-BODY');
  assert.ok(text.endsWith('\r\n0\r\n\r\n'), `the answer is not whole: ${text}`);
  const cut = await get('/public/cut');
  assert.ok(cut.text.endsWith('\r\n\r\nOK-BODY') && /content-length: 99\r\n/i.test(cut.text), cut.text);
  const says = (text) =>
    running
      .output()
      .split('\n')
      .some((line) => line.includes(text));
  const isTold = () => says('TLS that ends without close_notify') && says("host application's answer was cut");
  for (let tries = 0; tries < 40 && !isTold(); tries += 1) await new Promise((done) => setTimeout(done, 100));
  assert.ok(isTold(), running.output().slice(-2_000));
  return 'one arrives, with a note; one is cut, with its cause';
}

/// What the system does not take at once must not wait for the next message. Where that begins depends on its buffers.
async function slowReaders({ gateway }) {
  const host = `slow.localhost:${gateway}`;
  await served(() => exchange(gateway, `GET /public/0 HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`));
  const handshake = [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ].join('\r\n');
  const sent = (bytes) =>
    new Promise((done, fail) => {
      const socket = net.connect({ host: '127.0.0.1', port: gateway });
      let text = '';
      socket.setTimeout(30_000, () => socket.destroy());
      socket.on('error', fail);
      socket.on('close', () => done({ bytes, text }));
      socket.on('data', (piece) => {
        if (text === '') socket.write(Buffer.alloc(bytes, 'x'));
        text += piece;
        if (text.endsWith(' came;')) socket.destroy();
      });
      socket.write(`GET /public/${bytes} HTTP/1.1\r\nHost: ${host}\r\n${handshake}\r\n\r\n`);
    });
  const lengths = Array.from({ length: LENGTHS }, (_, index) => (index + 1) * LENGTH_STEP);
  while (lengths.length > 0) {
    const several = await Promise.all(lengths.splice(0, SIDE_BY_SIDE).map(sent));
    for (const { bytes, text } of several) assert.ok(text.endsWith(`\r\n\r\n${bytes} came;`), `${bytes}: ${text}`);
  }
  return `${LENGTHS} messages of up to ${(LENGTHS * LENGTH_STEP) >> 20} MiB`;
}

async function wsgiref({ gateway, app }) {
  const post = async (name) => {
    const head = `POST /public/ HTTP/1.1\r\nHost: ${name}.localhost:${gateway}\r\nConnection: close\r\n`;
    const [answer] = (
      await exchange(gateway, `${head}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`)
    ).answers;
    return { status: answer.status, body: answer.status === 200 ? JSON.parse(answer.body).body : '' };
  };
  await ready(app, 'wsgiref to answer', async () => (await post('length')).status === 200, { seconds: 20 });
  assert.deepEqual(await post('length'), { status: 200, body: 'abcde' });
  assert.deepEqual(await post('stream'), { status: 200, body: '' });
  return '5 bytes, and none';
}

function configuration({ gateway, admin, servers, wsgi, abrupt, slow }) {
  const site = (name, port, more) =>
    toml.site({
      url: `http://${name}.localhost:${gateway}`,
      upstream: port,
      embeds: [],
      more: more + toml.publicRoute('/public/'),
    });
  return [
    toml.listen({ address: `127.0.0.1:${gateway}`, admin }),
    toml.organization({ clientId: '3f0e7c526d0b4c6e9a7e2f1f' }),
    toml.identity({ issuer: 'http://127.0.0.1:9', clientId: 'sigma-gateway' }),
    ...servers.map(({ name, port, site: lines }) =>
      site(name, port, lines).replace('"http://127.0.0.1', '"https://127.0.0.1'),
    ),
    ...[
      ['abrupt', abrupt],
      ['slow', slow],
    ].map(([name, port]) =>
      site(name, port, 'upstream_ca = "ca.pem"\n').replace('"http://127.0.0.1', '"https://127.0.0.1'),
    ),
    site('length', wsgi, 'request_bodies = "length"'),
    site('stream', wsgi, 'request_bodies = "stream"'),
  ].join('');
}

/// A CA with leaves of it: a good one, one that has expired, one of another name, one of a client; and `own`, as
/// `openssl req -x509` makes it without a word more: it says that it is a CA, and has no name.
function makeCertificates(folder) {
  const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const own = (name, subject) =>
    openssl('req', '-x509', ...key, '-keyout', `${name}.key`, '-out', `${name}.pem`, '-days', '30', '-subj', subject);
  own('ca', '/CN=a CA');
  own('own', '/CN=appliance');
  /// Without extensions, as `openssl x509 -req` makes one without a word more: of version 1.
  const version1 = (name, newKey = key) => {
    openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    openssl('x509', '-req', '-in', `${name}.csr`, '-signkey', `${name}.key`, '-days', '30', '-out', `${name}.pem`);
  };
  for (const name of ['v1', 'clientv1']) version1(name);
  version1('v1rsa', ['-newkey', 'rsa:2048', '-nodes']);
  const leaf = (name, { names, more = '', dates = ['-days', '30'], newKey = key, ca = 'ca' }) => {
    openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    fs.writeFileSync(path.join(folder, `${name}.ext`), `${names ? `subjectAltName=${names}\n` : ''}${more}`);
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      `${ca}.pem`,
      '-CAkey',
      `${ca}.key`,
      '-CAcreateserial',
      ...dates,
      '-extfile',
      `${name}.ext`,
      '-out',
      `${name}.pem`,
    );
  };
  // RSA, so that it can be shown with ciphers of before elliptic curves.
  leaf('leaf', { names: 'IP:127.0.0.1', newKey: ['-newkey', 'rsa:2048', '-nodes'] });
  leaf('old', { names: 'IP:127.0.0.1', dates: ['-days', '-1'] });
  leaf('other', { names: 'DNS:other.internal' });
  leaf('odd', { names: 'IP:127.0.0.1', more: '1.2.3.4=critical,ASN1:UTF8String:odd\n' });
  leaf('cn', { more: 'basicConstraints=CA:FALSE\n' });
  leaf('between', { more: 'basicConstraints=critical,CA:TRUE\n' });
  leaf('below', { names: 'IP:127.0.0.1', ca: 'between' });
  leaf('client', { names: 'DNS:client', more: 'extendedKeyUsage=clientAuth\n' });
}
