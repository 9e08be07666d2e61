// The recipes of deploy/recipes, started as they are: ports and paths are replaced, and each proxy gets the lines
// around its file that a distribution has (where its own files go, which modules it loads).

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild } from '../shared/child.mjs';

const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../deploy/recipes');
const MODULES = '/usr/lib/apache2/modules';
/// The ports that recipes are written with, by what is there.
const WRITTEN = { front: 443, gateway: 8080, application: 8000, admin: 9090, plain: 80 };
/// Where recipes have certificates, and Traefik its second file.
const PLACE = /\/etc\/[a-z0-9-]+\/((?:tls\/)?[a-z]+\.(?:pem|key|yml))/g;

/// How each proxy is started with its file; `around` gives what stands around it, by file.
const PROXIES = {
  nginx: {
    around: (own) => ({
      'nginx.conf': `daemon off; pid ${own}/pid; error_log ${own}/error.log; ${asOwner('user root;')}
events {}
http { access_log off; ${nginxPlaces(own)} include ${own}/crm.conf; }`,
    }),
    command: (own) => ['nginx', ['-p', own, '-e', `${own}/error.log`, '-c', `${own}/nginx.conf`]],
  },
  haproxy: { around: () => ({}), command: (own) => ['haproxy', ['-f', `${own}/haproxy.cfg`]] },
  caddy: {
    around: (own) => ({
      'main.caddy': `{
  admin off
  persist_config off
  auto_https off
  default_bind 127.0.0.1
}
import ${own}/Caddyfile
`,
    }),
    command: (own, tools) => [`${tools}/caddy`, ['run', '--adapter', 'caddyfile', '--config', `${own}/main.caddy`]],
  },
  traefik: {
    around: () => ({}),
    command: (own, tools) => [`${tools}/traefik`, [`--configFile=${own}/traefik.yml`]],
  },
  envoy: {
    around: () => ({}),
    command: (own, tools) => [
      `${tools}/envoy`,
      ['-c', `${own}/envoy.yaml`, '--concurrency', '1', '--use-dynamic-base-id', '--log-level', 'warning'],
    ],
  },
  apache: {
    around: (own, { front }) => ({
      'apache.conf': `ServerRoot ${own}
PidFile ${own}/pid
DefaultRuntimeDir ${own}
Mutex file:${own}
ErrorLog ${own}/error.log
ServerName localhost
Listen 127.0.0.1:${front}
${asOwner('User www-data\nGroup www-data')}
${['mpm_event', 'authz_core', 'headers', 'socache_shmcb', 'ssl', 'proxy', 'proxy_http'].map(loadModule).join('\n')}
StartServers 1
ServerLimit 1
ThreadsPerChild 25
MaxRequestWorkers 25
Include ${own}/crm.conf
`,
    }),
    command: (own) => ['apache2', ['-X', '-f', `${own}/apache.conf`]],
  },
};

const loadModule = (name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`;
const nginxPlaces = (own) =>
  ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${own}/${name};`).join(' ');
/// The line that a server wants which is started by root.
const asOwner = (line) => (process.getuid() === 0 ? line : '');

/// Every recipe: `{ name, isForwardAuth, proxy, passesCookies, folder }`.
export const RECIPES = ['in-front', 'forward-auth'].flatMap((kind) =>
  fs
    .readdirSync(path.join(folder, kind))
    .sort()
    .map((name) => ({
      name: `${kind}/${name}`,
      isForwardAuth: kind === 'forward-auth',
      proxy: name.split('-')[0],
      // No part of Traefik takes one cookie out.
      passesCookies: kind === 'forward-auth' && name === 'traefik',
      folder: path.join(folder, kind, name),
    })),
);

/// The text of a recipe's file with the ports and places of this run.
export function placed(text, own, ports) {
  const names = Object.entries(WRITTEN).filter(([name]) => ports[name] !== undefined);
  const numbers = new Map(names.map(([name, port]) => [String(port), String(ports[name])]));
  return text
    .replace(PLACE, (_, file) => `${own}/${file.replace('tls/', 'tls-')}`)
    .replace(/(?<=[:\s])(443|8080|8000|9090)\b(?!\.)/g, (port) => numbers.get(port) ?? port)
    .replaceAll('0.0.0.0', '127.0.0.1');
}

/// The part of `gateway.toml` that a recipe has.
export const gatewayPart = (recipe, own, ports) =>
  placed(fs.readFileSync(path.join(recipe.folder, 'gateway.toml'), 'utf8'), own, ports);

/// Starts the proxy of a recipe in `own`, where its certificate is already. Gives the child.
export function startProxy(recipe, { own, ports, tools }) {
  const proxy = PROXIES[recipe.proxy];
  const files = fs.readdirSync(recipe.folder).filter((file) => !['gateway.toml', 'README.md'].includes(file));
  for (const file of files)
    fs.writeFileSync(path.join(own, file), placed(fs.readFileSync(path.join(recipe.folder, file), 'utf8'), own, ports));
  for (const [file, text] of Object.entries(proxy.around(own, ports))) fs.writeFileSync(path.join(own, file), text);
  return startChild(...proxy.command(own, tools), { cwd: own, env: { HOME: own } });
}
