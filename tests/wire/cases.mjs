// What a host application may answer: every path that a body takes through the gateway, under every framing.

import { SIGMA, WORKBOOK } from '../shared/configuration.mjs';

/// An answer that nobody asked for, as an attacker would like the next visitor to get.
export const SECOND = [
  'HTTP/1.1 200 OK',
  'Content-Type: text/html',
  'Set-Cookie: __Host-sg=evil; Path=/; Secure',
  'Content-Length: 4',
  '',
  'evil',
].join('\r\n');

const SLOT = '<iframe data-sigma-embed="revenue" name="n"></iframe>';
const HTML = ['Content-Type: text/html'];
const WIDGETS = JSON.stringify({ widgets: [{ url: SIGMA + WORKBOOK }], tail: 'end' });
const HANDSHAKE = [
  'Origin: http://@HOST',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

/// The paths. `isChanged`: something is filled in, where the whole body comes. `isBodiless`: none is passed on,
/// whatever is sent.
export const PATHS = [
  { name: 'passed', lines: ['Content-Type: text/plain'], body: 'a plain body' },
  { name: 'held, unchanged', lines: HTML, body: '<p>a page without a slot</p>' },
  { name: 'held, changed', lines: HTML, body: `<p>${SLOT}</p><p>tail</p>`, isChanged: true },
  { name: 'streamed', lines: HTML, body: `${'<p>a long page</p>'.repeat(15_000)}${SLOT}<p>tail</p>`, isChanged: true },
  {
    name: 'JSON, unchanged',
    folder: 'api',
    lines: ['Content-Type: application/json'],
    body: '{"widgets":[],"tail":"end"}',
  },
  { name: 'JSON, changed', folder: 'api', lines: ['Content-Type: application/json'], body: WIDGETS, isChanged: true },
  { name: 'Location', status: 302, lines: [`Location: ${SIGMA}${WORKBOOK}`], body: 'moved to Sigma' },
  { name: 'error page', status: 500, lines: HTML, body: '<h1>the application failed</h1>' },
  { name: '206', status: 206, lines: ['Content-Type: text/plain', 'Content-Range: bytes 0-9/20'], body: '0123456789' },
  {
    name: 'HEAD of what passes',
    method: 'HEAD',
    lines: ['Content-Type: text/plain', 'ETag: "1"'],
    body: 'a plain body',
    isBodiless: true,
  },
  {
    name: 'HEAD of a page',
    method: 'HEAD',
    lines: [...HTML, 'ETag: "1"'],
    body: '<p>a page</p>',
    isBodiless: true,
    saysNothing: true,
  },
  {
    name: 'HEAD of JSON',
    method: 'HEAD',
    folder: 'api',
    lines: ['Content-Type: application/json', 'ETag: "1"'],
    body: '{}',
    isBodiless: true,
    saysNothing: true,
  },
  { name: '204', status: 204, lines: [], body: 'never there', isBodiless: true },
  { name: '205', status: 205, lines: [], body: 'never there', isBodiless: true },
  { name: '304', status: 304, lines: ['ETag: "1"'], body: 'never there', isBodiless: true },
  {
    name: 'upgrade refused',
    status: 400,
    lines: ['Content-Type: text/plain'],
    body: 'no upgrade here',
    asks: HANDSHAKE,
    isOnlyHttp1: true,
  },
].map((path) => ({ method: 'GET', folder: 'at', status: 200, asks: [], ...path }));

const chunk = (text) => `${text.length.toString(16)}\r\n${text}\r\n`;
const chunked = (text) => `${chunk(text)}0\r\n\r\n`;
const coded = 'Transfer-Encoding: chunked';
const length = (value) => `Content-Length: ${value}`;
const cutAt = (text) => text.slice(0, Math.ceil(text.length / 2));

/// One framing: `make(body)` gives `lines` beside those of the path, `sent` (behind the head), and `body` where it is
/// another.
const framing = (name, outcome, make, { version = '1.1', end = 'keep', before = '', isLate = false } = {}) => ({
  name,
  outcome,
  make,
  version,
  end,
  before,
  isLate,
});
const whole = (name, make, more) => framing(name, 'whole', make, more);
const cut = (name, make, more) => framing(name, 'cut', make, { end: 'close', ...more });
const refused = (name, make, more) => framing(name, 'refused', make, more);

const smuggling = (name, lines) =>
  whole(name, (body) => ({ lines: lines(body), sent: [chunked(body + SECOND)], body: body + SECOND }));
const behind = (pause) =>
  whole(
    `a second answer ${pause ? `${pause} ms ` : ''}behind`,
    (body) => ({ lines: [length(body.length)], sent: pause ? [body, pause, SECOND] : [body + SECOND] }),
    { isLate: pause > 0 },
  );
const numbered = (name, lines) => whole(name, (body) => ({ lines: lines(body.length), sent: [body] }));
const badNumber = (name, lines) => refused(name, (body) => ({ lines: lines(body.length), sent: [body] }));

export const FRAMINGS = [
  numbered('a length', (count) => [length(count)]),
  whole('chunks', (body) => ({ lines: [coded], sent: [chunk(cutAt(body)) + chunked(body.slice(cutAt(body).length))] })),
  smuggling('both, a second answer in the body', (body) => [coded, length(body.length)]),
  smuggling('both, the length first', (body) => [length(body.length), coded]),
  smuggling('both, the length 0', () => [length(0), coded]),
  smuggling('both, the length no number', () => [coded, length('x')]),
  whole('both, the length too long', (body) => ({ lines: [coded, length(body.length + 300)], sent: [chunked(body)] })),
  whole('both, equal', (body) => ({ lines: [coded, length(body.length)], sent: [chunked(body)] })),
  cut('a length that is too long', (body) => ({ lines: [length(body.length + 9)], sent: [body] })),
  behind(0),
  behind(1),
  behind(5),
  behind(20),
  behind(50),
  numbered('two equal lengths', (count) => [length(count), length(count)]),
  numbered('a list of equal lengths', (count) => [length(`${count}, ${count}`)]),
  numbered('leading zeros', (count) => [length(`00${count}`)]),
  numbered('two spellings', (count) => [length(`0${count}`), length(count)]),
  badNumber('two different lengths', (count) => [length(count), length(count + 1)]),
  badNumber('a list of different lengths', (count) => [length(`${count}, ${count - 1}`)]),
  badNumber('a signed length', (count) => [length(`+${count}`)]),
  badNumber('a hexadecimal length', (count) => [length(`0x${count}`)]),
  badNumber('an empty element', (count) => [length(`${count},`)]),
  badNumber('too large a length', () => [length('99999999999999999999')]),
  whole('a folded line', (body) => ({ lines: ['X-Long: one\r\n two', length(body.length)], sent: [body] })),
  whole('odd lines', (body) => ({
    lines: ['X-A : b', 'no colon', 'Cache Control: no-cache', 'X-B: c\x01d', length(body.length)],
    sent: [body + SECOND],
  })),
  refused('a folded coding', (body) => ({ lines: ['Transfer-Encoding:\r\n chunked'], sent: [chunked(body)] })),
  refused('a length behind a bad name', (body) => ({ lines: [`Content Length: ${body.length}`], sent: [body] })),
  refused('a NUL', (body) => ({ lines: ['X-A: b\0', length(body.length)], sent: [body] })),
  refused('more lines than are read', (body) => ({
    lines: [...Array(101).fill('X-A: b'), length(body.length)],
    sent: [body],
  })),
  whole('no number, to the end', (body) => ({ lines: [length('x'), 'Connection: close'], sent: [body] }), {
    end: 'close',
  }),
  whole('an empty length, to the end', (body) => ({ lines: [length('')], sent: [body] }), {
    version: '1.0',
    end: 'close',
  }),
  refused(
    'different lengths to the end',
    (body) => ({
      lines: [length(body.length), length(1), 'Connection: close'],
      sent: [body],
    }),
    { end: 'close' },
  ),
  refused('a folded length', (body) => ({ lines: [`Content-Length:\r\n ${body.length}`], sent: [body] })),
  cut('a chunk size that is none', (body) => ({
    lines: [coded],
    sent: [`${chunk(cutAt(body))}zz\r\n${body}\r\n0\r\n\r\n`],
  })),
  cut('a chunk that is longer than it says', (body) => ({
    lines: [coded],
    sent: [`${cutAt(body).length.toString(16)}\r\n${body}\r\n0\r\n\r\n`],
  })),
  cut('no last chunk', (body) => ({ lines: [coded], sent: [chunk(body)] })),
  cut('an end within a chunk', (body) => ({ lines: [coded], sent: [chunk(body).slice(0, -6)] })),
  cut('no line behind the last chunk', (body) => ({ lines: [coded], sent: [`${chunk(body)}0\r\n`] })),
  whole('chunk extensions', (body) => ({
    lines: [coded],
    sent: [`${body.length.toString(16)};a="b"\r\n${body}\r\n0;last\r\n\r\n`],
  })),
  whole('trailers', (body) => ({
    lines: [coded, 'Trailer: Set-Cookie'],
    sent: [`${chunk(body)}0\r\nSet-Cookie: __Host-sg=evil\r\nContent-Length: 3\r\n\r\n`],
  })),
  whole('chunks, a second answer behind', (body) => ({ lines: [coded], sent: [chunked(body) + SECOND] })),
  whole('HTTP/1.0 to the end', (body) => ({ lines: [], sent: [body] }), { version: '1.0', end: 'close' }),
  whole('HTTP/1.0 with a length', (body) => ({ lines: [length(body.length)], sent: [body] }), {
    version: '1.0',
    end: 'close',
  }),
  whole('HTTP/1.0 that is kept', (body) => ({ lines: [length(body.length), 'Connection: keep-alive'], sent: [body] }), {
    version: '1.0',
  }),
  whole('to the end', (body) => ({ lines: ['Connection: close'], sent: [body] }), { end: 'close' }),
  whole('interim answers first', (body) => ({ lines: [length(body.length)], sent: [body] }), {
    before: 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 5\r\n\r\n',
  }),
  refused('two codings', (body) => ({ lines: ['Transfer-Encoding: gzip, chunked'], sent: [chunked(body)] })),
  whole('chunked twice', (body) => ({ lines: [coded, coded], sent: [chunked(body)] })),
  whole('a length and identity', (body) => ({
    lines: [length(body.length), 'Transfer-Encoding: identity'],
    sent: [body + SECOND],
  })),
  whole(
    'identity to the end',
    (body) => ({ lines: ['Transfer-Encoding: identity', 'Connection: close'], sent: [body] }),
    { end: 'close' },
  ),
  whole('HTTP/1.0 with chunks', (body) => ({ lines: [coded], sent: [chunked(body)] }), { version: '1.0' }),
  refused('HTTP/1.0 with both', (body) => ({ lines: [coded, length(body.length)], sent: [chunked(body + SECOND)] }), {
    version: '1.0',
  }),
  whole('bare line feeds in chunks', (body) => ({
    lines: [coded],
    sent: [`${body.length.toString(16)}\n${body}\n0\n\n`],
  })),
  whole('a bare line feed further on', (body) => ({
    lines: [coded],
    sent: [`${chunk(cutAt(body))}${chunked(body.slice(cutAt(body).length)).replace('\r\n', '\n')}`],
  })),
  whole('a bare line feed behind the last chunk', (body) => ({
    lines: [coded],
    sent: [`${chunk(body)}0\r\n\n${SECOND}`],
  })),
  whole('malformed trailers', (body) => ({
    lines: [coded],
    sent: [`${chunk(body)}0\r\nno trailer\r\nA : b\r\n c\r\n\r\n`],
  })),
  whole('many extensions', (body) => ({
    lines: [coded],
    sent: [`${body.length.toString(16)};${'e'.repeat(20_000)}\r\n${body}\r\n0\r\n\r\n`],
  })),
  refused(
    'a space before the colon',
    (body) => ({ lines: [`Content-Length : ${body.length}`], sent: [body + SECOND] }),
    { end: 'close' },
  ),
  refused(
    'a switch that nobody asked for',
    (body) => ({ lines: ['Connection: Upgrade', 'Upgrade: h2c', length(body.length)], sent: [body] }),
    { before: 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n' },
  ),
];

/// What the application plays for a path under a framing, and the body that a reader should see.
export function playOf(path, { make, version, end, before }) {
  const { lines, sent, body = path.body } = make(path.body);
  const all = [`HTTP/${version} ${path.status} Some Reason`, ...path.lines, ...lines];
  const head = `${before}${all.join('\r\n')}\r\n\r\n`;
  return { play: { pieces: [head + sent[0], ...sent.slice(1)], end }, body };
}
