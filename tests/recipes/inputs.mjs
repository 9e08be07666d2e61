// What attackers send: names, spellings, hosts, paths, methods.

/// What no honest request holds.
export const FORGED = 'forged-ceo';

/// Names that an application or the gateway could believe: who is asking, and what was asked for.
export const IDENTITY = [
  'X-Forwarded-User',
  'X-Forwarded-Email',
  'X-Forwarded-Groups',
  'X-Forwarded-Preferred-Username',
];
export const FAMILY = [
  ...IDENTITY,
  'X-Forwarded-Access-Token',
  'X-Forwarded-Prefix',
  'X-Forwarded-Uri',
  'X-Forwarded-Method',
  'X-Forwarded-Host',
  'X-Forwarded-Proto',
  'X-Forwarded-Port',
  'X-Forwarded-Server',
  'X-Forwarded-For',
  'Forwarded',
  'X-Real-IP',
  'X-Original-URL',
  'X-Original-URI',
  'X-Original-Method',
  'X-Original-Host',
  'X-Rewrite-URL',
];
/// What other products name people by: dropped where the gateway is on the way, and nobody's business elsewhere.
export const OTHERS = [
  'Remote-User',
  'X-Remote-User',
  'X-Auth-Request-User',
  'X-Auth-Request-Email',
  'X-Authenticated-User',
  'X-WebAuth-User',
  'X-User',
  'X-Email',
  'SM_USER',
  'OIDC_CLAIM_sub',
  'X-Amzn-Oidc-Identity',
  'X-Goog-Authenticated-User-Email',
  'X-MS-CLIENT-PRINCIPAL',
  'Cf-Access-Jwt-Assertion',
  'X-Pomerium-Jwt-Assertion',
  'X-Envoy-Original-Path',
];

/// What a name can hold besides (RFC 9110 5.6.2).
const MARKS = "!#$%&'*+^`|";

const written = (change) => (name) => [`${change(name)}: ${FORGED}`];
/// How a name can be written, as lists of lines.
export const SPELLINGS = {
  'as it is': written((name) => name),
  'lower case': written((name) => name.toLowerCase()),
  'upper case': written((name) => name.toUpperCase()),
  'every - as _': written((name) => name.replaceAll('-', '_')),
  'every - as .': written((name) => name.replaceAll('-', '.')),
  'the last - as _': written((name) => name.replace(/-(?=[^-]*$)/, '_')),
  'the last - as .': written((name) => name.replace(/-(?=[^-]*$)/, '.')),
  'the first - as ~': written((name) => name.replace('-', '~')),
  'every - as another mark': (name) => [...MARKS].map((mark) => `${name.replaceAll(/[-_]/g, mark)}: ${FORGED}`),
  'two lines': (name) => [`${name}: ${FORGED}`, `${name}: ${FORGED}`],
  'two lines, one with _': (name) => [`${name}: ${FORGED}`, `${name.replaceAll('-', '_')}: ${FORGED}`],
  'nothing before the value': (name) => [`${name}:${FORGED}`],
  'in a list': (name) => [`${name}: sub-ana, ${FORGED}`],
  'a space behind the name': (name) => [`${name} : ${FORGED}`],
  'a space before the name': (name) => ['A: b', ` ${name}: ${FORGED}`],
  'behind a bare line feed': (name) => [`A: b\n${name}: ${FORGED}`],
};

/// Hosts that are not the site's, as lines in place of `Host: crm.example.com`.
export const HOSTS = {
  another: ['Host: evil.example'],
  none: [],
  empty: ['Host:'],
  two: ['Host: crm.example.com', 'Host: evil.example'],
  'two, the other first': ['Host: evil.example', 'Host: crm.example.com'],
  'a user before it': ['Host: evil@crm.example.com'],
  'a user behind it': ['Host: crm.example.com@evil.example'],
  'a list': ['Host: crm.example.com, evil.example'],
  'a path': ['Host: crm.example.com/public/'],
  'a space': ['Host: crm.example.com evil.example'],
  'its subdomain': ['Host: a.crm.example.com'],
  'a longer one': ['Host: crm.example.com.evil.example'],
  'a port with a path': ['Host: crm.example.com:443/public/'],
  'an address': ['Host: 127.0.0.1'],
  'another site of the gateway': ['Host: open.example.com'],
  'another site of the gateway, with a port': ['Host: open.example.com:443'],
};

/// The site's own name in odd clothes: refused, or this site.
export const OWN_HOSTS = ['crm.example.com:99999', 'crm.example.com:8443', 'CRM.example.com', 'crm.example.com.'];

/// Request lines with an authority of their own, beside a `Host`: the gateway's other site lets everybody in.
export const AUTHORITIES = ['https', 'http'].flatMap((scheme) => [
  [`${scheme}://crm.example.com/secret`, 'Host: open.example.com'],
  [`${scheme}://open.example.com/secret`, 'Host: crm.example.com'],
  [`${scheme}://crm.example.com:443/secret`, 'Host: open.example.com'],
  [`${scheme}://open.example.com@crm.example.com/secret`, 'Host: open.example.com'],
]);

/// `Upgrade` lines that ask for no WebSocket, or not for that alone.
export const UPGRADES = [
  ['Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__', 'Connection: Upgrade, HTTP2-Settings'],
  ['Upgrade: h2c', 'Connection: Upgrade'],
  ['Upgrade: H2C', 'Connection: upgrade'],
  ['Upgrade: websocket, h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__', 'Connection: Upgrade, HTTP2-Settings'],
  ['Upgrade: h2c, websocket', 'HTTP2-Settings: AAMAAABkAAQAAP__', 'Connection: Upgrade, HTTP2-Settings'],
  ['Upgrade: websocket', 'Upgrade: h2c', 'Connection: Upgrade'],
  ['Upgrade: h2c', 'Upgrade: websocket', 'Connection: Upgrade'],
  ['Upgrade: websocket-x', 'Connection: Upgrade'],
  ['Upgrade: TLS/1.0', 'Connection: Upgrade'],
  ['Upgrade: tcp', 'Connection: Upgrade'],
];

/// Targets that somebody may take for `/public/…`, and somebody else for the rest.
export const TARGETS = [
  '/public/../secret',
  '/public/%2e%2e/secret',
  '/public/%2E%2E/secret',
  '/public/.%2e/secret',
  '/public/%252e%252e/secret',
  '/public/..%2fsecret',
  '/public/..%2Fsecret',
  '/public%2f..%2fsecret',
  '/public%2f../secret',
  '/public/..%5csecret',
  '/public/..\\secret',
  '/public\\..\\secret',
  '/public/%5c..%5csecret',
  '/public/..;/secret',
  '/public/..;x=y/secret',
  '/public/;/../secret',
  '/public;/../secret',
  '/public/%3b/../../secret',
  '/public/x/..%00/../../secret',
  '/public/..%00/secret',
  '/public%00/../secret',
  '/secret%00/public/',
  '/secret%00.css',
  '/secret;/public/',
  '/secret;x=/public/',
  '//secret',
  '///secret',
  '//public/../secret',
  '//public//..//secret',
  '/./secret',
  '/secret/.',
  '/secret/%2e',
  '/public/./../secret',
  '/public/a/../../secret',
  '/public/%c0%ae%c0%ae/secret',
  '/public/%e0%80%ae%e0%80%ae/secret',
  '/public/%u002e%u002e/secret',
  '/public/..%c0%afsecret',
  '/public/%2e%2e%2fsecret',
  '/public/%2e%2e%5csecret',
  '/PUBLIC/../secret',
  '/%70ublic/../secret',
  '/secret?x=/public/',
  '/secret?/public/',
  '/secret#/public/',
  '/secret%23/../public/../secret',
  '/secret%3f/public/',
  '/public/#/../secret',
  '/public/?/../../secret',
  '/public/%0a/../secret',
  '/public/%0d%0a/../../secret',
  '/public/.../secret/..',
  '/public/.. /secret',
  '/public/..%20/secret',
  '/public/..\t/secret',
  '/secret%',
  '/secret%2',
  '/%73ecret',
  'secret',
  '*',
  'https://crm.example.com/secret',
  'https://crm.example.com/public/../secret',
  'https://evil.example/public/',
  'http://crm.example.com:8000/secret',
  '/oauth2/../secret',
  '/oauth2/..%2fsecret',
  '/oauth2/%2e%2e/secret',
  '/oauth2/..;/secret',
  '/sigma/../secret',
  '/sigma/%2e%2e/secret',
  '/sigma/..%5csecret',
  '/sigma//..//..//secret',
  '/healthz/../secret',
  '/readyz',
  '/metrics',
];

export const METHODS = [
  'FOO',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'PROPFIND',
  'PRI',
  'get',
  'GET\t',
  'HEAD',
  'POST',
  'PATCH',
];

/// What the next hop must not take away because a client says so.
export const NOMINATED = [
  'X-Forwarded-User',
  'X-Forwarded-Email',
  'X-Forwarded-For',
  'X-Forwarded-Uri',
  'X-Forwarded-Method',
  'X-Forwarded-Host',
  'X-Forwarded-Proto',
  'X-Original-URL',
  'X-Original-Method',
  'Cookie',
  'Host',
  'Origin',
  'Sec-Fetch-Site',
  'Content-Length',
];

/// Session cookies that nobody made.
export const COOKIES = [
  '__Host-sg=',
  '__Host-sg=x',
  '__Host-sg=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  '__Host-sg="',
  '__Host-sg=%00',
  '__Host-sg=x; __Host-sg=y',
  '__Host-sg-i=1',
  '__Secure-sg=x; sg=x; _oauth2_proxy=x',
];
