// The host application: an old program that starts a session for whom it sees first, and never looks again.

import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { listen } from '../shared/servers.mjs';

/// Where its event stream is, that never ends by itself.
export const STREAM = '/stream';
const TICK_MS = 500;

/// Starts it. Its answers say whom the gateway named, and whose session it was; `seen` has the requests.
export async function startApplication(port) {
  const owners = new Map();
  const seen = [];
  const server = http.createServer((request, response) => {
    const { 'x-forwarded-user': user, 'x-forwarded-email': email, cookie = '' } = request.headers;
    seen.push({ path: request.url, headers: request.headers });
    const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
    let id = /\bJSESSIONID=([\w-]+)/.exec(cookie)?.[1];
    if (!owners.has(id)) {
      id = randomUUID();
      owners.set(id, email);
      headers['set-cookie'] = `JSESSIONID=${id}; Path=/; HttpOnly`;
    }
    if (request.url === STREAM) return tick(response);
    response.writeHead(200, headers).end(JSON.stringify({ user, email, sessionOf: owners.get(id) }));
  });
  return { url: `http://127.0.0.1:${port}`, seen, stop: await listen(server, port) };
}

function tick(response) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const ticking = setInterval(() => response.write('data: tick\n\n'), TICK_MS);
  response.on('close', () => clearInterval(ticking));
}
