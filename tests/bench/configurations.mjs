// What each server is told. Equal on all sides: access lines only where they are measured, two workers, kept
// connections to the same upstream.

import * as toml from '../shared/configuration.mjs';
import { CLIENT, SCOPES } from '../shared/panva.mjs';

export const EMBED = 'revenue';
/// Connections that a proxy keeps to the upstream; more than the load has.
const KEPT = 128;

/// nginx, as the upstream (one worker, files) or as the proxy (two workers). Buffers hold a page whole: nothing is
/// spilled.
function nginx(work, name, workers, http) {
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
daemon off; worker_processes ${workers}; worker_rlimit_nofile 20000;
pid ${work}/${name}.pid; error_log ${work}/${name}.log warn;
events { worker_connections 19000; multi_accept off; }
http {
  access_log off; keepalive_requests 100000000; keepalive_timeout 120s; client_max_body_size 0; server_tokens off;
  types { text/html html; text/plain txt; application/json json; application/octet-stream bin; } charset utf-8;
  ${folders.map((kind) => `${kind}_temp_path ${work}/${name}-${kind};`).join(' ')}
  ${http}
}`;
}

export function upstreamNginx(work, port) {
  return nginx(
    work,
    'upstream',
    1,
    `
  sendfile on; tcp_nopush on; open_file_cache max=100;
  server {
    listen 127.0.0.1:${port} backlog=4096; root ${work}/files;
    location /gzip/ { alias ${work}/files/; gzip on; gzip_proxied any; }
    # What a filter may change has no length: such pages come in chunks.
    location /chunked/ { alias ${work}/files/; sub_filter_types *; sub_filter "no such text" ""; }
    # Reads a body to its end, and only then answers.
    location = /upload { proxy_method GET; proxy_set_body ""; proxy_pass http://127.0.0.1:${port}/small.txt; }
  }`,
  );
}

export function proxyNginx(work, ports, certificate) {
  const location = `location / {
      proxy_pass http://upstream; proxy_http_version 1.1;
      proxy_set_header Connection ""; proxy_set_header Host $http_host;
      proxy_buffers 16 16k; proxy_max_temp_file_size 0;
    }`;
  const tls =
    certificate &&
    `
  server {
    listen 127.0.0.1:${ports.nginxTls} ssl http2 reuseport backlog=4096; http2_max_concurrent_streams 256;
    ssl_certificate ${certificate.chain}; ssl_certificate_key ${certificate.key}; ssl_protocols TLSv1.3;
    ${location}
  }`;
  return nginx(
    work,
    'nginx',
    2,
    `
  upstream upstream { server 127.0.0.1:${ports.upstream}; keepalive ${KEPT}; keepalive_requests 100000000; }
  server { listen 127.0.0.1:${ports.nginx} reuseport backlog=4096; ${location} }
  server {
    listen 127.0.0.1:${ports.nginxLogs} reuseport backlog=4096; access_log ${work}/nginx-access.log; ${location}
  }
  ${tls ?? ''}`,
  );
}

/// nginx in front of a gateway, once as a proxy to it, and once as one that asks it (`auth_request`) and goes to the
/// upstream itself.
export function frontNginx(work, ports) {
  const told = ['User', 'Email', 'Groups', 'Preferred-Username'].map((name) => `X-Forwarded-${name}`);
  const variable = (name) => `$told_${name.toLowerCase().replaceAll('-', '_')}`;
  const answered = (name) => `$upstream_http_${name.toLowerCase().replaceAll('-', '_')}`;
  const kept = 'proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;';
  return nginx(
    work,
    'front',
    2,
    `
  upstream upstream { server 127.0.0.1:${ports.upstream}; keepalive ${KEPT}; keepalive_requests 100000000; }
  upstream gateway { server 127.0.0.1:${ports.behind}; keepalive ${KEPT}; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${ports.passes} reuseport backlog=4096;
    location / { proxy_pass http://gateway; ${kept} }
  }
  server {
    listen 127.0.0.1:${ports.asks} reuseport backlog=4096;
    location / {
      auth_request /ask;
      ${told.map((name) => `auth_request_set ${variable(name)} ${answered(name)};`).join(' ')}
      proxy_pass http://upstream; ${kept}
      ${told.map((name) => `proxy_set_header ${name} ${variable(name)};`).join(' ')}
    }
    location = /ask {
      internal; proxy_pass http://gateway/oauth2/auth/nginx; ${kept}
      proxy_pass_request_body off; proxy_set_header Content-Length "";
      proxy_set_header X-Original-URL $scheme://$http_host$request_uri;
      proxy_set_header X-Original-Method $request_method;
    }
  }`,
  );
}

export function gateway({ origin, address, admin, upstream, issuer, certificate, isBehind, front, hasAccessLines }) {
  const tls = certificate
    ? `tls = { certificate = "${certificate.chain}", private_key = { file = "${certificate.key}" } }`
    : '';
  const trusted = isBehind ? 'trusted_proxies = ["127.0.0.1/32"]' : '';
  const log = hasAccessLines ? '' : '\n[log]\naccess = "off"';
  const accept = front ? `accept = ${JSON.stringify(front.sources)}\n` : '';
  return [
    toml.listen({ address, admin, more: `${tls}${trusted}${log}` }),
    toml.organization({ clientId: 'bench' }),
    front ? front.tables : toml.identity({ issuer, clientId: CLIENT.id, scopes: SCOPES }),
    toml.embed(EMBED, toml.SIGMA + toml.WORKBOOK, 'open = "redirect"'),
    toml.finance(),
    toml.site({
      url: origin,
      upstream,
      embeds: [EMBED],
      more: accept + toml.publicRoute('/public/') + toml.widgetsJson('/widgets.json'),
    }),
  ].join('');
}

/// Debian's Apache with mod_auth_openidc: its default session cache (shared memory), the worker count of the others.
export function apache(work, ports, issuer) {
  const modules = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'proxy', 'proxy_http', 'auth_openidc'];
  return `
${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
ServerName 127.0.0.1
ServerRoot ${work}
DefaultRuntimeDir ${work}
PidFile ${work}/apache.pid
ErrorLog ${work}/apache.log
LogLevel warn
User www-data
Group www-data
Listen 127.0.0.1:${ports.apache}
StartServers 2
ServerLimit 2
ThreadsPerChild 64
MaxRequestWorkers 128
MinSpareThreads 1
MaxSpareThreads 128
MaxKeepAliveRequests 0
KeepAliveTimeout 120
OIDCProviderMetadataURL ${issuer}/.well-known/openid-configuration
OIDCClientID ${CLIENT.id}
OIDCClientSecret ${CLIENT.secret}
OIDCRedirectURI http://127.0.0.1:${ports.apache}/oauth2/callback
OIDCCryptoPassphrase only-for-this-measurement
OIDCScope "openid email profile groups"
OIDCPKCEMethod S256
OIDCSSLValidateServer Off
OIDCSessionInactivityTimeout 7200
OIDCRemoteUserClaim email
ProxyPass /oauth2/ !
ProxyPass / http://127.0.0.1:${ports.upstream}/ enablereuse=on keepalive=On max=${KEPT}
<Location />
  AuthType openid-connect
  Require claim groups:finance
</Location>
`;
}

/// oauth2-proxy's arguments; where it is, the environment says.
export function oauth2Proxy(ports, issuer) {
  return [
    `--http-address=127.0.0.1:${ports.oauth2Proxy}`,
    `--upstream=http://127.0.0.1:${ports.upstream}/`,
    '--provider=oidc',
    `--oidc-issuer-url=${issuer}`,
    `--redirect-url=http://127.0.0.1:${ports.oauth2Proxy}/oauth2/callback`,
    `--client-id=${CLIENT.id}`,
    `--client-secret=${CLIENT.secret}`,
    '--scope=openid email profile groups',
    `--cookie-secret=${'0123456789abcdef'.repeat(2)}`,
    '--cookie-secure=false',
    '--email-domain=example.com',
    '--skip-provider-button=true',
    '--code-challenge-method=S256',
    '--request-logging=false',
    '--auth-logging=false',
    '--standard-logging=false',
  ];
}
