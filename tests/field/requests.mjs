// What a browser or another client sends, as bytes; `@HOST` is the site's name and port. A target reaches the
// application as nginx sends it, byte for byte, or the answer is a page of ours, with an id that the log has too.
//
//   reaches    the application gets it (as nginx sends it, where `asNginx`)
//   refused    a page of ours with one of these statuses
//   malformed  no HTTP (RFC 9112), and no browser sends it: one of these statuses, without a page; it is counted
//   lines      header lines that the application gets, as they are; names in any case but with `keepsCase`
//   h2         the same over HTTP/2: it ends itself alone, with a page where it is refused

import fs from 'node:fs';
import path from 'node:path';

const CASES = path.join(import.meta.dirname, 'cases', 'requests');
const END = '\r\n\r\n';

/// As nginx sends it, or our page.
const TARGET = { asNginx: true, orRefused: true };
const REACHES = { asNginx: true };
const refused = (...statuses) => ({ refused: statuses });
const malformed = (...statuses) => ({ malformed: statuses });

const SEEN = {
  'backtick-path': TARGET,
  'big5-path': REACHES,
  'cp1251-path': REACHES,
  'eucjp-path': REACHES,
  'euckr-path': REACHES,
  'raw-angle-query': TARGET,
  'raw-quote-query': TARGET,
  'raw-utf8-path': TARGET,
  // Only browsers say where a page comes from.
  'ws-no-origin': { isUpgrade: true, lines: ['Upgrade: websocket'] },
};

const get = (target, lines = []) =>
  [`GET ${target} HTTP/1.1`, 'Host: @HOST', ...lines, 'Connection: close'].join('\r\n') + END;
const socket = (lines) =>
  [
    'GET /pub/ok HTTP/1.1',
    'Host: @HOST',
    ...lines,
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
  ].join('\r\n') + END;

/// Over HTTP/2 it takes two frames.
const LONG_TARGET = `/pub/${'a'.repeat(30_000)}`;

const targets = {
  'latin1-path': '/pub/caf\xe9',
  'latin1-query': '/pub/x?q=caf\xe9',
  'utf8-query': '/pub/x?q=caf\xc3\xa9',
  'utf8-cjk-path': '/pub/\xe6\x97\xa5\xe6\x9c\xac',
  'sjis-path': '/pub/\x83\x5c\x83\x67',
  'quote-path': '/pub/a"b',
  'apostrophe-path': "/pub/a'b",
  'angle-path': '/pub/<a>',
  'backtick-query': '/pub/x?q=`a`',
  'braces-path': '/pub/{a}',
  'braces-query': '/pub/x?filter={"a":[1,2]}',
  'pipe-query': '/pub/x?a=1|2|3',
  'pipe-path': '/pub/a|b',
  'caret-query': '/pub/x?a=^b',
  'backslash-query': '/pub/x?path=C:\\dir',
  'brackets-path': '/pub/a[1]',
  'brackets-query': '/pub/x?a[]=1&a[]=2',
  'percent-query': '/pub/x?q=100%',
  'percent-odd-query': '/pub/x?q=%zz&r=%u00e9',
  'plus-query': '/pub/x?q=a+b',
  'semicolon-path': '/pub/a;jsessionid=1',
  'at-path': '/pub/@user',
  'colon-path': '/pub/a:b',
  'star-path': '/pub/*',
  'dollar-path': '/pub/$metadata',
  'comma-path': "/pub/Items(1,'a')",
  'tilde-path': '/pub/~user/',
  'question-query': '/pub/x?a=b?c',
  'slash-query': '/pub/x?u=http://a/b',
  'empty-query': '/pub/x?',
  'ampersands-query': '/pub/x?&&a&=',
  'encoded-slash-query': '/pub/x?u=a%2Fb',
  'iis-unicode-query': '/pub/x?name=%u65E5',
  'cyrillic-path': '/pub/\xd0\xbf\xd1\x80\xd0\xb8?\xd0\xb2',
  'emoji-query': '/pub/x?q=\xf0\x9f\x98\x80',
  'big5-raw-path': '/pub/\xc0\xb3\xa5\xce',
  'surrogate-path': '/pub/\xed\xa0\x80',
  'overlong-path': '/pub/\xc0\xaf',
  'nbsp-path': '/pub/\xa0',
  'lone-byte-query': '/pub/x?q=\xff',
  'odata-query': "/pub/Items(1,'a')?$filter=name%20eq%20'b'",
};
const more = Object.fromEntries(
  Object.entries(targets).map(([name, target]) => {
    return [name, [get(target), { ...TARGET, h2: target }]];
  }),
);
/// What every client sends reaches the application.
for (const name of [
  'apostrophe-path',
  'pipe-query',
  'brackets-query',
  'plus-query',
  'semicolon-path',
  'at-path',
  'dollar-path',
  'comma-path',
  'tilde-path',
  'question-query',
  'slash-query',
  'empty-query',
  'ampersands-query',
  'encoded-slash-query',
])
  more[name][1].orRefused = false;

Object.assign(more, {
  'space-target': [get('/pub/a b'), { ...TARGET, h2: '/pub/a b' }],
  'tab-target': [get('/pub/a\tb'), { ...TARGET, h2: '/pub/a\tb' }],
  'control-target': [get('/pub/a\x01b'), { ...refused(400), h2: '/pub/a\x01b' }],
  'del-target': [get('/pub/a\x7fb'), { ...TARGET, h2: '/pub/a\x7fb' }],
  'nul-target': [get('/pub/a\0b'), refused(400)],
  'long-target': [get(LONG_TARGET), { ...refused(400, 414), h2: LONG_TARGET }],
  'long-latin1-target': [get(`${LONG_TARGET}\xe9`), { ...refused(400, 414), h2: `${LONG_TARGET}\xe9` }],
  'fragment-target': [get('/pub/a#b'), { ...refused(400), h2: '/pub/a#b' }],
  'fragment-query': [get('/pub/a?b#c'), { ...refused(400), h2: '/pub/a?b#c' }],
  'no-slash-target': [get('pub/a'), { ...refused(400), h2: 'pub/a' }],
  'underscore-method': [get('/pub/caf\xe9').replace('GET', 'FOO_BAR'), TARGET],
  'absolute-target': [get('http://@HOST/pub/a'), { reaches: '/pub/a' }],
  // Headers reach the application as they are.
  'value-latin1': [get('/pub/x', ['X-Name: Gr\xf6\xdfe']), { ...REACHES, lines: ['X-Name: Gr\xf6\xdfe'] }],
  'value-utf8': [
    get('/pub/x', ['X-Name: Gr\xc3\xb6\xc3\x9fe']),
    { ...REACHES, lines: ['X-Name: Gr\xc3\xb6\xc3\x9fe'] },
  ],
  'cookie-latin1': [get('/pub/x', ['Cookie: name=M\xfcller']), { ...REACHES, lines: ['Cookie: name=M\xfcller'] }],
  'cookie-odd': [
    get('/pub/x', ['Cookie: a="x y"; b={"c":1}; d=,; e; =f']),
    { ...REACHES, lines: ['Cookie: a="x y"; b={"c":1}; d=,; e; =f'] },
  ],
  'user-agent-odd': [
    get('/pub/x', ['User-Agent: app/1 (\xe9) "x"']),
    { ...REACHES, lines: ['User-Agent: app/1 (\xe9) "x"'] },
  ],
  'value-empty': [get('/pub/x', ['X-Empty:']), REACHES],
  'name-case': [
    get('/pub/x', ['X-CaSe-nAmE: v', 'SOAPAction: "a"']),
    { ...REACHES, lines: ['X-CaSe-nAmE: v', 'SOAPAction: "a"'], keepsCase: true },
  ],
  'referer-latin1': [
    get('/pub/x', ['Referer: http://@HOST/pub/caf\xe9']),
    { ...REACHES, lines: ['Referer: http://@HOST/pub/caf\xe9'] },
  ],
  'value-control': [get('/pub/x', ['X-Name: a\x01b']), malformed(400)],
  'name-bad': [get('/pub/x', ['X Name: a']), malformed(400)],
  'space-colon': [get('/pub/x', ['X-Name : a']), malformed(400)],
  fold: [get('/pub/x', ['X-Long: a\r\n b']), malformed(400)],
  'no-colon': [get('/pub/x', ['preload']), malformed(400)],
  'lines-150': [
    get(
      '/pub/x',
      Array.from({ length: 150 }, (_, index) => `X-${index}: a`),
    ),
    malformed(431),
  ],
  'head-100k': [get('/pub/x', [`X-Long: ${'a'.repeat(100_000)}`]), malformed(400, 431)],
  'host-none': [`GET /pub/x HTTP/1.1\r\nConnection: close${END}`, refused(400)],
  'host-twice': [get('/pub/x', ['Host: @HOST']), refused(400)],
  http10: [`GET /pub/x HTTP/1.0\r\nHost: @HOST${END}`, { reaches: '/pub/x' }],
  http3: [`GET /pub/x HTTP/3.0\r\nHost: @HOST\r\nConnection: close${END}`, malformed(400, 505)],
  'line-odd': [`GET\r\nHost: @HOST\r\nConnection: close${END}`, malformed(400)],
  'method-propfind': [get('/pub/x').replace('GET', 'PROPFIND'), { reaches: '/pub/x' }],
  'method-own': [get('/pub/x').replace('GET', 'M-SEARCH'), { reaches: '/pub/x' }],
  'method-bad': [get('/pub/x').replace('GET', 'G(T'), malformed(400)],
  'lf-only': [get('/pub/x').replaceAll('\r\n', '\n'), { reaches: '/pub/x', orRefused: true }],
  // WebSockets: a page of another origin is refused, a client without an origin is no page.
  'ws-own-origin': [socket(['Upgrade: websocket', 'Connection: Upgrade', 'Origin: http://@HOST']), { isUpgrade: true }],
  'ws-foreign-origin': [
    socket(['Upgrade: websocket', 'Connection: Upgrade', 'Origin: http://evil.localhost']),
    refused(403),
  ],
  'ws-null-origin': [socket(['Upgrade: websocket', 'Connection: Upgrade', 'Origin: null']), refused(403)],
  'ws-no-origin-caps': [socket(['Upgrade: WebSocket', 'Connection: keep-alive, upgrade']), { isUpgrade: true }],
  'ws-no-origin-agent': [
    socket(['Upgrade: websocket', 'Connection: Upgrade', 'User-Agent: Python/3.11 websockets/12.0']),
    { isUpgrade: true },
  ],
});

const seen = Object.entries(SEEN).map(([name, expect]) => {
  const text = fs.readFileSync(path.join(CASES, `${name}.bin`), 'latin1').replace('plain.localhost:21700', '@HOST');
  const target = expect.isUpgrade ? undefined : text.split(' ')[1];
  return { kind: 'requests', name: `request_${name}`, text, expect: { ...expect, h2: target } };
});

export const REQUESTS = [
  ...seen,
  ...Object.entries(more).map(([name, [text, expect]]) => ({
    kind: 'requests-more',
    name: `request_more_${name}`,
    text,
    expect,
  })),
];
