// The rows of the table: what is asked of whom, and the proof that the answer is the one that is meant.

import { EMBED } from './configurations.mjs';
import { bodies } from './pages.mjs';

const LINK = `/sigma/embed/${EMBED}`;
const QUESTION = '/oauth2/auth/';

/// Each row: its name, and targets (server key, path, signed in, protocol). The first target is what others are
/// compared to.
export function rows({ withTls }) {
  const plain = [
    {
      name: 'public, 1 KiB',
      targets: [target('nginx', '/public/small.txt'), ...gateways('/public/small.txt', false)],
    },
    {
      name: 'signed in, 1 KiB',
      targets: ['nginx', 'gateway', 'before', 'apache', 'oauth2Proxy'].map((server) => target(server, '/small.txt')),
    },
    {
      name: 'signed in, 1 KiB, access lines',
      targets: ['nginxLogs', 'gatewayLogs', 'beforeLogs'].map((server) => target(server, '/small.txt')),
    },
    ...[0, 1, 20].map((slots) => ({
      name: `page of 200 KiB, ${slots === 0 ? 'no slot' : slots === 1 ? '1 slot' : `${slots} slots`}`,
      targets: [target('nginx', `/page-${slots}.html`), ...gateways(`/page-${slots}.html`)],
    })),
    {
      name: 'page of 200 KiB, no slot, in chunks',
      targets: [target('nginx', '/chunked/page-0.html'), ...gateways('/chunked/page-0.html')],
    },
    {
      name: 'signed in, 1 KiB, nginx in front',
      targets: ['nginx', 'passes', 'asks'].map((server) => target(server, '/small.txt')),
    },
    ...['RS256', 'ES256'].map((algorithm) => ({
      name: `attached identity (${algorithm}), 1 KiB`,
      targets: [
        target('nginx', '/small.txt'),
        target(`attached${algorithm[0]}${algorithm.slice(1).toLowerCase()}`, '/small.txt', false),
      ],
    })),
    { name: 'stable link (a mint), nginx: 1 KiB', targets: [target('nginx', '/small.txt'), ...gateways(LINK)] },
  ];
  const tls = ['h1', 'h2'].map((protocol) => ({
    name: `signed in, 1 KiB, TLS 1.3, ${protocol}`,
    targets: ['nginxTls', 'gatewayTls'].map((server) => target(server, '/small.txt', true, protocol)),
  }));
  return withTls ? [...plain, ...tls] : plain;
}

/// What the gateway alone counts instructions of: the rows where it is asked, and a question of a proxy in front.
export function countedRows() {
  const headers = { 'x-original-url': 'http://127.0.0.1/small.txt', 'x-original-method': 'GET' };
  const question = { name: 'a question of forward-auth', target: { ...target('behind', `${QUESTION}nginx`), headers } };
  const asked = rows({ withTls: false }).map(({ name, targets }) => ({
    name,
    target: targets.find(({ server }) => server.startsWith('gateway') || server.startsWith('attached')),
  }));
  return [...asked.filter((row) => row.target), question];
}

/// This gateway, and the one of before where there is one.
function gateways(path, isSignedIn) {
  return ['gateway', 'before'].map((server) => target(server, path, isSignedIn));
}

function target(server, path, isSignedIn = true, protocol = 'h1') {
  return { server, path, isSignedIn, protocol };
}

/// Asks once and fails unless the answer is right: a fast wrong answer is worth nothing.
export async function prove(server, { path, isSignedIn, headers: more }) {
  const headers = {
    ...server.headers,
    ...more,
    accept: '*/*',
    'accept-encoding': 'identity',
    ...(isSignedIn && server.cookie ? { cookie: server.cookie } : {}),
  };
  const answer = await fetch(server.origin + path, { redirect: 'manual', headers });
  const text = await answer.text();
  const problem = problemOf(server, path, answer, text);
  if (problem) throw new Error(`${server.name} ${path}: ${answer.status}, ${problem}: ${text.slice(0, 200)}`);
}

function problemOf(server, path, answer, text) {
  if (path === LINK) {
    const isMinted = answer.status === 303 && answer.headers.get('location')?.includes(':jwt=');
    return isMinted ? undefined : 'no signed URL';
  }
  if (answer.status !== 200) return 'not 200';
  if (path.startsWith(QUESTION)) return text === '' && answer.headers.get('x-forwarded-email') ? undefined : 'no leave';
  const original = bodies()[path.split('/').at(-1)];
  const slots = count(original, '<iframe');
  if (slots === 0 || !server.name.startsWith('gateway'))
    return text === original ? undefined : 'not the bytes of the upstream';
  return count(text, `src="${LINK}"`) === slots ? undefined : `not ${slots} links`;
}

function count(text, part) {
  return text.split(part).length - 1;
}
