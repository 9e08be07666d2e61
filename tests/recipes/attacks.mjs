// The attacks on a recipe that runs. Each is a check: it throws, or says how many requests it sent and how many of them
// the application got.

import assert from 'node:assert/strict';
import { BROWSER, FETCH, HANDSHAKE, HOST, NAVIGATION, bytesOf, send } from './client.mjs';
import { forgeriesOverHttp2, overHttp2 } from './h2.mjs';
import * as inputs from './inputs.mjs';
import { faultsOfAna, faultsOfNobody, folded } from './oracle.mjs';
import { Browser, OPEN_HOST, SITE } from './world.mjs';

/// Requests at a time.
const SIDE_BY_SIDE = 6;
const SHOWN = 6;
const PAGE = '/crm/reports?from=1&to=2%2F3&what=a%20b&what=%C3%BC';
const OWN_ORIGIN = `Origin: ${SITE}`;
/// Origins of others, as a handshake would have them.
const ORIGINS = [
  'https://evil.example',
  `https://${HOST}.evil.example`,
  `https://evil.example/${HOST}`,
  `https://a.${HOST}`,
  `http://${HOST}`,
  `https://${HOST}:8443`,
  'null',
];
/// By these, proxies and gateways of others let requests pass.
const PASSES = [
  'User-Agent: GoogleHC/1.0',
  'User-Agent: ELB-HealthChecker/2.0',
  'User-Agent: kube-probe/1.27',
  'X-Forwarded-Uri: /public/x',
  `X-Original-URL: ${SITE}/public/x`,
  'X-Original-URI: /public/x',
  'X-Rewrite-URL: /public/x',
  'X-Envoy-Original-Path: /public/x',
  'X-Envoy-Internal: true',
  'X-Forwarded-Prefix: /public',
  'X-Forwarded-For: 127.0.0.1',
  'Forwarded: for=127.0.0.1;host=crm.example.com;proto=https',
  'X-HTTP-Method-Override: GET',
  'Authorization: Bearer x',
  'Authorization: Basic eDp5',
  'X-Auth-Request-Redirect: /public/x',
  'Accept: application/json',
  'Sec-Purpose: prefetch',
];

/// Sends them all, some at a time: `{ target, lines, method, … }`, or `bytes`. Gives the answers, in order.
async function sendAll(world, requests, more = {}) {
  const answers = [];
  const waiting = [...requests.entries()];
  const work = async () => {
    for (let one = waiting.shift(); one; one = waiting.shift()) {
      const [at, { target = '/secret', lines = [], bytes, method }] = one;
      const sent = bytes ?? bytesOf(target, lines, { method });
      answers[at] = await send(world.ports.front, sent, { method, ...more });
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  return answers;
}

/// Sends them, and holds everything that reached the application against `faultsOf`.
async function judge(world, requests, faultsOf, more) {
  world.application.seen.length = 0;
  const answers = await sendAll(world, requests, more);
  const { seen } = world.application;
  const faults = seen.flatMap((request) => faultsOf(request).map((fault) => `${request.target}: ${fault}`));
  assert.equal(faults.length, 0, `${faults.length} faults\n${[...new Set(faults)].slice(0, SHOWN).join('\n')}`);
  return { answers, note: `${requests.length} sent, ${seen.length} reached the application` };
}

/// Every name in every spelling.
const forgeries = (names, target, more = []) =>
  Object.values(inputs.SPELLINGS).flatMap((spell) =>
    names.map((name) => ({ target, lines: [...more, ...spell(name)] })),
  );

/// Ana's browser, once for each world.
async function anaOf(world) {
  world.ana ??= new Browser(world);
  if (world.ana.cookies.length === 0) await world.ana.signIn('/crm/');
  return world.ana;
}

async function signsIn(world) {
  const browser = new Browser(world);
  world.application.seen.length = 0;
  const { hops, answer, url } = await browser.signIn(PAGE);
  assert.equal(url, SITE + PAGE, `led to ${url}`);
  assert.deepEqual([answer.status, answer.text], [200, `application: ${PAGE}`]);
  const [page] = world.application.seen;
  assert.deepEqual([world.application.seen.length, page.target], [1, PAGE]);
  assert.deepEqual(faultsOfAna(page), []);
  const toldOf = (name) => page.lines.filter(([other]) => folded(other) === name).map(([, value]) => value);
  assert.deepEqual(toldOf('X_FORWARDED_FOR'), [BROWSER], "the browser's address");
  assert.deepEqual(toldOf('HOST'), [HOST]);
  assert.deepEqual(toldOf('X_FORWARDED_PROTO'), ['https']);
  await keepsOthersCookies(world, browser);
  if (!world.recipe.passesCookies) assert.ok(!`${toldOf('COOKIE')}`.includes('__Host-sg='), 'our cookie went on');
  return `${hops.length} redirects`;
}

/// The application gets its own cookies, and none of ours, however many there are.
async function keepsOthersCookies(world, browser) {
  const [line] = browser.cookies;
  const ours = line.slice('Cookie: '.length);
  const lines = [
    `a=1; ${ours}; b=2`,
    `${ours}; b=2`,
    `a=1; ${ours}`,
    `a=1; ${ours}; __Host-sg=x; b=2`,
    `${ours}; ${ours}`,
  ];
  for (const cookies of [...lines, `y__Host-sg=1; ${ours}; b=2`]) {
    world.application.seen.length = 0;
    await sendAll(world, [{ target: '/crm/x', lines: [`Cookie: ${cookies}`] }]);
    for (const { lines } of world.application.seen) {
      const got = lines.filter(([name]) => folded(name) === 'COOKIE').map(([, value]) => value);
      const each = got.join('; ').split('; ');
      const wanted = cookies.split('; ').filter((one) => !one.startsWith('__Host-sg='));
      for (const one of wanted) assert.ok(each.includes(one), `${one} is missing in ${got}`);
      if (!world.recipe.passesCookies)
        assert.ok(!each.some((one) => one.startsWith('__Host-sg=')), `our cookie went on: ${got}`);
    }
  }
}

async function refusesScripts(world) {
  world.application.seen.length = 0;
  const lines = [FETCH, ['Accept: */*'], ['X-Requested-With: XMLHttpRequest']];
  const answers = await sendAll(
    world,
    lines.map((some) => ({ target: '/crm/api', lines: some })),
  );
  for (const { status, header } of answers) assert.deepEqual([status, header('location')], [401, undefined]);
  assert.equal(world.application.seen.length, 0);
}

async function forgesAsNobody(world) {
  const names = [...inputs.FAMILY, ...inputs.OTHERS];
  const { answers, note } = await judge(world, forgeries(names, '/secret'), faultsOfNobody);
  assert.ok(!answers.some(({ status }) => status >= 200 && status < 300), 'a 2xx for nobody');
  return note;
}

/// Names of other products are the gateway's business where it is on the way.
const namesOf = ({ isForwardAuth }) => (isForwardAuth ? inputs.FAMILY : [...inputs.FAMILY, ...inputs.OTHERS]);

async function forgesOnPublicParts(world) {
  const requests = forgeries(namesOf(world.recipe), '/public/x', NAVIGATION);
  const { note } = await judge(world, requests, faultsOfNobody);
  assert.ok(world.application.seen.length > requests.length / 2, note);
  return note;
}

async function forgesAsAna(world) {
  const { cookies } = await anaOf(world);
  const requests = forgeries(namesOf(world.recipe), '/crm/x', [...NAVIGATION, ...cookies]);
  const { note } = await judge(world, requests, faultsOfAna);
  assert.ok(world.application.seen.length > requests.length / 2, note);
  return note;
}

async function forgesOverHttp2(world) {
  const [cookie] = (await anaOf(world)).cookies;
  const ana = { cookie: cookie.slice('Cookie: '.length) };
  const rounds = [
    [forgeriesOverHttp2('/secret'), faultsOfNobody],
    [forgeriesOverHttp2('/public/x'), faultsOfNobody],
    [forgeriesOverHttp2('/crm/x', ana), faultsOfAna],
    [[{ ':path': '/crm/x', host: 'evil.example', ...ana }], faultsOfAna],
    [[{ ':path': '/crm/x', ':authority': 'evil.example', ...ana }], () => ['of another host']],
    [[{ ':path': '/secret', host: OPEN_HOST }], faultsOfNobody],
    [[{ ':path': '/secret', ':authority': OPEN_HOST, host: HOST }], faultsOfNobody],
    [[{ ':path': '/secret', ':authority': OPEN_HOST }], faultsOfNobody],
  ];
  let [sent, reached] = [0, 0];
  for (const [requests, faultsOf] of rounds) {
    world.application.seen.length = 0;
    if (!(await overHttp2(world.ports.front, requests))) return 'it has no HTTP/2';
    assert.deepEqual(world.application.seen.flatMap(faultsOf), []);
    sent += requests.length;
    reached += world.application.seen.length;
  }
  assert.ok(reached > 0, 'nothing reached the application');
  return `${sent} sent, ${reached} reached the application`;
}

async function nominates(world) {
  const { cookies } = await anaOf(world);
  const ways = inputs.NOMINATED.flatMap((name) => [
    [`Connection: close, ${name}`],
    [`Connection: ${name}`, ...(inputs.FAMILY.includes(name) ? [`${name}: ${inputs.FORGED}`] : [])],
    ['Connection: keep-alive', `Connection: ${name.toLowerCase()}`],
    [`Connection: close,\t${name} ,x`],
  ]);
  const asAna = ways.map((lines) => ({ target: '/crm/x', lines: [...lines, ...cookies] }));
  const asNobody = ways.map((lines) => ({ target: '/secret', lines }));
  // Where a client takes its own cookie away, it is nobody, and nothing of it goes on.
  const one = await judge(world, asAna, faultsOfAna);
  const other = await judge(world, asNobody, faultsOfNobody);
  return `signed in: ${one.note}; nobody: ${other.note}`;
}

async function namesOtherHosts(world) {
  const { cookies } = await anaOf(world);
  const requests = Object.values(inputs.HOSTS).flatMap((hosts) =>
    ['/public/x', '/crm/x'].map((target) => ({
      bytes: `GET ${target} HTTP/1.1\r\n${[...hosts, ...cookies].map((line) => `${line}\r\n`).join('')}\r\n`,
    })),
  );
  const { note } = await judge(world, requests, ({ target }) => [`reached by ${target}`]);
  const own = inputs.OWN_HOSTS.map((host) => ({ target: '/crm/x', lines: [`Host: ${host}`, ...cookies] }));
  await judge(world, own, faultsOfAna);
  const absolute = inputs.AUTHORITIES.map(([target, host]) => ({ target, lines: [host] }));
  const other = await judge(world, absolute, faultsOfNobody);
  return `${note}; with an authority in the request line: ${other.note}`;
}

/// An application that speaks HTTP/2 makes a tunnel of it, in which nobody is asked again.
async function upgrades(world) {
  const { cookies } = await anaOf(world);
  const requests = inputs.UPGRADES.flatMap((lines) => [
    { target: '/public/x', lines },
    { target: '/crm/x', lines: [...lines, ...cookies] },
  ]);
  const upgraded = ({ lines }) =>
    lines
      .filter(([name, value]) => name.toLowerCase() === 'upgrade' && value !== 'websocket')
      .map(([, value]) => `Upgrade: ${value}`);
  return (await judge(world, requests, upgraded)).note;
}

const bendsPaths = (world) =>
  judge(
    world,
    [
      ...inputs.TARGETS,
      ...inputs.TARGETS.filter((target) => /^\/p/i.test(target)).map((target) => `${target}/x?y`),
    ].map((target) => ({ target, lines: NAVIGATION })),
    faultsOfNobody,
  ).then(({ note }) => note);

async function asksWithOtherMethods(world) {
  const asked = ['Access-Control-Request-Method: GET', OWN_ORIGIN, `X-Forwarded-User: ${inputs.FORGED}`];
  const requests = inputs.METHODS.flatMap((method) => [
    { method, target: '/secret' },
    { method, target: '/secret', lines: asked },
    { method, target: '/public/../secret', lines: asked },
  ]);
  return (await judge(world, requests, faultsOfNobody)).note;
}

async function claimsToPass(world) {
  const cookies = inputs.COOKIES.map((cookie) => `Cookie: ${cookie}`);
  const lines = [...PASSES, ...cookies];
  const requests = ['/secret', '/public/../secret', '/secret?/public/'].flatMap((target) =>
    lines.map((line) => ({ target, lines: [line] })),
  );
  const { answers, note } = await judge(world, requests, faultsOfNobody);
  assert.ok(!answers.some(({ status }) => status >= 200 && status < 300), 'a 2xx for nobody');
  await judge(
    world,
    cookies.map((line) => ({ target: '/public/x', lines: [line] })),
    faultsOfNobody,
  );
  return note;
}

async function shakesHands(world) {
  const { cookies } = await anaOf(world);
  const own = { target: '/crm/socket', lines: [...HANDSHAKE, OWN_ORIGIN, ...cookies] };
  world.application.seen.length = 0;
  const [{ status }] = await sendAll(world, [own]);
  assert.equal(status, 101, 'of its own origin');
  assert.deepEqual(world.application.seen.flatMap(faultsOfAna), []);
  assert.equal(world.application.seen.length, 1);
  const foreign = ORIGINS.map((origin) => ({
    target: '/crm/socket',
    lines: [...HANDSHAKE, `Origin: ${origin}`, ...cookies],
  }));
  const nobody = [
    { target: '/crm/socket', lines: [...HANDSHAKE, OWN_ORIGIN] },
    { target: '/crm/socket', lines: [...HANDSHAKE, OWN_ORIGIN, `X-Forwarded-User: ${inputs.FORGED}`] },
  ];
  const refused = ({ target }) => [`reached by ${target}`];
  return (await judge(world, [...foreign, ...nobody], refused)).note;
}

export const ATTACKS = {
  'a page signs in, and leads back with its query': signsIn,
  'a script of nobody gets a 401': refusesScripts,
  'forged names, of nobody': forgesAsNobody,
  'forged names, on a public part': forgesOnPublicParts,
  'forged names, of somebody who is signed in': forgesAsAna,
  'forged names over HTTP/2': forgesOverHttp2,
  'names that Connection nominates': nominates,
  'other hosts': namesOtherHosts,
  'paths that can be read in two ways': bendsPaths,
  'other methods': asksWithOtherMethods,
  'what others let pass, and cookies that nobody made': claimsToPass,
  'WebSocket handshakes of other origins': shakesHands,
  'upgrades to something else': upgrades,
};

export { anaOf, judge, sendAll };
