// A real proxy in front of the gateway that signs people in as well: Apache with mod_auth_openidc, nginx as
// docs/OPERATING.md shows it (with a stand-in for oauth2-proxy behind its auth_request), and oauth2-proxy itself where
// OAUTH2_PROXY names its program. Ana signs out there, and Bo signs in on the same browser: is he ever served as Ana?

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ready, startChild } from '../shared/child.mjs';
import * as toml from '../shared/configuration.mjs';
import { newSessionKey, newSigmaSecret, startGateway, temporaryFolder } from '../shared/gateway.mjs';
import { request } from '../shared/http.mjs';
import { oauth2ProxyArguments } from '../shared/oauth2_proxy.mjs';
import { freePorts } from '../shared/ports.mjs';
import { json, redirect, serve } from '../shared/servers.mjs';
import { Agent, FETCH, FRAME, NAVIGATION } from '../shared/agent.mjs';
import { startProvider } from '../shared/provider.mjs';

const apps = path.join(path.dirname(fileURLToPath(import.meta.url)), 'apps');
const MODULES = '/usr/lib/apache2/modules';
const CLIENT = { id: 'sigma-gateway', secret: 'demo-secret' };
const PEOPLE = {
  ana: { email: 'ana@example.com', groups: ['finance'] },
  bo: { email: 'bo@example.com', groups: ['finance'] },
};
const HOPS_MAX = 20;
const START_SECONDS = 30;

/// Each with the header that names the person. The site `compared` has it as `same_person`; `trusting` has no such key.
const FRONTS = [
  {
    name: 'mod_auth_openidc',
    header: 'X-Front-Email',
    start: startApache,
    signOut: (site) => `${site}/front/callback?logout=${encodeURIComponent(`${site}/unsaid/out`)}`,
    hasUnsaid: true,
  },
  {
    name: 'nginx with auth_request',
    header: 'X-Auth-Request-Email',
    start: startNginx,
    signOut: (site) => `${site}/front/sign_out`,
  },
  {
    name: 'oauth2-proxy',
    header: 'X-Forwarded-Email',
    start: startOauth2Proxy,
    signOut: (site) => `${site}/front/sign_out`,
    program: process.env.OAUTH2_PROXY,
  },
].filter(({ name, program }) => name !== 'oauth2-proxy' || program !== undefined);

/// `hasKey` is false for a program that does not know `same_person` yet: then the checks show what it does without.
export async function fronts(checks, { binary, hasKey = true }) {
  for (const front of FRONTS) {
    const world = await start(front, { binary, hasKey });
    const run = (name, check) => checks.run(`[${front.name} in front] ${name}`, check);
    try {
      await run('Ana signs out there, Bo signs in, and is never served as Ana', () => changesPerson(world, 'compared'));
      await run('a frame, a fetch and the embed API of Bo are no longer of Ana', () => asksAsOther(world, 'compared'));
      if (front.hasUnsaid)
        await run('where the proxy says nothing nobody is served, and the session stays', () => saysNothing(world));
      if (hasKey)
        await run('control: without same_person Bo is served as Ana', () =>
          assert.rejects(changesPerson(world, 'trusting'), /served as Ana/),
        );
    } finally {
      for (const stop of world.stops.reverse()) await stop();
    }
  }
}

async function start(front, { binary, hasKey }) {
  const [gateway, admin, provider, application, port] = await freePorts(5);
  const login = await startProvider({
    port: provider,
    clientId: CLIENT.id,
    clientSecret: CLIENT.secret,
    people: PEOPLE,
  });
  const heard = [];
  const app = await serve(application, (asked) => {
    const page = {
      path: asked.url,
      email: asked.headers['x-forwarded-email'] ?? null,
      said: asked.rawHeaders.filter((_, index) => index % 2 === 0),
    };
    heard.push(page);
    return json(page);
  });
  const site = (name) => `http://${name}.localhost:${port}`;
  const key = hasKey ? `same_person = "${front.header}"` : '';
  const text = [
    toml.listen({ address: `127.0.0.1:${gateway}`, admin }),
    toml.organization({ clientId: '3f0e7c526d0b4c6e9a7e2f1f' }),
    toml.identity({ issuer: login.issuer, clientId: CLIENT.id }),
    toml.embed('revenue', toml.SIGMA + toml.WORKBOOK),
    toml.finance(),
    toml.site({
      url: site('compared'),
      upstream: application,
      embeds: ['revenue'],
      more: `${key}\n${toml.publicRoute('/unsaid/out')}`,
    }),
    toml.site({ url: site('trusting'), upstream: application, embeds: ['revenue'] }),
  ].join('');
  const folder = temporaryFolder('front', {
    'gateway.toml': text,
    'session.key': newSessionKey(),
    'sigma.secret': newSigmaSecret(),
    'oidc.secret': CLIENT.secret,
  });
  fs.chmodSync(folder, 0o755);
  const stops = [login.stop, app.stop];
  const running = await startGateway({ binary, folder, admin });
  stops.push(running.stop);
  const proxy = await front.start({
    folder: path.join(folder, 'front'),
    port,
    gateway,
    issuer: login.issuer,
    login,
    program: front.program,
  });
  stops.push(proxy.stop);
  return { front, site, login, heard, running, stops };
}

async function startApache({ folder, port, gateway, issuer }) {
  fs.mkdirSync(folder);
  fs.chmodSync(folder, 0o777); // Apache gives its rights away
  const values = {
    FOLDER: folder,
    PORT: port,
    GATEWAY: gateway,
    ISSUER: issuer,
    CLIENT: CLIENT.id,
    SECRET: CLIENT.secret,
    MODULES,
    PASSPHRASE: randomBytes(24).toString('hex'),
  };
  const user = process.getuid() === 0 ? 'User www-data\nGroup www-data\n' : '';
  const text = fs.readFileSync(path.join(apps, 'front.conf'), 'utf8').replace(/@([A-Z]+)@/g, (_, name) => values[name]);
  fs.writeFileSync(path.join(folder, 'apache.conf'), text + user, { mode: 0o600 });
  const child = startChild('apache2', ['-f', path.join(folder, 'apache.conf'), '-D', 'FOREGROUND']);
  await isUp(child, port);
  return child;
}

/// The server of docs/OPERATING.md, word for word but for TLS and the ports.
async function startNginx({ folder, port, gateway, login }) {
  fs.mkdirSync(folder);
  const [signIn] = await freePorts(1);
  const standIn = await serve(signIn, (asked) => authRequest(asked, login));
  const example = fs
    .readFileSync(path.join(apps, '../../../docs/OPERATING.md'), 'utf8')
    .match(/```nginx\n(.*?)```/s)[1];
  const server = [
    ['listen 443 ssl;', `listen 127.0.0.1:${port};`],
    ['127.0.0.1:4180', `127.0.0.1:${signIn}`],
    ['127.0.0.1:8080', `127.0.0.1:${gateway}`],
  ].reduce((text, [from, to]) => {
    assert.ok(text.includes(from), `docs/OPERATING.md shows ${from}`);
    return text.replaceAll(from, to);
  }, example);
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join(' ');
  const map = 'map $http_upgrade $connection_upgrade { default upgrade; "" ""; }';
  fs.writeFileSync(
    path.join(folder, 'nginx.conf'),
    `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log; events {}
    http { access_log off; ${places} ${map}\n${server} }`,
  );
  const child = startChild('nginx', ['-e', path.join(folder, 'error.log'), '-p', folder, '-c', 'nginx.conf']);
  await isUp(child, port);
  return { stop: () => child.stop().then(standIn.stop) };
}

/// What oauth2-proxy answers below its prefix; whoever is at the provider signs in.
function authRequest({ url, headers }, login) {
  const { pathname, searchParams } = new URL(url, 'http://front.localhost');
  const person = /(?:^|; )front=(\w+)/.exec(headers.cookie ?? '')?.[1];
  if (pathname === '/front/auth')
    return person ? { status: 202, headers: { 'x-auth-request-email': PEOPLE[person].email } } : { status: 401 };
  if (pathname === '/front/start')
    return redirect(searchParams.get('rd'), { 'set-cookie': `front=${login.person}; Path=/` });
  if (pathname === '/front/sign_out') return { headers: { 'set-cookie': 'front=; Path=/; Max-Age=0' } };
  return { status: 404 };
}

async function startOauth2Proxy({ folder, port, gateway, issuer, program }) {
  fs.mkdirSync(folder);
  const child = startChild(
    program,
    oauth2ProxyArguments({ issuer, client: CLIENT, port, gateway, scope: 'openid email' }),
    { cwd: folder },
  );
  await isUp(child, port);
  return child;
}

function isUp(child, port) {
  const answers = async () => (await request(`http://compared.localhost:${port}/front/none`)).status > 0;
  return ready(child, 'the proxy in front to answer', () => answers().catch(() => false), {
    seconds: START_SECONDS,
    every: 50,
  });
}

/// Follows redirects as a browser does, through the proxy's provider and ours.
async function visit(agent, url, headers = NAVIGATION) {
  let answer = await agent.ask(url, { headers });
  for (let hop = 0; answer.headers.location; hop += 1) {
    assert.ok(hop < HOPS_MAX, `more than ${HOPS_MAX} redirects, the last of ${answer.url.split('?')[0]}`);
    answer = await agent.ask(new URL(answer.headers.location, answer.url).href, { headers });
  }
  return answer;
}

/// Ana is served; she signs out at the proxy, and Bo signs in there.
async function untilBo(world, name) {
  const { login, front, site, heard } = world;
  const agent = new Agent();
  login.person = 'ana';
  const page = await visit(agent, `${site(name)}/page`);
  assert.equal(JSON.parse(page.text).email, PEOPLE.ana.email, page.text);
  await agent.ask(front.signOut(site(name)));
  login.person = 'bo';
  heard.length = 0;
  return agent;
}

const assertNeverAna = ({ heard }) =>
  assert.ok(!heard.some(({ email }) => email === PEOPLE.ana.email), `served as Ana: ${JSON.stringify(heard)}`);

async function changesPerson(world, name) {
  const { site, heard, front } = world;
  const agent = await untilBo(world, name);
  try {
    const page = await visit(agent, `${site(name)}/page`);
    assertNeverAna(world);
    assert.equal(JSON.parse(page.text).email, PEOPLE.bo.email, page.text);
    assert.ok(
      heard.every(({ said }) => said.filter((line) => /front/i.test(line)).length === 0),
      JSON.stringify(heard),
    );
    const minted = await agent.ask(`${site(name)}/sigma/api/embeds/revenue`, { headers: FETCH });
    assert.equal(subjectOf(minted), PEOPLE.bo.email, minted.text);
    return `${front.header}, ${heard.length} requests reached the application`;
  } finally {
    agent.close();
  }
}

/// What a page that is still open asks for, before anybody visits a page.
async function asksAsOther(world, name) {
  const { site, front } = world;
  for (const [where, headers] of [
    ['/sigma/api/embeds/revenue', FETCH],
    ['/api', FETCH],
    ['/sigma/embed/revenue', FRAME],
    ['/oauth2/userinfo', FETCH],
  ]) {
    const agent = await untilBo(world, name);
    try {
      // The proxy signs Bo in with any page: here one that the gateway answers itself.
      await visit(agent, `${site(name)}/sigma/links.js`);
      const answer = await agent.ask(site(name) + where, { headers });
      assertNeverAna(world);
      assert.ok(
        !answer.text.includes(PEOPLE.ana.email) && !answer.headers.location,
        `served as Ana: ${where} of ${front.name}: ${answer.status}`,
      );
      assert.deepEqual([answer.status, answer.headers['sigma-gateway']], [401, 'identity_conflict'], where);
    } finally {
      agent.close();
    }
  }
  const mints = world.running
    .output()
    .split('\n')
    .filter((line) => line.includes('"mint"') && line.includes(PEOPLE.ana.email));
  assert.deepEqual(mints, []);
}

async function saysNothing({ site, login, heard }) {
  const agent = new Agent();
  try {
    login.person = 'ana';
    await visit(agent, `${site('compared')}/page`);
    heard.length = 0;
    const answer = await agent.ask(`${site('compared')}/unsaid/page`, {
      headers: { ...FETCH, 'X-Front-Email': PEOPLE.ana.email },
    });
    assert.deepEqual([answer.status, answer.headers['sigma-gateway'], heard.length], [401, 'not_signed_in', 0]);
    const page = await agent.ask(`${site('compared')}/page`);
    assert.equal(JSON.parse(page.text).email, PEOPLE.ana.email);
  } finally {
    agent.close();
  }
}

/// The `sub` of the token in a signed URL.
function subjectOf({ text }) {
  const token = new URL(JSON.parse(text).url).searchParams.get(':jwt');
  return JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).sub;
}
