// Small servers on 127.0.0.1 that can go down and come back on the same port.

import http from 'node:http';

const BODY_BYTES_MAX = 1 << 20;

/// Lets a server listen; gives how to stop it, open connections and all.
export async function listen(server, port) {
  await new Promise((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done));
  return async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
}

/// Serves `answer(request, body)`, which gives `{ status, headers, body }`.
export async function serve(port, answer, createServer = http.createServer) {
  const server = createServer((request, response) => {
    readBody(request)
      .then(async (body) => {
        const { status = 200, headers = {}, body: text = '' } = await answer(request, body);
        response.writeHead(status, headers).end(text);
      })
      .catch((error) => {
        response.destroy(error);
      });
  });
  return { port, server, stop: await listen(server, port) };
}

export const json = (value, status = 200) => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

export const html = (body, headers = {}) => ({
  headers: { 'content-type': 'text/html; charset=utf-8', ...headers },
  body,
});

export const redirect = (location, headers = {}) => ({ status: 302, headers: { location, ...headers } });

async function readBody(request) {
  let text = '';
  for await (const piece of request) {
    text += piece.toString('latin1');
    if (text.length > BODY_BYTES_MAX) throw new Error('the body is too long');
  }
  return text;
}
