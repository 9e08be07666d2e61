// The leak test: every secret of a run is known; none is in a log line, a metric, an error page or a request to the
// application. A text that may be there is found in each of them, or else the search would prove nothing.
//
//   node run.mjs --binary PATH [--browsers]

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Agent } from '../shared/agent.mjs';
import { runAll } from '../shared/checks.mjs';
import { newSessionKey, startGateway, temporaryFolder } from '../shared/gateway.mjs';
import { freePorts } from '../shared/ports.mjs';
import { startProvider } from '../shared/provider.mjs';
import { answersHaveTheirHeaders } from './answers.mjs';
import { browserSuite } from './browsers.mjs';
import { Canaries, forms, leaksIn, secret } from './canaries.mjs';
import { configuration } from './config.mjs';
import { startHost } from './host.mjs';
import { scenarios } from './scenarios.mjs';

const { values: options } = parseArgs({
  options: { binary: { type: 'string' }, browsers: { type: 'boolean', default: false } },
});
/// Kinds of secrets that no answer at all may hold.
const NEVER = [
  'client secret',
  'Sigma secret',
  'session key',
  'bad configuration',
  'verifier',
  'access',
  'refresh',
  "provider's id",
  'authorization',
];
const RUN_SECONDS = options.browsers ? 900 : 300;

const PEOPLE = {
  ana: { groups: ['finance', 'nobody-else'], given_name: 'Ana', family_name: 'Silva' },
  dan: { groups: [] },
  eve: { groups: ['sigma-internal'] },
};
const REFUSED = {
  stranger: { email: 'x@elsewhere.example', groups: [] },
  unverified: { email: 'u@example.com', email_verified: false, groups: [] },
};

async function main(checks) {
  const world = await begin();
  try {
    for (const [name, play] of Object.entries(scenarios))
      await checks.run(`[scenario] ${name}`, async () => void (await play(world)));
    await answersHaveTheirHeaders(checks, world);
    const ended = await end(world);
    await judge(checks, world, ended);
  } finally {
    await world.stop();
  }
  if (options.browsers) await browserSuite(checks, options.binary);
}

async function begin() {
  const [gateway, admin, provider, host, nobody] = await freePorts(5);
  const ports = { gateway, admin, provider, host, nobody };
  const control = `control-${randomBytes(6).toString('hex')}`;
  const canaries = new Canaries();
  const plant = (kind, value = secret()) => {
    canaries.add(kind, value);
    return value;
  };
  const planted = {
    clientSecret: plant('the client secret'),
    sigma: plant('the Sigma secret'),
    key: plant('the session key', newSessionKey()),
    misplaced: plant('a secret in a bad configuration'),
    forged: plant('a forged value'),
  };
  // A browser's own credentials: the application gets them, nobody else.
  const logged = {
    query: plant('the browser’s query'),
    header: plant('the browser’s header'),
    cookie: plant('the browser’s cookie'),
    body: plant('the browser’s body'),
  };
  const traps = {
    cookie: plant('the application’s cookie'),
    jwt: plant('the application’s old token', `eyJ${secret()}.${secret()}.${secret()}`),
    name: plant('a token in place of an embed’s name', `eyJ${secret()}.${secret()}`),
  };
  const addresses = Object.fromEntries(
    Object.keys(PEOPLE).map((name) => [name, { email: `${name}-${control}@example.com`, ...PEOPLE[name] }]),
  );
  const login = await startProvider({
    port: provider,
    clientId: 'sigma-gateway',
    clientSecret: planted.clientSecret,
    people: { ...addresses, ...REFUSED },
  });
  const application = await startHost(host, traps);
  const configurationText = configuration({
    ports,
    issuer: login.issuer,
    clientId: randomBytes(32).toString('hex'),
    control,
  });
  const files = { 'gateway.toml': configurationText, 'session.key': planted.key, 'sigma.secret': planted.sigma };
  const folder = temporaryFolder(`leaks-${control}`, files);
  const streams = ['stdout.log', 'stderr.log'].map((name) => path.join(folder, name));
  const process = await startGateway({
    binary: options.binary,
    folder,
    admin,
    files: streams,
    env: { RUST_LOG: 'trace', LEAKS_CLIENT_SECRET: planted.clientSecret },
  });
  const answers = [];
  const hear = (answer) => {
    answers.push(answer);
    harvest(canaries, answer);
  };
  const people = Object.fromEntries(Object.keys(PEOPLE).map((name) => [name, new Agent(hear)]));
  const site = (name) => `http://${name}.localhost:${gateway}`;
  const sites = {
    signed: site('signed'),
    link: site('link'),
    down: site('down'),
    unknown: site('unknown'),
    admin: `http://127.0.0.1:${admin}`,
  };
  const reloads = async (result) =>
    Number(
      new RegExp(`config_reloads_total\\{result="${result}"\\} (\\d+)`).exec(
        (await process.admin('/metrics')).text,
      )?.[1] ?? 0,
    );
  return {
    ports,
    control,
    canaries,
    planted,
    logged,
    forged: planted.forged,
    misplaced: planted.misplaced,
    people,
    hear,
    answers,
    sites,
    reloads,
    provider: login,
    host: application,
    gateway: process,
    configurationText,
    writeConfiguration: (text) => fs.writeFileSync(path.join(folder, 'gateway.toml'), text),
    stop: async () => {
      for (const one of [process, login, application]) await one.stop();
    },
  };
}

/// Every cookie and every token that an answer hands out is a canary from then on.
function harvest(canaries, { headers, text }) {
  for (const line of headers['set-cookie'] ?? []) {
    const [, value] = /^__Host-sg[\w-]*=([^;]*)/.exec(line) ?? [];
    if (value) canaries.add('a cookie of ours', value);
  }
  for (const [, token] of `${headers.location} ${text}`.matchAll(/:jwt=([\w-]+\.[\w-]+\.[\w-]+)/g))
    if (!canaries.has(token)) canaries.add('a minted token', token);
}

/// What can be read of the process while it runs, and what it said until its end.
async function end({ gateway, canaries, provider }) {
  const metrics = (await gateway.admin('/metrics')).text + (await gateway.admin('/readyz')).text;
  const ofProcess = (name) =>
    fs.existsSync('/proc/self/environ') ? fs.readFileSync(`/proc/${gateway.pid}/${name}`, 'utf8') : null;
  const [cmdline, environment] = ['cmdline', 'environ'].map(ofProcess);
  await gateway.stop();
  for (const { kind, value } of provider.seen.secrets) if (value.length >= 24) canaries.add(kind, value);
  return { metrics, cmdline, environment, log: gateway.output() };
}

async function judge(checks, world, { metrics, cmdline, environment, log }) {
  const { canaries, control, answers, sites, host, provider, planted } = world;
  const ours = answers.filter(
    ({ url, method }) => method === 'RAW' || Object.values(sites).some((site) => url.startsWith(site)),
  );
  const errors = ours.filter(({ status }) => status >= 400);
  const all = canaries.list();
  if (errors.length < 100) throw new Error(`only ${errors.length} error answers: the scenarios did not do their work`);
  const isBrowsers = (kind) => kind.startsWith('the browser’s') || kind === 'the application’s cookie';
  const pagesOfLinks = ours.filter(
    ({ url, headers }) => url.startsWith(sites.link) && headers['sigma-gateway'] !== 'minted',
  );

  await detectorWorks(checks, canaries);
  await checks.run('the gateway ran with RUST_LOG=trace', () => {
    const lines = log
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
    if (environment !== null) assert.ok(environment.includes('RUST_LOG=trace'));
    const count = (wanted) => lines.filter(({ kind, level }) => (level ?? kind) === wanted).length;
    return ['access', 'audit', 'trace', 'debug', 'info', 'warn', 'error']
      .map((kind) => `${count(kind)} ${kind}`)
      .join(', ');
  });
  const sink = (name, text, controls, list = all) => sinkIsClean(checks, { name, text, controls, list });
  const isMistake = (kind) => kind === 'a token in place of an embed’s name';
  await sink(
    'log line',
    log,
    {
      'the embed’s name': `"embed":"${control}"`,
      'the address': `ana-${control}@example.com`,
      'the path': `"/notes/${control}"`,
    },
    canaries.list((kind) => !isMistake(kind)),
  );
  await sinkIsClean(checks, {
    name: 'log line, where the application’s page has a token in place of an embed’s name',
    text: log,
    controls: {},
    list: canaries.list(isMistake),
  });
  await sink('metric or readiness', metrics, { 'the embed’s name': `embed="${control}"` });
  await sink('error answer', errors.map(withoutCookies).join('\n'), {
    'the request’s id': errors.find(({ headers }) => headers['x-request-id']).headers['x-request-id'],
    'a reason': 'attempt_missing',
  });
  await sink(
    'request to the application',
    host.seen.join('\n'),
    {
      'the address': `ana-${control}@example.com`,
      'the path': `/notes/${control}`,
      'the browser’s own credential': world.logged.header,
    },
    canaries.list((kind) => !isBrowsers(kind)),
  );
  await sink(
    'request to the provider',
    provider.seen.requests.join('\n'),
    { 'the client': 'client_id=sigma-gateway' },
    canaries.list((kind) => !kind.startsWith("provider's") && kind !== 'the client secret'),
  );
  if (cmdline !== null) await sink('command line', cmdline, { 'the configuration’s folder': control });
  // The configuration of this run takes the client secret from there.
  if (environment !== null)
    await sink(
      'environment',
      environment,
      { 'the client secret': planted.clientSecret },
      canaries.list((kind) => kind !== 'the client secret'),
    );
  await checks.run(
    'no answer at all holds a secret of the configuration, a verifier, or a token of the provider',
    () => {
      const never = canaries.list((kind) => NEVER.some((word) => kind.includes(word)));
      assert.deepEqual(leaksIn(ours.map(withoutTokens).join('\n'), never), []);
      return `${ours.length} answers, ${never.length} secrets`;
    },
  );
  await checks.run('with deliver = "link" no page, JSON or redirect of the application holds a signed URL', () => {
    const tokens = canaries.list((kind) => kind === 'a minted token');
    assert.ok(tokens.length > 20, `only ${tokens.length} tokens were minted`);
    const signed = pagesOfLinks.filter(({ headers, text }) =>
      tokens.some(([token]) => `${headers.location} ${text}`.includes(token)),
    );
    assert.deepEqual(
      signed.map(({ url }) => url),
      [],
    );
    return `${pagesOfLinks.length} answers, ${tokens.length} tokens`;
  });
}

/// The search finds each kind of canary in each form; else the rest means nothing.
function detectorWorks(checks, canaries) {
  return checks.run('the search finds every canary in every form of it', () => {
    const kinds = new Set();
    for (const [value, kind] of canaries.list()) {
      kinds.add(kind);
      for (const form of [value, ...forms(value), value.slice(3, 27)])
        assert.ok(leaksIn(`before ${form} after`, [[value, kind]]).length > 0, `${kind}: ${form}`);
    }
    assert.deepEqual(leaksIn('nothing of the kind', canaries.list()), []);
    return `${canaries.size} values of ${kinds.size} kinds: ${[...kinds].join(', ')}`;
  });
}

async function sinkIsClean(checks, { name, text, controls, list }) {
  await checks.run(`no canary is in a ${name}`, () => {
    assert.deepEqual(leaksIn(text, list), []);
    return `${list.length} values, ${Math.round(text.length / 1024)} KiB`;
  });
  for (const [what, control] of Object.entries(controls)) {
    await checks.run(`what may be in a ${name} is found there: ${what}`, () =>
      assert.ok(text.includes(control), `no ${control}`),
    );
  }
}

/// Two tokens of one person have equal parts in their payloads: the minted ones have a check of their own.
function withoutTokens(answer) {
  return withoutCookies(answer).replace(/:jwt=[\w-]+\.[\w-]+\.[\w-]+/g, '');
}

/// An answer as text, but for the cookies that it sets.
function withoutCookies({ headers: { 'set-cookie': _, ...headers }, text }) {
  return `${JSON.stringify(headers)}\n${text}`;
}

runAll(main, RUN_SECONDS);
