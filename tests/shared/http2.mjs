// A browser's connection over HTTP/2: nghttp2 (in Node) reads the fields, a walk of our own over the same bytes counts
// what each stream carries.

import http2 from 'node:http2';
import { Duplex } from 'node:stream';
import tls from 'node:tls';
import { within } from './wait.mjs';

const SECONDS = 10;
const FRAME_HEAD = 9;
const [DATA, HEADERS, RST_STREAM] = [0, 1, 3];
const [END_STREAM, PADDED] = [1, 8];

/// Counts frames out of the bytes of one direction.
export class Walk {
  #rest = Buffer.alloc(0);
  streams = new Map();

  of(id) {
    if (!this.streams.has(id)) this.streams.set(id, { data: 0, heads: 0, ended: 0, resets: 0, late: 0 });
    return this.streams.get(id);
  }

  push(bytes) {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    while (this.#rest.length >= FRAME_HEAD) {
      const size = this.#rest.readUIntBE(0, 3);
      if (this.#rest.length < FRAME_HEAD + size) return;
      this.#frame(
        this.#rest[3],
        this.#rest[4],
        this.#rest.readUInt32BE(5) & 0x7fffffff,
        this.#rest.subarray(FRAME_HEAD, FRAME_HEAD + size),
      );
      this.#rest = this.#rest.subarray(FRAME_HEAD + size);
    }
  }

  #frame(type, flags, id, payload) {
    if (![DATA, HEADERS, RST_STREAM].includes(type)) return;
    const stream = this.of(id);
    if (type !== RST_STREAM && stream.ended + stream.resets > 0) stream.late += 1;
    if (type === DATA) stream.data += payload.length - (flags & PADDED ? 1 + payload[0] : 0);
    if (type === HEADERS) stream.heads += 1;
    if (type === RST_STREAM) stream.resets += 1;
    else if (flags & END_STREAM) stream.ended += 1;
  }
}

export class Session {
  walk = new Walk();
  error = null;

  constructor(port, servername) {
    const secure = tls.connect({
      host: '127.0.0.1',
      port,
      servername,
      ALPNProtocols: ['h2'],
      rejectUnauthorized: false,
    });
    secure.on('error', (error) => (this.error ??= error));
    const tap = new Duplex({
      read() {},
      write: (bytes, _, done) => secure.write(bytes, done),
      final: (done) => secure.end(done),
    });
    secure.on('data', (bytes) => {
      this.walk.push(bytes);
      tap.push(bytes);
    });
    secure.on('end', () => tap.push(null));
    this.secure = secure;
    this.session = http2.connect(`https://${servername}:${port}`, { createConnection: () => tap });
    this.session.on('error', (error) => (this.error ??= error));
  }

  /// `{ status, headers, body, code, counted }`: `code` is that of a reset, `counted` what the walk saw of the stream.
  async ask(method, target) {
    const stream = this.session.request({ ':method': method, ':path': target }, { endStream: true });
    const answer = { status: 0, headers: {}, body: '', code: 0 };
    const pieces = [];
    stream.on('response', (headers) => Object.assign(answer, { status: headers[':status'], headers }));
    stream.on('data', (bytes) => pieces.push(bytes));
    stream.on('error', () => {});
    await within(SECONDS, `${method} ${target} over HTTP/2`, new Promise((done) => stream.on('close', done)));
    return {
      ...answer,
      code: stream.rstCode,
      body: Buffer.concat(pieces).toString('latin1'),
      counted: this.walk.of(stream.id),
    };
  }

  close() {
    this.session.destroy();
    this.secure.destroy();
  }
}
