// The places of the stand-ins' keys, at the hosts where they are in real life: the gateway asks through a proxy by
// CONNECT, which leads every host to one server here, with a certificate of all of them.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import path from 'node:path';
import { listen } from '../shared/servers.mjs';

/// Gives `{ asked, stop, pause, resume }`; `asked` has every path that was asked for, with its host.
export async function startPlaces({ folder, standIns, ports: [proxyPort, tlsPort] }) {
  const hosts = [...new Set(standIns.map(({ keyHost }) => keyHost))];
  const asked = [];
  const state = { isPaused: false };
  const answer = (request, response) => {
    const [host] = request.headers.host.split(':');
    asked.push({ host, path: request.url });
    const there = standIns.filter(({ keyHost }) => keyHost === host);
    const found = there.map((standIn) => standIn.serve(request.url)).find(Boolean);
    response.writeHead(found ? 200 : 404, { 'content-type': found?.type ?? 'text/plain' }).end(found?.body ?? 'none');
  };
  const tls = https.createServer(makeChain(folder, hosts), answer);
  const stopTls = await listen(tls, tlsPort);
  const sockets = new Set();
  const proxy = http.createServer((_, response) => response.writeHead(405).end());
  proxy.on('connect', (request, socket) => {
    const [host, port] = request.url.split(':');
    socket.on('error', () => {});
    if (state.isPaused || port !== '443' || !hosts.includes(host))
      return socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    const through = net.connect(tlsPort, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      through.pipe(socket).pipe(through);
    });
    for (const end of [socket, through]) {
      sockets.add(end);
      end.on('error', () => end.destroy());
      end.on('close', () => sockets.delete(end));
    }
    return undefined;
  });
  const stopProxy = await listen(proxy, proxyPort);
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    asked,
    pause: () => {
      state.isPaused = true;
      cut();
    },
    resume: () => {
      state.isPaused = false;
    },
    stop: async () => {
      cut();
      await stopProxy();
      await stopTls();
    },
  };
}

/// A CA in `ca.pem`, and a leaf of it for these hosts.
function makeChain(folder, hosts) {
  const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe', timeout: 20_000 });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '30', '-subj', '/CN=keys of a test');
  openssl('req', ...key, '-keyout', 'leaf.key', '-out', 'leaf.csr', '-subj', '/CN=keys');
  fs.writeFileSync(path.join(folder, 'leaf.ext'), `subjectAltName=${hosts.map((host) => `DNS:${host}`).join(',')}\n`);
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '30', '-extfile', 'leaf.ext'];
  openssl('x509', '-req', '-in', 'leaf.csr', ...signed, '-out', 'leaf.pem');
  return { cert: fs.readFileSync(path.join(folder, 'leaf.pem')), key: fs.readFileSync(path.join(folder, 'leaf.key')) };
}
