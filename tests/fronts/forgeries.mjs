// What a browser claims of itself: every name by which anybody says where a request comes from or what it asked for, in
// the spellings that servers take for one.

const FALSE = '8.8.8.8';
/// What no request to the application, and no line of the books, may have of it.
export const WORDS = [FALSE, '8888::8', 'evil', '99444'];

const ADDRESSES = [
  'X-Forwarded-For',
  'X-Real-IP',
  'X-Client-IP',
  'X-Cluster-Client-IP',
  'True-Client-IP',
  'CF-Connecting-IP',
  'Fastly-Client-IP',
  'Fly-Client-IP',
  'X-Azure-ClientIP',
  'X-Azure-SocketIP',
  'X-Envoy-External-Address',
  'X-Original-Forwarded-For',
  'X-Forwarded',
  'Client-IP',
];
const spellings = (name) => [name, name.replaceAll('-', '_'), name.replaceAll('-', '.'), name.toUpperCase()];

/// Lists of lines: each a request of its own, then all that can be together.
export const FORGERIES = [
  ...ADDRESSES.flatMap(spellings).map((name) => [`${name}: ${FALSE}`]),
  // Lists, more lines, other spellings of an address, none.
  [`X-Forwarded-For: ${FALSE}, ${FALSE}`],
  [`X-Forwarded-For: ${FALSE}`, `X-Forwarded-For: ${FALSE}`],
  [`X-Forwarded-For: ${FALSE}:80, [8888::8]:80`],
  [`X-Forwarded-For: ${FALSE}, 127.0.0.1`],
  ['X-Forwarded-For: 127.0.0.1, 127.0.0.1'],
  ['X-Forwarded-For: a'],
  ['X-Forwarded-For: unknown'],
  ['X-Forwarded-For: ,'],
  ['X-Forwarded-For:'],
  [`X-Forwarded-For: ${'127.0.0.1, '.repeat(40)}${FALSE}`],
  [`Forwarded: for=${FALSE};proto=https;host=evil.test;by=${FALSE}`],
  ['Forwarded: for="[8888::8]:80"'],
  [`Forwarded: for=${FALSE};x="`],
  [`Forwarded: for="${FALSE}`],
  [`Forwarded: for=${FALSE};x="\\`],
  ['Forwarded: for=unknown'],
  ['Forwarded: for=_evil'],
  ['Forwarded: "'],
  [`forwarded_: for=${FALSE}`],
  // A connection's header for the next hop: CVE-2024-45410, CVE-2021-32813.
  ['Connection: X-Forwarded-For, X-Real-IP, Forwarded'],
  [`Connection: X-Forwarded-For`, `X-Forwarded-For: ${FALSE}`],
  // Names of what was asked for.
  ...[
    'X-Forwarded-Host: evil.test',
    'X-Forwarded-Proto: evil',
    'X-Forwarded-Port: 99444',
    'X-Forwarded-Prefix: /evil',
    'X-Forwarded-Uri: /evil',
    'X-Forwarded-Method: EVIL',
    'X-Forwarded-Server: evil.test',
    'X-Forwarded-Scheme: evil',
    'X-Original-URL: /evil',
    'X-Rewrite-URL: /evil',
    'X-Original-Method: EVIL',
    'X-Envoy-Original-Path: /evil',
  ].map((line) => [line]),
  [
    ...ADDRESSES.flatMap(spellings).map((name) => `${name}: ${FALSE}`),
    `Forwarded: for=${FALSE}`,
    'X-Forwarded-Host: evil.test',
    'X-Forwarded-Proto: evil',
  ],
];

/// What a browser might write before its request, for a gateway that looks for a PROXY header.
export const PROXY_HEADERS = [
  `PROXY TCP4 ${FALSE} 127.0.0.1 50001 443\r\n`,
  'PROXY UNKNOWN\r\n',
  '\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x08\x08\x08\x08\x7f\0\0\x01\xc3\x51\x01\xbb',
  '\r\n\r\n\0\r\nQUIT\n\x20\0\0\0',
];
