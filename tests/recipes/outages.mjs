// What a recipe does where the gateway is asked by others than its proxy, where what its proxy says is not whole, and
// where it does not answer.

import assert from 'node:assert/strict';
import { anaOf, sendAll } from './attacks.mjs';
import { HOST, NAVIGATION, bytesOf, send } from './client.mjs';
import { until } from '../shared/wait.mjs';
import { SITE } from './world.mjs';

const ASKED = ['nginx', 'traefik', 'caddy', 'envoy'];
const PROXY = '127.0.0.1';
const PATIENCE = 3;

/// What each proxy says of a request, as lines; Envoy says it by path, method and `Host`.
const METADATA = {
  nginx: [`X-Original-URL: ${SITE}/public/x`, 'X-Original-Method: GET'],
  traefik: forwarded('/public/x'),
  caddy: forwarded('/public/x'),
  envoy: [],
};

function forwarded(target) {
  return [
    'X-Forwarded-Method: GET',
    'X-Forwarded-Proto: https',
    `X-Forwarded-Host: ${HOST}`,
    `X-Forwarded-Uri: ${target}`,
  ];
}

const pathOf = (proxy) => `/oauth2/auth/${proxy}${proxy === 'envoy' ? '/public/x' : ''}`;
const isYes = ({ status, lines }) =>
  (status >= 200 && status < 300) || lines.some(([name]) => name === 'x-forwarded-user');

/// Whoever asks by way of the proxy gets no decision, whatever is said.
async function clientsAsk(world) {
  const { cookies } = await anaOf(world);
  const paths = ASKED.flatMap((proxy) => {
    const own = pathOf(proxy);
    const spelled = [
      own,
      own.replace('/auth/', '//auth/'),
      own.replace('auth', '%61uth'),
      own.replace('/auth/', '/%61%75%74%68%2f'),
      own.replace('/auth/', '/auth%2f'),
      own.replace('/auth/', '/./auth/'),
      own.replace('/oauth2/', '/oauth2/x/../'),
      own.replace('/auth/', '/auth;x/'),
      own.replace('/auth/', '\\auth\\'),
      own.replace('/oauth2', '/OAUTH2'),
      `//${HOST}${own}`,
      `${SITE}${own}`,
    ];
    return spelled.map((path) => [path, METADATA[proxy]]);
  });
  const requests = paths.flatMap(([target, lines]) =>
    [[], cookies].map((more) => ({ target, lines: [...lines, ...more] })),
  );
  const answers = await sendAll(world, requests);
  const told = answers.filter((answer) => isYes(answer) && !answer.text.startsWith('application: '));
  const shown = told.map((answer) => requests[answers.indexOf(answer)].target);
  assert.equal(told.length, 0, `decided for a client: ${shown.slice(0, 6).join(' ')}`);
  return `${requests.length} sent`;
}

/// Whoever reaches the gateway past the proxy gets none either.
async function strangersAsk(world) {
  const { cookies } = await anaOf(world);
  const requests = ASKED.flatMap((proxy) =>
    [[], cookies].map((more) => ({ target: pathOf(proxy), lines: [...METADATA[proxy], ...more] })),
  );
  for (const { target, lines } of requests) {
    const answer = await send(world.ports.gateway, bytesOf(target, lines), { isTls: false });
    assert.ok(!isYes(answer), `${target}: ${answer.status}`);
  }
  return `${requests.length} sent`;
}

/// The proxy itself, with something missing, twice, of another proxy, or not a URL.
async function saysTooLittle(world) {
  const { cookies } = await anaOf(world);
  const { proxy } = world.recipe;
  const ask = (target, lines) =>
    send(world.ports.gateway, bytesOf(target, [...lines, ...cookies, ...NAVIGATION]), { isTls: false, from: PROXY });
  const whole = await ask(pathOf(proxy), METADATA[proxy]);
  assert.equal(whole.status, 200, `all of it: ${whole.status} ${whole.header('sigma-gateway')}`);
  const wrong = proxy === 'envoy' ? wrongPaths() : wrongLines(METADATA[proxy]);
  const foreign = ASKED.filter((other) => METADATA[other].join() !== METADATA[proxy].join());
  const cases = [
    ...wrong.map(([target, lines]) => [target ?? pathOf(proxy), lines]),
    ...(proxy === 'envoy' ? [] : foreign.map((other) => [pathOf(proxy), METADATA[other]])),
    ...foreign.filter((other) => other !== 'envoy').map((other) => [pathOf(other), METADATA[proxy]]),
  ];
  for (const [target, lines] of cases) {
    const answer = await ask(target, lines);
    assert.ok(!isYes(answer), `${target} with ${JSON.stringify(lines)}: ${answer.status}`);
    assert.ok(answer.status > 0 && answer.status < 500, `${target} with ${JSON.stringify(lines)}: ${answer.status}`);
  }
  return `${cases.length} sent`;
}

/// Each line left out, empty, twice, twice with different values, under an alias, and with what is no value of it.
function wrongLines(all) {
  return all.flatMap((line, at) => {
    const rest = all.filter((_, index) => index !== at);
    const [name, value] = line.split(/: (.*)/);
    const others = name.endsWith('Method') ? ['', 'G T', 'GET, POST'] : ['', 'x y', '://', '\\', '%', `${value}#x`];
    return [
      [],
      [line, line],
      [line, `${name}: ${value}x`],
      [`${name.replaceAll('-', '_')}: ${value}`],
      [`${name.replaceAll('-', '.')}: ${value}`],
      ...others.map((other) => [`${name}: ${other}`]),
    ].map((lines) => [undefined, [...rest, ...lines]]);
  });
}

/// Envoy's path: none, one that is no path, and hosts that are none.
function wrongPaths() {
  const [targets, hosts] = [
    ['', '/', '//public/x', '/public/../secret/%2e%2e', '/public/x%00', '/public\\x'],
    ['Host: evil.example', 'Host:', 'Host: crm.example.com, evil.example'],
  ];
  return [
    ...targets.slice(0, 1).map((path) => [`/oauth2/auth/envoy${path}`, []]),
    ...targets.slice(2).map((path) => [`/oauth2/auth/envoy${path}`, []]),
    ...hosts.map((host) => [undefined, [host]]),
    [undefined, [`Host: ${HOST}`, 'Host: evil.example']],
  ];
}

/// A public part, a page, a script and a handshake, of Ana and of nobody.
async function askedInVain(world, more) {
  const { cookies } = await anaOf(world);
  const targets = world.recipe.isForwardAuth ? ['/public/x', '/crm/x'] : ['/public/x', '/crm/x', '/secret'];
  const requests = targets.flatMap((target) =>
    [[], cookies, NAVIGATION, [...NAVIGATION, ...cookies]].map((lines) => ({ target, lines })),
  );
  world.application.seen.length = 0;
  const answers = await sendAll(world, requests, more);
  assert.deepEqual(
    world.application.seen.map(({ target }) => target),
    [],
    'reached the application',
  );
  const statuses = answers.map(({ status }) => status);
  assert.ok(
    statuses.every((status) => status === 0 || status >= 500 || status === 403),
    `${statuses}`,
  );
  return [...new Set(statuses)].map((status) => status || 'no answer').join(', ');
}

/// It is there, and silent; then it goes on.
async function isSlow(world) {
  const browser = await anaOf(world);
  world.gateway.signal('SIGSTOP');
  let note;
  try {
    note = await askedInVain(world, { seconds: PATIENCE });
  } finally {
    world.gateway.signal('SIGCONT');
  }
  const { status } = await browser.ask('/crm/x');
  assert.equal(status, 200, 'when it goes on');
  await isQuiet(world.application);
  return note;
}

/// What the gateway had been sent while it was silent has come to an end.
function isQuiet({ seen }) {
  let count = -1;
  const isSame = () => {
    const before = count;
    count = seen.length;
    return before === count;
  };
  return until('the application to be left alone', isSame, { every: 500 });
}

async function isGone(world) {
  await anaOf(world);
  world.gateway.signal('SIGKILL');
  await until('the gateway to be gone', world.gateway.hasEnded);
  return askedInVain(world, {});
}

/// In this order: the last one ends the gateway.
export const OUTAGES = {
  'a client asks for a decision': clientsAsk,
  'a stranger asks the gateway itself': strangersAsk,
  'what the proxy says is not whole': saysTooLittle,
  'a gateway that is silent': isSlow,
  'a gateway that is gone': isGone,
};
/// What is no question where the gateway is on the way.
export const ONLY_FORWARD_AUTH = ['what the proxy says is not whole'];
