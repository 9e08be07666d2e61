// What is right for an answer whose head is odd. A browser shows the page: it arrives, with the bad line mended or
// dropped and a line in the log; what contradicts itself about where the answer ends is 502, quoted.
//
//   body, status   what arrives; `OK-BODY` and 200 unless told
//   has            headers by name: the value, or a list of values
//   lacks          names that must not be there
//   told           `true`: a line of the log besides the access line; else nothing is asked
//   quotes         502, and the log has this text
//   either         a list of these; one holds

import fs from 'node:fs';
import path from 'node:path';

const CASES = path.join(import.meta.dirname, 'cases', 'answers');

const arrives = (more = {}) => ({ body: 'OK-BODY', status: 200, ...more });
const dropped = (...lacks) => arrives({ lacks, told: true });
const refused = (quotes) => ({ refused: true, quotes });
const either = (...expects) => ({ either: expects });
/// Chunks that a browser does not take for chunks.
const RAW_CHUNKS = '7\r\nOK-BODY\r\n0\r\n\r\n';

const COOKIES = Array.from({ length: 120 }, (_, index) => `c${index}=vvvvvvvvvvvvvvvvvvvv; Path=/`);

const SEEN = {
  // Browsers take line feeds alone between chunks; a reader that does not must not end the answer as if it were whole.
  'ck-lf': either(arrives(), refused()),
  'cl-te-identity': arrives(),
  // A bound that is written down, or all of them.
  'cookies-120': either(arrives({ has: { 'set-cookie': COOKIES } }), refused()),
  'lf-in-value': arrives({ has: { 'content-security-policy': /^default-src 'self';\s+script-src 'self'$/ } }),
  'name-latin1': dropped('x-gr\xf6\xdfe'),
  'name-paren': dropped('x-foo(1)'),
  'name-space': dropped('cache control'),
  'no-colon': dropped('preload'),
  'obs-fold-sp': arrives({ has: { 'x-long': /^one +two$/ } }),
  'obs-fold-tab': arrives({ has: { 'set-cookie': /^a=1;\s+Path=\/$/ } }),
  'reason-utf8': arrives({ status: 404 }),
  'space-colon-x': arrives({ has: { 'x-powered-by': 'app' } }),
  'space-colon': arrives({ has: { 'content-type': 'text/plain' } }),
  'status-as-header': dropped('http/1.1 200 ok'),
  // Browsers know no chunks in HTTP/1.0: the page has their lines in it.
  'te-chunked-http10': either(arrives({ body: RAW_CHUNKS }), arrives()),
  'te-dup-chunked': either(arrives(), refused('transfer-encoding')),
  'te-identity-close': arrives(),
};

const LENGTH = 'Content-Length: 7';
const CLOSE = 'Connection: close';
const CHUNKED = 'Transfer-Encoding: chunked';
/// An answer of these lines behind its status line; `more` says its other parts.
const answer = (lines, { start = 'HTTP/1.1 200 OK', body = 'OK-BODY', eol = '\r\n' } = {}) =>
  [start, 'Content-Type: text/plain', ...lines, '', body].join(eol);
const line = (text) => answer([text, LENGTH]);
const status = (start) => answer([LENGTH], { start });
const close = (...lines) => answer([...lines, CLOSE]);
const loose = (body) => answer([CHUNKED], { body });

/// More of each kind: bytes and what is right.
const MORE = {
  // A space before the colon, RFC 9112 5.1.
  'space-colon-tab': [line('X-Powered-By\t: app'), arrives({ has: { 'x-powered-by': 'app' } })],
  'space-colon-many': [line('X-Powered-By   : app'), arrives({ has: { 'x-powered-by': 'app' } })],
  'space-colon-cookie': [line('Set-Cookie : a=1; Path=/'), arrives({ has: { 'set-cookie': 'a=1; Path=/' } })],
  'space-colon-length': [answer(['Content-Length : 7']), refused('Content-Length')],
  'space-colon-coding': [answer(['Transfer-Encoding : chunked', LENGTH]), refused('Transfer-Encoding')],
  'space-colon-connection': [line('Connection : keep-alive'), refused('Connection')],
  'space-colon-upgrade': [line('Upgrade : h2c'), refused('Upgrade')],
  'tab-colon-length': [answer(['Content-Length\t: 7']), refused('Content-Length')],
  'space-in-coding-name': [answer(['Transfer Encoding: chunked', LENGTH]), refused('Transfer')],
  'space-in-length-name': [answer(['Content Length: 9', LENGTH]), refused('Content')],
  'control-in-length-name': [answer(['Content\x0b-Length: 9', LENGTH]), refused('Length')],
  'paren-in-coding-name': [answer(['Transfer-Encoding(): chunked', LENGTH]), refused('Transfer-Encoding')],
  'latin1-in-length-name': [answer(['Content-Length\xa0: 9', LENGTH]), refused('Content-Length')],
  'quoted-length-name': [answer(['"Content-Length": 9', LENGTH]), refused('Content-Length')],
  // Folded lines, 5.2.
  'fold-csp-tabs': [
    line("Content-Security-Policy: default-src 'self';\r\n\t\timg-src *;\r\n\t\tframe-src *"),
    arrives({ has: { 'content-security-policy': /^default-src 'self';\s+img-src \*;\s+frame-src \*$/ } }),
  ],
  'fold-many': [line('X-Long: a\r\n b\r\n c\r\n\td'), arrives({ has: { 'x-long': /^a +b +c\s+d$/ } })],
  'fold-150': [line(`X-Long: a${'\r\n b'.repeat(150)}`), arrives({ has: { 'x-long': `a${' b'.repeat(150)}` } })],
  'fold-empty-first': [line('X-Long:\r\n value'), arrives({ has: { 'x-long': 'value' } })],
  'fold-only-spaces': [line('X-Long: a\r\n   '), arrives({ has: { 'x-long': 'a' } })],
  'fold-content-type': [
    answer(['X-A: b', LENGTH]).replace('text/plain', 'text/plain;\r\n charset=utf-8'),
    arrives({ has: { 'content-type': /^text\/plain;\s+charset=utf-8$/ } }),
  ],
  'fold-last-line': [answer([LENGTH, 'X-Long: a\r\n b']), arrives({ has: { 'x-long': /^a +b$/ } })],
  'fold-lf-only': [line('X-Long: a\n b'), arrives({ has: { 'x-long': /^a +b$/ } })],
  'fold-colon-inside': [line('X-Long: a\r\n b: c'), arrives({ has: { 'x-long': /^a +b: c$/ }, lacks: ['b'] })],
  'fold-length-inside': [
    line('X-Long: a\r\n Content-Length: 3'),
    arrives({ has: { 'x-long': /^a +Content-Length: 3$/ } }),
  ],
  'fold-length': [answer(['Content-Length:\r\n 7']), either(arrives(), refused('Content-Length'))],
  'fold-coding': [
    answer(['Transfer-Encoding:\r\n chunked'], { body: RAW_CHUNKS }),
    either(arrives(), refused('Transfer-Encoding')),
  ],
  'fold-before-all': [['HTTP/1.1 200 OK', ' X-A: b', LENGTH, '', 'OK-BODY'].join('\r\n'), either(arrives(), refused())],
  'fold-link': [
    line('Link: </a.css>; rel=preload,\r\n </b.css>; rel=preload'),
    arrives({ has: { link: /^<\/a\.css>; rel=preload,\s+<\/b\.css>; rel=preload$/ } }),
  ],
  // One bad line.
  'name-empty': [line(': value'), dropped('')],
  'name-bracket': [line('X-Foo[1]: a'), dropped('x-foo[1]')],
  'name-slash': [line('X/Foo: a'), dropped('x/foo')],
  'name-at': [line('x@y: a'), dropped('x@y')],
  'name-utf8': [line('X-\xe2\x82\xac: a'), dropped('x-\xe2\x82\xac')],
  'name-control': [line('X-\x01: a'), dropped('x-\x01')],
  'name-quoted': [line('"X-Foo": a'), dropped('"x-foo"')],
  'name-equals': [line('X-Foo=1'), dropped('x-foo=1')],
  'name-json': [line('{"a": 1}'), dropped('{"a"')],
  'name-php-warning': [line('PHP Warning:  Undefined variable $x in /srv/a.php on line 3'), dropped('php warning')],
  'name-html': [line('<br />'), dropped('<br />')],
  'name-url': [line('http://host.localhost/x: y'), arrives({ has: { http: '//host.localhost/x: y' } })],
  'no-colon-cookie': [line('Set-Cookie'), dropped('set-cookie')],
  'no-colon-latin1': [line('\xfcber'), dropped('\xfcber')],
  'name-holds-length': [line('X-Original-Content-Length(bytes): 99'), dropped('x-original-content-length(bytes)')],
  'bad-lines-150': [answer([...Array(150).fill('at App.run(App.java:1)'), LENGTH]), arrives({ told: true })],
  'two-bad-lines': [answer(['preload', 'Cache Control: x', LENGTH]), dropped('preload', 'cache control')],
  'bad-then-good': [answer(['preload', 'X-After: yes', LENGTH]), arrives({ has: { 'x-after': 'yes' }, told: true })],
  'bad-first': [
    ['HTTP/1.1 200 OK', 'preload', 'Content-Type: text/plain', LENGTH, '', 'OK-BODY'].join('\r\n'),
    arrives({ has: { 'content-type': 'text/plain' }, told: true }),
  ],
  'bad-last': [answer([LENGTH, 'preload']), dropped('preload')],
  'bad-then-fold': [line('Bad Name: a\r\n b'), dropped('bad name')],
  'name-underscore': [line('X_Foo: a'), arrives({ has: { x_foo: 'a' } })],
  'name-dot': [line('X.Foo: a'), arrives({ has: { 'x.foo': 'a' } })],
  // Values.
  'value-latin1': [line('X-Name: Gr\xf6\xdfe'), arrives({ has: { 'x-name': 'Gr\xf6\xdfe' } })],
  'value-utf8': [line('X-Name: Gr\xc3\xb6\xc3\x9fe'), arrives({ has: { 'x-name': 'Gr\xc3\xb6\xc3\x9fe' } })],
  'value-filename-latin1': [
    line('Content-Disposition: inline; filename="Ums\xe4tze.csv"'),
    arrives({ has: { 'content-disposition': 'inline; filename="Ums\xe4tze.csv"' } }),
  ],
  'value-cookie-latin1': [
    line('Set-Cookie: name=M\xfcller; Path=/'),
    arrives({ has: { 'set-cookie': 'name=M\xfcller; Path=/' } }),
  ],
  'value-tab': [line('X-Name: a\tb'), arrives({ has: { 'x-name': 'a\tb' } })],
  'value-empty': [line('X-Name:'), arrives({ has: { 'x-name': '' } })],
  'value-no-space': [line('X-Name:a'), arrives({ has: { 'x-name': 'a' } })],
  'value-01': [line('X-Name: a\x01b'), arrives()],
  'value-07': [line('X-Name: a\x07b'), arrives()],
  'value-0b': [line('X-Name: a\x0bb'), arrives()],
  'value-0c': [line('X-Name: a\x0cb'), arrives()],
  'value-1b': [line('X-Name: \x1b[31mred\x1b[0m'), arrives()],
  'value-7f': [line('X-Name: a\x7fb'), arrives()],
  // A carriage return alone is a line's end to some readers.
  'value-cr': [line('X-Name: a\rb'), either(arrives(), refused())],
  'value-cr-length': [line('X-Name: a\rContent-Length: 3'), either(arrives({ lacks: ['x'] }), refused())],
  'value-nul': [line('X-Name: a\0b'), refused()],
  'name-nul': [line('X-\0Name: a'), refused()],
  'reason-nul': [status('HTTP/1.1 200 O\0K'), refused()],
  // Reason phrases and status lines.
  'reason-none': [status('HTTP/1.1 200 '), arrives()],
  'reason-no-space': [status('HTTP/1.1 200'), arrives()],
  'reason-latin1': [status('HTTP/1.1 404 Nicht gefunden \xe9'), arrives({ status: 404 })],
  'reason-control': [status('HTTP/1.1 200 O\x01K'), arrives()],
  'reason-long': [status(`HTTP/1.1 200 ${'x'.repeat(2000)}`), arrives()],
  'reason-markup': [status('HTTP/1.1 500 <b>"Oops"</b>: a\\b'), arrives({ status: 500 })],
  'reason-trailing': [status('HTTP/1.1 200 OK   '), arrives()],
  'reason-tab': [status('HTTP/1.1 200 O\tK'), arrives()],
  'status-299': [status('HTTP/1.1 299 Odd'), arrives({ status: 299 })],
  'status-two-spaces': [status('HTTP/1.1  200 OK'), either(arrives(), refused())],
  'status-lower': [status('http/1.1 200 OK'), either(arrives(), refused())],
  'status-http2': [status('HTTP/2 200 OK'), either(arrives(), refused())],
  'status-icy': [status('ICY 200 OK'), either(arrives(), refused())],
  'status-none': ['OK-BODY\r\n\r\n', refused()],
  // Codings.
  'te-identity-caps': [close('Transfer-Encoding: Identity'), arrives()],
  'te-identity-length': [answer(['Transfer-Encoding: identity', LENGTH]), arrives()],
  'te-identity-twice': [close('Transfer-Encoding: identity', 'Transfer-Encoding: identity'), arrives()],
  'te-chunked-caps': [answer(['Transfer-Encoding: CHUNKED'], { body: RAW_CHUNKS }), arrives()],
  'te-chunked-length': [answer([CHUNKED, LENGTH], { body: RAW_CHUNKS }), arrives()],
  'te-chunked-wrong-length': [
    answer([CHUNKED, 'Content-Length: 3'], { body: RAW_CHUNKS }),
    either(arrives(), refused()),
  ],
  'te-identity-chunked': [
    answer(['Transfer-Encoding: identity, chunked'], { body: RAW_CHUNKS }),
    either(arrives(), refused('identity')),
  ],
  'te-chunked-identity': [
    answer(['Transfer-Encoding: chunked, identity', CLOSE], { body: RAW_CHUNKS }),
    either(arrives(), refused('identity')),
  ],
  'te-unknown': [close('Transfer-Encoding: x-packed'), refused('x-packed')],
  'te-gzip-chunked': [answer(['Transfer-Encoding: gzip, chunked'], { body: RAW_CHUNKS }), refused('gzip')],
  'te-quoted': [answer(['Transfer-Encoding: "chunked"', LENGTH]), refused('chunked')],
  'te-empty-length': [answer(['Transfer-Encoding:', LENGTH]), either(arrives(), refused('Transfer-Encoding'))],
  'te-chunked-http10-close': [
    answer([CHUNKED, CLOSE], { start: 'HTTP/1.0 200 OK', body: RAW_CHUNKS }),
    either(arrives({ body: RAW_CHUNKS }), arrives()),
  ],
  'te-chunked-http10-length': [
    answer([CHUNKED, LENGTH], { start: 'HTTP/1.0 200 OK' }),
    either(arrives(), refused('Transfer-Encoding')),
  ],
  'te-chunked-http10-plain': [answer([CHUNKED], { start: 'HTTP/1.0 200 OK' }), arrives()],
  'te-chunked-http10-keep': [
    answer([CHUNKED, 'Connection: keep-alive'], { start: 'HTTP/1.0 200 OK', body: RAW_CHUNKS }),
    either(arrives(), arrives({ body: RAW_CHUNKS }), refused()),
  ],
  // Chunks, whichever of their lines is not as it should be.
  'ck-lf-size': [loose('7\nOK-BODY\r\n0\r\n\r\n'), arrives({ told: true })],
  'ck-lf-later': [loose('3\r\nOK-\r\n4\nBODY\r\n0\r\n\r\n'), arrives({ told: true })],
  'ck-lf-data': [loose('7\r\nOK-BODY\n0\r\n\r\n'), arrives({ told: true })],
  'ck-lf-last': [loose('7\r\nOK-BODY\r\n0\n\r\n'), arrives({ told: true })],
  'ck-lf-end': [loose('7\r\nOK-BODY\r\n0\r\n\n'), arrives({ told: true })],
  'ck-lf-extension': [loose('7;a=b\nOK-BODY\r\n0\r\n\r\n'), arrives({ told: true })],
  'ck-spaces': [loose('7   \r\nOK-BODY\r\n0   \r\n\r\n'), arrives()],
  'ck-zeros': [loose('0000000000000000000007\r\nOK-BODY\r\n000\r\n\r\n'), arrives()],
  'ck-extension': [loose('7;a="b;c"\r\nOK-BODY\r\n0;d\r\n\r\n'), arrives()],
  'ck-extension-long': [loose(`7;${'e'.repeat(20_000)}\r\nOK-BODY\r\n0\r\n\r\n`), arrives()],
  'ck-trailer': [loose('7\r\nOK-BODY\r\n0\r\nX-T: a\r\n\r\n'), arrives({ lacks: ['x-t'] })],
  'ck-trailer-odd': [loose('7\r\nOK-BODY\r\n0\r\npreload\r\nX-T : a\r\n b\r\n\r\n'), arrives()],
  'ck-trailer-nul': [loose('7\r\nOK-BODY\r\n0\r\nX-T: \0\r\n\r\n'), arrives()],
  'ck-trailer-lf': [loose('7\r\nOK-BODY\r\n0\r\nX-T: a\n\r\n'), arrives({ told: true })],
  'ck-trailers-200': [loose(`7\r\nOK-BODY\r\n0\r\n${'X-T: a\r\n'.repeat(200)}\r\n`), arrives()],
  'ck-none': [answer([CHUNKED, CLOSE], { body: '<p>no chunk' }), refused('chunked')],
  'ck-hexadecimal': [loose('0x7\r\nOK-BODY\r\n0\r\n\r\n'), refused('chunked')],
  // Lengths.
  'cl-empty-close': [close('Content-Length:'), arrives()],
  'cl-spaces-close': [close('Content-Length:   '), arrives()],
  'cl-word-close': [close('Content-Length: unknown'), arrives()],
  'cl-negative-close': [close('Content-Length: -1'), arrives()],
  'cl-decimal-close': [close('Content-Length: 7.0'), arrives()],
  'cl-unit-close': [close('Content-Length: 7 bytes'), arrives()],
  'cl-hex-close': [close('Content-Length: 0x7'), arrives()],
  'cl-comma-close': [close('Content-Length: ,'), arrives()],
  'cl-huge-close': [close('Content-Length: 99999999999999999999999'), either(arrives(), refused('Content-Length'))],
  'cl-empty-http10': [answer(['Content-Length:'], { start: 'HTTP/1.0 200 OK' }), arrives()],
  'cl-returns': [answer(['Content-Length: 7\r']), arrives({ told: true })],
  'cl-empty-keep': [
    answer(['Content-Length:', 'Connection: keep-alive']),
    either(arrives(), refused('Content-Length')),
  ],
  'cl-word-keep': [answer(['Content-Length: unknown', 'Connection: keep-alive']), refused('unknown')],
  'cl-twice': [answer([LENGTH, LENGTH]), arrives()],
  'cl-list': [answer(['Content-Length: 7, 7']), arrives()],
  'cl-zeros': [answer(['Content-Length: 007']), arrives()],
  'cl-twice-other': [answer([LENGTH, 'Content-Length: 9']), refused('Content-Length')],
  'cl-list-other': [answer(['Content-Length: 7, 9']), refused('7, 9')],
  'cl-empty-and-good': [close('Content-Length:', LENGTH), either(arrives(), refused('Content-Length'))],
  'cl-word-and-chunked': [
    answer(['Content-Length: unknown', CHUNKED], { body: RAW_CHUNKS }),
    either(arrives(), refused('Content-Length')),
  ],
  // The end of lines, and what stands before them.
  'eol-returns': [line('X-A: b\r'), arrives({ has: { 'x-a': 'b' } })],
  'before-mark': [`\xef\xbb\xbf${answer([LENGTH])}`, arrives({ told: true })],
  'before-tls': ['\x15\x03\x01\0\x02\x02(', refused('TLS')],
  'eol-lf': [answer([LENGTH, 'X-A: b'], { eol: '\n' }), arrives({ has: { 'x-a': 'b' } })],
  'eol-mixed': [answer([`${LENGTH}\nX-A: b`]), arrives({ has: { 'x-a': 'b' } })],
  'interim-100': [`HTTP/1.1 100 Continue\r\n\r\n${answer([LENGTH])}`, arrives()],
  'interim-odd': [`HTTP/1.1 103 Early Hints\r\nLink : </x>\r\n\r\n${answer([LENGTH])}`, arrives()],
  'interim-bad-line': [`HTTP/1.1 103 Early Hints\r\npreload\r\n\r\n${answer([LENGTH])}`, arrives()],
  'before-crlf': [`\r\n${answer([LENGTH])}`, either(arrives(), refused())],
  // How much.
  'lines-99': [
    answer([LENGTH, ...Array.from({ length: 97 }, (_, index) => `X-${index}: a`)]),
    arrives({ has: { 'x-96': 'a' } }),
  ],
  'lines-150': [
    answer([LENGTH, ...Array.from({ length: 150 }, (_, index) => `X-${index}: a`)]),
    either(arrives({ has: { 'x-149': 'a' } }), refused()),
  ],
  'lines-5000': [answer([LENGTH, ...Array.from({ length: 5000 }, (_, index) => `X-${index}: a`)]), refused()],
  'head-40k': [line(`X-Long: ${'a'.repeat(40_000)}`), arrives()],
  'head-200k': [line(`X-Long: ${'a'.repeat(200_000)}`), refused()],
  // Names keep their case; what is there twice comes twice, in order.
  'case-kept': [line('X-CaSe-nAmE: v'), arrives({ raw: 'X-CaSe-nAmE: v' })],
  'case-etag': [line('ETag: "a"'), arrives({ raw: 'ETag: "a"' })],
  'case-lower': [line('x-lower: v'), arrives({ raw: 'x-lower: v' })],
  'case-upper': [line('X-UPPER: v'), arrives({ raw: 'X-UPPER: v' })],
  'cookies-two': [
    answer(['Set-Cookie: a=1', 'Set-Cookie: b=2', LENGTH]),
    arrives({ has: { 'set-cookie': ['a=1', 'b=2'] } }),
  ],
  'date-twice': [
    answer(['Date: Thu, 01 Jan 2026 00:00:00 GMT', 'Date: Thu, 01 Jan 2026 00:00:01 GMT', LENGTH]),
    either(arrives(), refused()),
  ],
};

const seen = Object.entries(SEEN).map(([name, expect]) => ({
  name: `answer_${name}`,
  bytes: fs.readFileSync(path.join(CASES, `${name}.bin`)),
  expect,
}));
const more = Object.entries(MORE).map(([name, [text, expect]]) => ({
  name: `answer_more_${name}`,
  bytes: Buffer.from(text, 'latin1'),
  expect,
}));

export const ANSWERS = [
  ...seen.map((one) => ({ kind: 'answers', ...one })),
  ...more.map((one) => ({ kind: 'answers-more', ...one })),
];
