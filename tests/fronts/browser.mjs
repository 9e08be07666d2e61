// A browser at an address of its own on this machine, byte by byte: it may write whatever it likes.

import http2 from 'node:http2';
import net from 'node:net';
import tls from 'node:tls';
import { readAnswer } from '../shared/strict.mjs';
import { within } from '../shared/wait.mjs';

const SECONDS = 15;

/// Whether somebody listens there.
export const isOpen = (port) =>
  new Promise((done) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('error', () => done(false));
    socket.once('connect', () => socket.destroy(done(true)));
  });

/// Sends `bytes` from `address`, over TLS where there is a `name`; all that comes until the other side closes.
export function exchange({ address, port, name }, bytes) {
  const came = new Promise((done) => {
    const plain = net.connect({ port, host: '127.0.0.1', localAddress: address });
    const socket = name ? tls.connect({ socket: plain, servername: name, rejectUnauthorized: false }) : plain;
    let text = '';
    const end = () => done(text);
    for (const each of new Set([plain, socket])) each.on('error', end).on('close', end);
    socket.on('data', (piece) => (text += piece.toString('latin1')));
    socket.write(Buffer.from(bytes, 'latin1'));
  });
  return within(SECONDS, `an answer on ${port} for ${address}`, came);
}

/// A GET with these header lines, on a connection of its own; gives the answer, read by the letter.
export async function get(from, host, target, lines = []) {
  const head = [`GET ${target} HTTP/1.1`, `Host: ${host}`, ...lines, 'Connection: close', '', ''].join('\r\n');
  const text = await exchange(from, head);
  const answer = readAnswer(text, 'GET');
  if (!answer) throw new Error(`no answer to ${target} with ${JSON.stringify(lines)}: ${JSON.stringify(text)}`);
  return answer;
}

/// GETs side by side on one connection over HTTP/2, each with these fields; their statuses.
export async function getOverHttp2({ address, port, name }, host, targets, fields) {
  const plain = net.connect({ port, host: '127.0.0.1', localAddress: address });
  const options = { socket: plain, servername: name, rejectUnauthorized: false, ALPNProtocols: ['h2'] };
  const session = http2.connect(`https://${host}`, { createConnection: () => tls.connect(options) });
  const one = (target) =>
    new Promise((done, fail) => {
      const stream = session.request({ ':path': target, ...fields });
      stream.once('error', fail).once('response', (headers) => done(headers[':status']));
      stream.resume();
    });
  const failed = new Promise((_, fail) => session.once('error', fail));
  try {
    const all = Promise.all(targets.map(one));
    return await within(SECONDS, `HTTP/2 on ${port}`, Promise.race([all, failed]));
  } finally {
    session.destroy();
  }
}
