// The forgeries over HTTP/2, where names are what an application of HTTP/1.1 gets to read only later.

import http2 from 'node:http2';
import tls from 'node:tls';
import { within } from '../shared/wait.mjs';
import { BROWSER, HOST } from './client.mjs';
import { FAMILY, FORGED } from './inputs.mjs';

const SECONDS = 10;
const SPELLINGS = ['-', '_', '.', '~', '!', '+', '^', '|'];

/// The answers' statuses to `requests`, which are headers; 0 where the proxy ends the stream. Null where it has no
/// HTTP/2.
export async function overHttp2(port, requests) {
  const socket = tls.connect({
    host: '127.0.0.1',
    port,
    localAddress: BROWSER,
    servername: HOST,
    rejectUnauthorized: false,
    ALPNProtocols: ['h2', 'http/1.1'],
  });
  socket.on('error', () => {});
  await within(SECONDS, 'the handshake', new Promise((done) => socket.once('secureConnect', done)));
  if (socket.alpnProtocol !== 'h2') {
    socket.destroy();
    return null;
  }
  const session = http2.connect(`https://${HOST}`, { createConnection: () => socket });
  session.on('error', () => {});
  const statuses = [];
  for (const headers of requests) statuses.push(session.destroyed ? 0 : await ask(session, headers));
  session.destroy();
  return statuses;
}

function ask(session, headers) {
  const answered = new Promise((done) => {
    const stream = session.request({ ':authority': HOST, ...headers });
    let status = 0;
    stream.on('response', (answer) => (status = answer[':status']));
    stream.on('error', () => {});
    stream.on('close', () => done(status));
    stream.resume();
  });
  return within(SECONDS, 'an answer over HTTP/2', answered);
}

/// Every name of the family in every spelling, one a request.
export const forgeriesOverHttp2 = (target, more = {}) =>
  SPELLINGS.flatMap((mark) =>
    FAMILY.map((name) => ({ ':path': target, ...more, [name.toLowerCase().replaceAll('-', mark)]: FORGED })),
  );
