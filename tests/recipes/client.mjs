// A client that sends exact bytes over TLS from an address of its own, as browsers and attackers are no proxy's
// neighbour.

import net from 'node:net';
import tls from 'node:tls';
import { readAnswer, valuesOf } from '../shared/strict.mjs';

export const HOST = 'crm.example.com';
/// Browsers and attackers come from here, which no recipe trusts; the proxy itself from 127.0.0.1.
export const BROWSER = '127.0.0.77';
const SECONDS = 8;

/// One request on a connection of its own: `{ status, lines, text }`; status 0 where the connection ends (or stays
/// silent for `seconds`) without an answer. `bytes` is the whole request.
export function send(port, bytes, { from = BROWSER, isTls = true, method = 'GET', seconds = SECONDS } = {}) {
  return new Promise((done) => {
    const where = { host: '127.0.0.1', port, localAddress: from };
    const socket = isTls
      ? tls.connect({ ...where, servername: HOST, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
      : net.connect(where);
    let text = '';
    const end = () => {
      clearTimeout(timer);
      socket.destroy();
      done(answerOf(text, method));
    };
    const timer = setTimeout(end, seconds * 1000);
    socket.on('error', end).on('close', end);
    socket.on(isTls ? 'secureConnect' : 'connect', () => socket.write(bytes, 'latin1'));
    socket.on('data', (piece) => {
      text += piece.toString('latin1');
      const { isWhole, status } = readAnswer(text, method) ?? {};
      if (isWhole && (status >= 200 || status === 101)) end();
    });
  });
}

function answerOf(text, method) {
  const found = readAnswer(text, method);
  const answer = found ?? { status: 0, headers: [], body: '' };
  return {
    status: answer.status || 0,
    lines: answer.headers,
    text: answer.body,
    header: (name) => valuesOf(answer, name)[0],
    setCookies: valuesOf(answer, 'set-cookie'),
  };
}

/// The bytes of a request. `lines` are header lines; a `Host` among them takes the place of ours.
export function bytesOf(target, lines = [], { method = 'GET', body = '' } = {}) {
  const hasHost = lines.some((line) => /^host:/i.test(line));
  const all = [...(hasHost ? [] : [`Host: ${HOST}`]), ...lines];
  if (body) all.push(`Content-Length: ${body.length}`);
  return `${method} ${target} HTTP/1.1\r\n${all.map((line) => `${line}\r\n`).join('')}\r\n${body}`;
}

/// What browsers say of a page that somebody opens, and of what a page fetches.
export const NAVIGATION = [
  'Accept: text/html,*/*',
  'Sec-Fetch-Dest: document',
  'Sec-Fetch-Mode: navigate',
  'Sec-Fetch-Site: none',
];
export const FETCH = ['Accept: */*', 'Sec-Fetch-Dest: empty', 'Sec-Fetch-Mode: cors', 'Sec-Fetch-Site: same-origin'];
export const HANDSHAKE = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];
