// All that runs during a measurement: the upstream, the provider, the proxies. Everything on loopback.

import fs from 'node:fs';
import Provider from 'oidc-provider';
import { makeCertificate } from '../shared/certificate.mjs';
import { ready, startChild } from '../shared/child.mjs';
import * as shared from '../shared/gateway.mjs';
import { CLIENT, startPanva } from '../shared/panva.mjs';
import { startFront } from './assertions.mjs';
import * as configurations from './configurations.mjs';
import { bodies } from './pages.mjs';
import { claimsOf, signIn } from './sign-in.mjs';

const READY_SECONDS = 40;
const APACHE_MODULE = '/usr/lib/apache2/modules/mod_auth_openidc.so';

/// In a row, from the first.
const PORTS = [
  'upstream',
  'provider',
  'nginx',
  'nginxTls',
  'gateway',
  'gatewayAdmin',
  'gatewayTls',
  'gatewayTlsAdmin',
  'apache',
  'oauth2Proxy',
  'before',
  'beforeAdmin',
  'behind',
  'behindAdmin',
  'passes',
  'asks',
  'attached',
  'attachedAdmin',
  'frontKeys',
  'nginxLogs',
  'gatewayLogs',
  'gatewayLogsAdmin',
  'beforeLogs',
  'beforeLogsAdmin',
];

/// Starts what can be started; each server has `name`, `origin`, `pid` and, where one signs in, `cookie`.
export async function startAll({ work, base, binary, before, under = [], withTls, bigBytes, note }) {
  const ports = portsFrom(base);
  const stops = [];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    const certificate = withTls ? makeCertificate(work, ['127.0.0.1']) : undefined;
    // Nobody vouches for it, and it is our own.
    if (withTls) process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    const context = {
      work,
      ports,
      binary,
      before,
      under,
      certificate,
      note,
      keep: (server) => {
        stops.push(server.stop);
        return server;
      },
    };
    await writeFiles(work, bigBytes);
    const servers = await startProxies(context);
    return { servers, ports, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startProxies(context) {
  const { ports, certificate, keep } = context;
  const origins = proxyOrigins(ports);
  // Not every proxy sends a PKCE challenge unasked.
  const people = { sites: Object.values(origins), claimsOf, isPkceRequired: false, ttlSeconds: 7200 };
  const provider = keep(await startPanva(Provider, { port: ports.provider, ...people }));
  context.issuer = provider.issuer;
  await startNginx(context, 'upstream', configurations.upstreamNginx(context.work, ports.upstream), ports.upstream);
  const nginx = await startNginx(
    context,
    'nginx',
    configurations.proxyNginx(context.work, ports, certificate),
    ports.nginx,
  );
  const gateway = await startGateway(context, 'gateway', origins.gateway, ports.gatewayAdmin);
  const logging = { hasAccessLines: true };
  const gatewayLogs = await startGateway(context, 'gateway-logs', origins.gatewayLogs, ports.gatewayLogsAdmin, logging);
  const before = async (name, origin, admin, more) => {
    if (!context.before) return undefined;
    const server = await startGateway({ ...context, binary: context.before }, name, origin, admin, more);
    return { ...server, name: 'gateway before' };
  };
  const servers = {
    // The same request for both, so that the cookie has to be read and passed on here too.
    nginx: { ...nginx, name: 'nginx', origin: `http://127.0.0.1:${ports.nginx}`, cookie: gateway.cookie },
    gateway,
    before: await before('before', origins.before, ports.beforeAdmin),
    nginxLogs: { ...nginx, name: 'nginx', origin: `http://127.0.0.1:${ports.nginxLogs}`, cookie: gatewayLogs.cookie },
    gatewayLogs,
    beforeLogs: await before('before-logs', origins.beforeLogs, ports.beforeLogsAdmin, logging),
    ...(await startFronts(context, origins.behind)),
    ...(await startAttached(context, origins.attached)),
    apache: await startApache(context, origins.apache),
    oauth2Proxy: await startOauth2Proxy(context, origins.oauth2Proxy),
  };
  if (certificate) {
    servers.nginxTls = { ...servers.nginx, origin: `https://127.0.0.1:${ports.nginxTls}` };
    servers.gatewayTls = await startGateway(context, 'gateway-tls', origins.gatewayTls, ports.gatewayTlsAdmin, {
      certificate,
    });
  }
  return servers;
}

/// nginx in front of a gateway of its own, which trusts it: what a request costs is what both spend.
async function startFronts(context, origin) {
  const { work, ports } = context;
  const behind = await startGateway(context, 'behind', origin, ports.behindAdmin, { isBehind: true });
  const front = await startNginx(
    context,
    'front',
    configurations.frontNginx(work, ports),
    ports.passes,
    '/public/small.txt',
  );
  const both = { ...front, pids: [front.pid, behind.pid], cookie: behind.cookie };
  return {
    behind,
    passes: { ...both, name: 'nginx, then gateway', origin: `http://127.0.0.1:${ports.passes}` },
    asks: { ...both, name: 'nginx asks gateway', origin: `http://127.0.0.1:${ports.asks}` },
  };
}

/// A gateway that takes people from a proxy in front, without a sign-in of its own: one server for each algorithm of
/// what is attached, which is the same process.
async function startAttached(context, origin) {
  const front = context.keep(await startFront(context.ports.frontKeys, claimsOf('ana')));
  const server = await startGateway(context, 'attached', origin, context.ports.attachedAdmin, { front });
  return {
    attachedRs256: { ...server, headers: front.headers.RS256 },
    attachedEs256: { ...server, headers: front.headers.ES256 },
  };
}

async function startNginx({ work, keep }, name, text, port, path = '/small.txt') {
  const file = `${work}/${name}.conf`;
  fs.writeFileSync(file, text);
  return keep(await startServer(['nginx', '-p', work, '-c', file], `http://127.0.0.1:${port}${path}`));
}

async function startGateway({ work, ports, binary, under, issuer, keep }, name, origin, admin, more = {}) {
  const settings = { origin, address: new URL(origin).host, admin, upstream: ports.upstream, issuer, ...more };
  const folder = shared.folderWith(`${work}/${name}`, {
    'session.key': shared.newSessionKey(),
    'sigma.secret': shared.newSigmaSecret(),
    'oidc.secret': CLIENT.secret,
    'gateway.toml': configurations.gateway(settings),
  });
  // As nginx: into a file, and not into the folder that is watched for a new configuration.
  const files = more.hasAccessLines && ['lines', 'errors'].map((stream) => `${work}/${name}.${stream}`);
  const server = keep(await shared.startGateway({ binary, folder, admin, under, files }));
  const cookie = more.front ? undefined : await signIn(`${origin}/small.txt`);
  return { ...server, name: 'gateway', origin, cookie };
}

async function startApache({ work, ports, issuer, keep, note }, origin) {
  if (!fs.existsSync(APACHE_MODULE)) return void note('Apache with mod_auth_openidc is not installed: left out');
  fs.writeFileSync(`${work}/apache.conf`, configurations.apache(work, ports, issuer));
  const command = ['apache2', '-DFOREGROUND', '-f', `${work}/apache.conf`];
  try {
    // 401: `fetch` says that it is no navigation.
    const server = keep(await startServer(command, `${origin}/small.txt`, 401));
    return { ...server, name: 'Apache + mod_auth_openidc', origin, cookie: await signIn(`${origin}/small.txt`) };
  } catch (error) {
    note(`Apache with mod_auth_openidc is left out: ${error.message}`);
    return undefined;
  }
}

async function startOauth2Proxy({ ports, issuer, keep, note }, origin) {
  const binary = process.env.OAUTH2_PROXY;
  if (!binary) return void note('oauth2-proxy is left out: OAUTH2_PROXY names no binary');
  const command = [binary, ...configurations.oauth2Proxy(ports, issuer)];
  const server = keep(await startServer(command, `${origin}/ping`));
  return { ...server, name: 'oauth2-proxy', origin, cookie: await signIn(`${origin}/small.txt`) };
}

/// Starts a server and waits until it answers there.
async function startServer([program, ...args], url, status = 200) {
  const child = startChild(program, args);
  const answers = async () =>
    (await fetch(url, { redirect: 'manual', headers: { accept: 'text/html' } })).status === status;
  await ready(child, `${program} to answer`, answers, { seconds: READY_SECONDS, every: 50 });
  return child;
}

function portsFrom(base) {
  return Object.fromEntries(PORTS.map((name, index) => [name, base + index]));
}

function proxyOrigins(ports) {
  return {
    gateway: `http://127.0.0.1:${ports.gateway}`,
    gatewayTls: `https://127.0.0.1:${ports.gatewayTls}`,
    before: `http://127.0.0.1:${ports.before}`,
    gatewayLogs: `http://127.0.0.1:${ports.gatewayLogs}`,
    beforeLogs: `http://127.0.0.1:${ports.beforeLogs}`,
    behind: `http://127.0.0.1:${ports.behind}`,
    attached: `http://127.0.0.1:${ports.attached}`,
    apache: `http://127.0.0.1:${ports.apache}`,
    oauth2Proxy: `http://127.0.0.1:${ports.oauth2Proxy}`,
  };
}

async function writeFiles(work, bigBytes) {
  fs.mkdirSync(`${work}/files/public`, { recursive: true });
  for (const [name, body] of Object.entries(bodies())) fs.writeFileSync(`${work}/files/${name}`, body);
  for (const name of ['small.txt', 'big.bin']) fs.writeFileSync(`${work}/files/public/${name}`, bodies()['small.txt']);
  fs.truncateSync(`${work}/files/public/big.bin`, bigBytes); // mostly a hole: costs no disk
}
