// Proxies in front of the gateway, each with the lines by which its documentation has it say where a client is, and
// what `[listen]` says of it. All of them connect from 127.0.0.1; browsers come from other addresses of loopback.

import fs from 'node:fs';
import path from 'node:path';
import { ready, startChild } from '../shared/child.mjs';
import { temporaryFolder } from '../shared/gateway.mjs';
import { isOpen } from './browser.mjs';

const TRUSTED = 'trusted_proxies = ["127.0.0.1"]';
const START_SECONDS = 30;

/// `http`: the proxy speaks HTTP and names the client in a header; else it passes bytes on, behind a PROXY header.
/// `hops` are the proxies, the one that browsers reach first.
export const FRONTS = [
  {
    name: 'HAProxy, option forwardfor',
    listen: `${TRUSTED}\nclient_address = "x-forwarded-for"`,
    http: true,
    hops: [haproxy('mode http\n  option forwardfor')],
  },
  {
    name: 'HAProxy behind HAProxy, both with option forwardfor',
    listen: `${TRUSTED}\nclient_address = "x-forwarded-for"`,
    http: true,
    hops: [haproxy('mode http\n  option forwardfor'), haproxy('mode http\n  option forwardfor')],
  },
  {
    name: 'nginx, $proxy_add_x_forwarded_for',
    listen: `${TRUSTED}\nclient_address = "x-forwarded-for"`,
    http: true,
    hops: [nginx('proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;')],
  },
  {
    name: 'nginx, X-Real-IP',
    listen: `${TRUSTED}\nclient_address = "x-real-ip"`,
    http: true,
    hops: [nginx('proxy_set_header X-Real-IP $remote_addr;')],
  },
  {
    name: 'nginx, Forwarded, which it appends to whatever came',
    listen: `${TRUSTED}\nclient_address = "forwarded"`,
    http: true,
    hops: [nginx('proxy_set_header Forwarded "$http_forwarded, for=$remote_addr;proto=$scheme";')],
  },
  {
    name: 'nginx behind HAProxy with send-proxy-v2',
    listen: `${TRUSTED}\nclient_address = "x-forwarded-for"`,
    http: true,
    hops: [
      haproxy('mode tcp', 'send-proxy-v2'),
      nginx('proxy_set_header X-Forwarded-For $proxy_protocol_addr;', 'proxy_protocol'),
    ],
  },
  {
    name: 'HAProxy, send-proxy',
    listen: `${TRUSTED}\nclient_address = "x-forwarded-for"\nproxy_protocol = "v1"`,
    hops: [haproxy('mode tcp', 'send-proxy')],
  },
  {
    name: 'HAProxy, send-proxy-v2',
    listen: `${TRUSTED}\nclient_address = "x-forwarded-for"\nproxy_protocol = "v2"`,
    hops: [haproxy('mode tcp', 'send-proxy-v2')],
  },
  {
    name: 'HAProxy, send-proxy-v2 with additions, over the TLS of browsers',
    listen: `${TRUSTED}\nproxy_protocol = "any"`,
    tls: true,
    isBrowserTls: true,
    hops: [haproxy('mode tcp', 'send-proxy-v2 proxy-v2-options crc32c,unique-id', 'unique-id-format %[uuid()]')],
  },
  {
    name: 'HAProxy, HTTP over its own TLS, send-proxy-v2 and option forwardfor',
    listen: `${TRUSTED}\nclient_address = "x-forwarded-for"\nproxy_protocol = "any"`,
    tls: true,
    hops: [haproxy('mode http\n  option forwardfor', 'send-proxy-v2 ssl verify none sni str(crm.localhost)')],
  },
];

/// The first of them where nobody is trusted, and where everybody on this machine is.
export const CONTROLS = {
  nobody: { ...FRONTS[0], name: 'nobody is trusted', listen: 'client_address = "x-forwarded-for"' },
  everybody: {
    ...FRONTS[0],
    name: 'everybody is trusted',
    listen: 'trusted_proxies = ["127.0.0.0/8"]\nclient_address = "x-forwarded-for"',
  },
};

function haproxy(lines, toServer = '', more = '') {
  return {
    file: 'haproxy.cfg',
    text: (_, { port, next }) => `
global
  nbthread 1
defaults
  timeout connect 5s
  timeout client 30s
  timeout server 30s
listen front
  bind 127.0.0.1:${port}
  ${lines}
  ${more}
  server one 127.0.0.1:${next} ${toServer}
`,
    command: (file) => ['haproxy', ['-f', file]],
  };
}

function nginx(lines, onListen = '') {
  return {
    file: 'nginx.conf',
    text: (folder, { port, next }) => `
daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  server {
    listen 127.0.0.1:${port} ${onListen};
    location / { proxy_pass http://127.0.0.1:${next}; proxy_set_header Host $http_host; ${lines} }
  }
}`,
    command: (file, folder) => ['nginx', ['-p', folder, '-e', `${folder}/error.log`, '-c', file]],
  };
}

/// Starts the proxies of a front on `ports`, the last in front of `gateway`; gives how to stop them.
export async function startProxies({ hops }, ports, gateway) {
  const children = [];
  const stop = async () => {
    for (const child of children) await child.stop();
  };
  for (const [index, hop] of [...hops.entries()].reverse()) {
    const folder = temporaryFolder('fronts-proxy');
    const file = path.join(folder, hop.file);
    fs.writeFileSync(file, hop.text(folder, { port: ports[index], next: ports[index + 1] ?? gateway }));
    const child = startChild(...hop.command(file, folder), { cwd: folder });
    children.push(child);
    await ready(child, `${hop.file} to listen`, () => isOpen(ports[index]), { seconds: START_SECONDS });
  }
  return stop;
}
