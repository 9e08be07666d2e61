// What oauth2-proxy does, as far as these checks need it: signs people in at the provider, and attaches their ID token
// as a bearer. It is a proxy by itself, and answers one that asks (`/front/auth`, as with --set-authorization-header).

import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { listen, redirect } from '../../shared/servers.mjs';
import { SECRET } from './provider.mjs';

export const CLIENT = 'front';

/// `gateway` is where the proxy leads. Gives `{ sessions, stop }`.
export async function startFront({ port, gateway, issuer }) {
  const sessions = new Map();
  const server = http.createServer((request, response) => {
    answerTo(request, { sessions, issuer })
      .then((answer) => {
        if (answer === 'pass') return pass(request, response, { gateway, token: sessionOf(request, sessions).idToken });
        return response.writeHead(answer.status, answer.headers).end();
      })
      .catch((error) => response.writeHead(500).end(`${error.stack}`));
  });
  return { sessions, stop: await listen(server, port) };
}

const sessionOf = ({ headers }, sessions) => sessions.get(/(?:^|; )front=(\w+)/.exec(headers.cookie ?? '')?.[1]);

async function answerTo(request, { sessions, issuer }) {
  const { pathname, searchParams } = new URL(request.url, 'http://front.localhost');
  const session = sessionOf(request, sessions);
  const site = `http://${request.headers['x-forwarded-host'] ?? request.headers.host}`;
  const back = `${site}/front/callback`;
  switch (pathname) {
    case '/front/auth': {
      const wanted = request.headers['x-forwarded-uri'] ?? '/';
      if (!session) return redirect(`${site}/front/start?rd=${encodeURIComponent(wanted)}`);
      return { status: 202, headers: { authorization: `Bearer ${session.idToken}` } };
    }
    case '/front/start':
      return redirect(authorization(issuer, back, searchParams.get('rd') ?? '/'));
    case '/front/callback': {
      const id = randomBytes(16).toString('hex');
      sessions.set(id, await exchanged(issuer, back, searchParams.get('code')));
      return redirect(searchParams.get('state'), { 'set-cookie': `front=${id}; Path=/; HttpOnly` });
    }
    case '/front/sign_out':
      return { status: 200, headers: { 'set-cookie': 'front=; Path=/; Max-Age=0' } };
    default:
      return session ? 'pass' : redirect(`/front/start?rd=${encodeURIComponent(request.url)}`);
  }
}

function authorization(issuer, back, state) {
  const scope = 'openid email groups';
  const asked = { response_type: 'code', client_id: CLIENT, redirect_uri: back, scope, state };
  return `${issuer}/auth?${new URLSearchParams(asked)}`;
}

async function exchanged(issuer, back, code) {
  const answer = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${CLIENT}:${SECRET}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: back }),
    signal: AbortSignal.timeout(10_000),
  });
  const { id_token: idToken, access_token: accessToken } = await answer.json();
  return { idToken, accessToken };
}

/// A client's own `Authorization` goes; the session's takes its place.
function pass(request, response, { gateway, token }) {
  const headers = { ...request.headers, authorization: `Bearer ${token}`, connection: 'close' };
  const { method, url: path } = request;
  const call = http.request({ host: '127.0.0.1', port: gateway, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.rawHeaders);
    answer.pipe(response);
  });
  call.on('error', (error) => response.destroy(error));
  request.pipe(call);
}
