// Starts each real sender in front of the gateway; what is written for it is in this folder.

import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { NAVIGATION } from '../../shared/agent.mjs';
import { ready, startChild } from '../../shared/child.mjs';
import { request } from '../../shared/http.mjs';
import { oauth2ProxyArguments } from '../../shared/oauth2_proxy.mjs';
import { envoyConfiguration, secretFile } from './envoy.mjs';
import { CLIENT, startFront } from './front.mjs';
import { RESOURCE, SECRET } from './provider.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const MODULES = '/usr/lib/apache2/modules';
const START_SECONDS = 40;

/// The text of a file of this folder, filled in.
function filled(file, values) {
  return fs.readFileSync(path.join(here, file), 'utf8').replace(/@([A-Z]+)@/g, (_, name) => values[name]);
}

function written(folder, file, text) {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, file), text, { mode: 0o600 });
  return path.join(folder, file);
}

/// Waits until it redirects who is not signed in.
function up(child, name, port) {
  const page = `http://${name}.localhost:${port}/up`;
  const answers = async () => (await request(page, { headers: NAVIGATION })).status === 302;
  return ready(child, `${name} to answer`, () => answers().catch(() => false), { seconds: START_SECONDS, every: 100 });
}

export async function startApache({ folder, port, gateway, issuer }) {
  fs.mkdirSync(folder, { recursive: true });
  fs.chmodSync(folder, 0o777); // Apache gives its rights away
  const passphrase = randomBytes(24).toString('hex');
  const values = { FOLDER: folder, PORT: port, GATEWAY: gateway, ISSUER: issuer, SECRET, MODULES };
  const user = process.getuid() === 0 ? 'User www-data\nGroup www-data\n' : '';
  const text = filled('apache.conf', { ...values, PASSPHRASE: passphrase });
  const file = written(folder, 'apache.conf', text + user);
  const child = startChild('apache2', ['-f', file, '-D', 'FOREGROUND']);
  await up(child, 'apache', port);
  return child;
}

export async function startEnvoy({ folder, port, apiPort, gateway, provider, issuer, tools }) {
  const configuration = envoyConfiguration({ port, apiPort, gateway, provider, issuer, folder, resource: RESOURCE });
  const file = written(folder, 'envoy.json', JSON.stringify(configuration));
  written(folder, 'token.json', secretFile('token', SECRET));
  written(folder, 'hmac.json', secretFile('hmac', randomBytes(32).toString('hex')));
  const options = [
    '--concurrency',
    '1',
    '--use-dynamic-base-id',
    '--service-node',
    'a',
    '--service-cluster',
    'a',
    '-l',
    'warning',
  ];
  const child = startChild(path.join(tools, 'envoy'), ['-c', file, ...options]);
  await up(child, 'envoy', port);
  return child;
}

export async function startCaddy({ folder, port, gateway, auth, tools }) {
  const file = written(folder, 'Caddyfile', filled('Caddyfile', { PORT: port, GATEWAY: gateway, AUTH: auth }));
  const env = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const child = startChild(path.join(tools, 'caddy'), ['run', '--config', file, '--adapter', 'caddyfile'], { env });
  await up(child, 'caddy', port);
  return child;
}

export async function startTraefik({ folder, port, gateway, auth, tools }) {
  const file = written(folder, 'routes.yaml', filled('routes.yaml', { GATEWAY: gateway, AUTH: auth }));
  const args = [
    `--entrypoints.web.address=127.0.0.1:${port}`,
    `--providers.file.filename=${file}`,
    '--global.checknewversion=false',
    '--global.sendanonymoususage=false',
    '--log.level=ERROR',
  ];
  const child = startChild(path.join(tools, 'traefik'), args, { cwd: folder });
  await up(child, 'traefik', port);
  return child;
}

/// The stand-in for oauth2-proxy; its place is also where Caddy and Traefik ask.
export const startStandIn = ({ port, gateway, issuer }) => startFront({ port, gateway, issuer });

export async function startOauth2Proxy({ folder, port, gateway, issuer, program }) {
  fs.mkdirSync(folder, { recursive: true });
  const child = startChild(
    program,
    oauth2ProxyArguments({
      issuer,
      client: { id: CLIENT, secret: SECRET },
      port,
      gateway,
      scope: 'openid email groups',
      more: ['--pass-authorization-header=true'],
    }),
    { cwd: folder },
  );
  await up(child, 'oauth2-proxy', port);
  return child;
}
