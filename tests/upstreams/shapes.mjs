// Requests that one reader takes for one and another for two; each says how many reach the application, behind the
// gateway.

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const gadgetFile = path.join(path.dirname(fileURLToPath(import.meta.url)), '../fixtures/raw/te_gadgets.txt');

/// Every shape: its bytes for a host, and what arrives: `[method and path, body]`, in order.
export function shapes(host) {
  const head = (start, lines = '') => `${start} HTTP/1.1\r\nHost: ${host}\r\n${lines}`;
  const post = (lines, body) => `${head('POST /public/a', lines)}\r\n${body}`;
  const smuggled = `GET /public/smuggled HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  const last = `${head('GET /public/last', 'Connection: close\r\n')}\r\n`;
  const end = ['GET /public/last', ''];
  const one = (body) => [['POST /public/a', body], end];
  const chunked = '5\r\nhello\r\n0\r\n\r\n';
  const twoLengths = 'Content-Length: 6\r\nTransfer-Encoding: chunked\r\n';
  const wrapped = 'A: b\r\n GET /public/smuggled HTTP/1.1\r\n';
  const h2c = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n';
  const refused = {
    'CL.TE in HTTP/1.0': `POST /public/a HTTP/1.0\r\nHost: ${host}\r\n${twoLengths}\r\n0\r\n\r\nG`,
    'two lengths': post('Content-Length: 5\r\nContent-Length: 0\r\n', `hello${smuggled}`),
    'two lengths, other order': post('Content-Length: 0\r\nContent-Length: 5\r\n', `hello${smuggled}`),
    'a list of lengths': post('Content-Length: 5, 5\r\n', `hello${smuggled}`),
    'a length with a sign': post('Content-Length: +5\r\n', `hello${smuggled}`),
    'a length in hexadecimal': post('Content-Length: 0x5\r\n', `hello${smuggled}`),
    'a length with _': post('Content-Length: 0_5\r\n', `hello${smuggled}`),
    'a length with a leading zero': post('Content-Length: 010\r\n', `hello${smuggled}`),
    'a length of nothing': post('Content-Length:\r\n', smuggled),
    'a space behind Content-Length': post('Content-Length : 5\r\n', `hello${smuggled}`),
    'chunked, identity': post('Transfer-Encoding: chunked, identity\r\n', `0\r\n\r\n${smuggled}`),
    'identity, chunked': post('Transfer-Encoding: identity, chunked\r\n', `0\r\n\r\n${smuggled}`),
    'chunked twice': post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${smuggled}`),
    xchunked: post('Transfer-Encoding: xchunked\r\n', `0\r\n\r\n${smuggled}`),
    'a space behind Transfer-Encoding': post('Transfer-Encoding : chunked\r\n', `0\r\n\r\n${smuggled}`),
    'Transfer-Encoding on two lines': post('Transfer-Encoding:\r\n chunked\r\n', `0\r\n\r\n${smuggled}`),
    'a vertical tab before chunked': post('Transfer-Encoding: \x0bchunked\r\n', `0\r\n\r\n${smuggled}`),
    'a wrapped header': `${head('GET /public/a', 'A: b\r\n c\r\n')}\r\n`,
    'a wrapped header that looks like a request': `${head('GET /public/a', wrapped)}\r\n`,
    'a space before the first header': `GET /public/a HTTP/1.1\r\n Host: ${host}\r\n\r\n`,
    'a bare carriage return in a value': `${head('GET /public/a', 'A: b\rC: d\r\n')}\r\n`,
    'a NUL in a value': `${head('GET /public/a', 'A: b\0c\r\n')}\r\n`,
    'no host': 'GET /public/a HTTP/1.1\r\n\r\n',
    'two hosts': `${head('GET /public/a', 'Host: evil.test\r\n')}\r\n`,
    'two equal hosts': `${head('GET /public/a', `Host: ${host}\r\n`)}\r\n`,
    'a host with a user': `GET /public/a HTTP/1.1\r\nHost: u@${host}\r\n\r\n`,
    'a foreign absolute form': `${head('GET http://evil.test/public/a')}\r\n`,
    'a target without its slash': `${head('GET public/a')}\r\n`,
    'a target with a space': `${head('GET /public/a b')}\r\n`,
    'two spaces': `${head('GET  /public/a')}\r\n`,
    'an asterisk': `${head('GET *')}\r\n`,
    'HTTP/0.9': 'GET /public/a\r\n',
    'HTTP/1.2': `GET /public/a HTTP/1.2\r\nHost: ${host}\r\n\r\n`,
    CONNECT: `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n${smuggled}`,
    TRACE: `${head('TRACE /public/a')}\r\n`,
  };
  const arriving = {
    'two good requests': [`${head('GET /public/a')}\r\n${last}`, [['GET /public/a', ''], end]],
    'a length': [post('Content-Length: 5\r\n', `hello${last}`), one('hello')],
    'two equal lengths': [post('Content-Length: 5\r\nContent-Length: 5\r\n', `hello${last}`), one('hello')],
    'a body that looks like a request': [
      post(`Content-Length: ${smuggled.length}\r\n`, smuggled + last),
      one(smuggled),
    ],
    'a GET with a body': [
      `${head('GET /public/a', `Content-Length: ${smuggled.length}\r\n`)}\r\n${smuggled}${last}`,
      [['GET /public/a', smuggled], end],
    ],
    'Content_Length beside the length': [
      post('Content_Length: 0\r\nContent-Length: 5\r\n', `hello${last}`),
      one('hello'),
    ],
    'Content_Length behind the length': [
      post('Content-Length: 5\r\nContent_Length: 50\r\n', `hello${last}`),
      one('hello'),
    ],
    'Transfer_Encoding beside the length': [
      post('Transfer_Encoding: chunked\r\nContent-Length: 5\r\n', `0\r\n\r\n${last}`),
      one('0\r\n\r\n'),
    ],
    'length named by Connection': [
      post('Connection: Content-Length\r\nContent-Length: 5\r\n', `hello${last}`),
      one('hello'),
    ],
    'bare line feeds': [`GET /public/a HTTP/1.1\nHost: ${host}\nA: b\n\n${last}`, [['GET /public/a', ''], end]],
    'empty lines before the request': [`\r\n\r\n${head('GET /public/a')}\r\n${last}`, [['GET /public/a', ''], end]],
    'an absolute form': [`${head(`GET http://${host}/public/a`)}\r\n${last}`, [['GET /public/a', ''], end]],
    'Upgrade: h2c': [`${head('GET /public/a', h2c)}\r\n${last}`, [['GET /public/a', ''], end]],
    'Expect: 100-continue': [post('Expect: 100-continue\r\nContent-Length: 5\r\n', `hello${last}`), one('hello')],
    // Both ways of framing: the last of their connection.
    'CL.TE': [
      post('Content-Length: 6\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${smuggled}`),
      [['POST /public/a', '']],
    ],
  };
  const chunks = {
    'TE.CL': [
      post('Transfer-Encoding: chunked\r\nContent-Length: 4\r\n', chunked + smuggled),
      [['POST /public/a', 'hello']],
    ],
    chunks: [post('Transfer-Encoding: chunked\r\n', chunked + last), one('hello')],
    CHUNKED: [post('Transfer-Encoding: CHUNKED\r\n', chunked + last), one('hello')],
    'chunks with extensions and trailers': [
      post('Transfer-Encoding: chunked\r\n', `5;a="b"\r\nhello\r\n0\r\nX-Forwarded-User: forged-ceo\r\n\r\n${last}`),
      one('hello'),
    ],
    'a request in a chunk': [
      post('Transfer-Encoding: chunked\r\n', `${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n${last}`),
      one(smuggled),
    ],
  };
  return [
    ...Object.entries(refused).map(([name, bytes]) => ({ name, bytes, arrives: [] })),
    ...Object.entries(arriving).map(([name, [bytes, arrives]]) => ({ name, bytes, arrives })),
    ...Object.entries(chunks).map(([name, [bytes, arrives]]) => ({ name, bytes, arrives, isChunked: true })),
  ];
}

/// A request in a chunk of another, to be sent in two pieces.
export function inChunk(host) {
  const smuggled = `POST /public/smuggled HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 7\r\n\r\n`;
  return {
    head: `POST /public/a HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    body: `${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`,
  };
}

/// Disguised transfer codings, each with a length that says something else, as `tests/it/raw/gadgets.rs` sends them.
export function gadgets(host) {
  const lines = fs
    .readFileSync(gadgetFile, 'utf8')
    .split('\n')
    .filter((line) => line && !line.startsWith('# '));
  const smuggled = `POST /public/b HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 7\r\n\r\n`;
  const start = `POST /public/a HTTP/1.1\r\nHost: ${host}`;
  const bodies = [
    ['6', '0\r\n\r\nG'],
    ['4', `${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`],
  ];
  const last = `GET /public/last HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
  return lines.flatMap((line) =>
    bodies.map(([length, body]) => ({
      name: `${line} ${length}`,
      bytes: `${start}\r\nContent-Length: ${length}\r\n${unescaped(line)}\r\n\r\n${body}${last}`,
    })),
  );
}

function unescaped(line) {
  const named = { r: '\r', n: '\n', t: '\t', 0: '\0', s: ' ' };
  return line.replaceAll(/\\(?:x([0-9a-fA-F]{2})|([rnt0s]))/g, (_, code, letter) =>
    code ? String.fromCharCode(Number.parseInt(code, 16)) : named[letter],
  );
}
