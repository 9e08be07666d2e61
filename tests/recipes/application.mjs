// The application behind: it believes whatever it is told, and writes down what came.

import { createHash } from 'node:crypto';
import http from 'node:http';
import { listen } from '../shared/servers.mjs';

/// Where a proxy passes the gateway's cookies on.
const HEAD_BYTES = 64 * 1024;
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'; // RFC 6455 1.3

/// Gives `{ seen, stop }`: `seen` are requests as `{ method, target, lines }`, lines as `[name, value]`; bytes that are
/// no request are one too, with the method `?`.
export async function startApplication(port) {
  const seen = [];
  const note = ({ method, url, rawHeaders }) => {
    const lines = rawHeaders.flatMap((name, at) => (at % 2 ? [] : [[name, rawHeaders[at + 1]]]));
    seen.push({ method, target: url, lines });
  };
  const server = http.createServer({ maxHeaderSize: HEAD_BYTES }, (request, response) => {
    note(request);
    request.resume();
    response.writeHead(200, { 'content-type': 'text/plain' }).end(`application: ${request.url}`);
  });
  const upgraded = [];
  server.on('upgrade', (request, socket) => {
    note(request);
    upgraded.push(socket);
    const key = request.headers['sec-websocket-key'] ?? '';
    const accept = createHash('sha1').update(`${key}${GUID}`).digest('base64');
    const lines = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`];
    socket.on('error', () => {});
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
  });
  server.on('clientError', (error, socket) => {
    if (error.code !== 'ECONNRESET') seen.push({ method: '?', target: error.code, lines: [] });
    socket.destroy();
  });
  const close = await listen(server, port);
  const stop = () => {
    for (const socket of upgraded) socket.destroy();
    return close();
  };
  return { seen, stop };
}
