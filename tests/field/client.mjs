// A browser's connection as bytes; each answer is read by the letter.

import net from 'node:net';
import { within } from '../shared/wait.mjs';
import { readAnswer, valuesOf } from '../shared/strict.mjs';

const SECONDS = 30;
const HEAD_END = '\r\n\r\n';
const LAST_CHUNK = '0\r\n\r\n';

export class Connection {
  #pieces = [];
  #length = 0;
  #isEnded = false;
  #look = () => {};

  constructor(port) {
    this.socket = net.connect({ host: '127.0.0.1', port, noDelay: true });
    this.socket.on('data', (piece) => {
      this.#pieces.push(piece);
      this.#length += piece.length;
      this.#look();
    });
    const end = () => {
      this.#isEnded = true;
      this.#look();
    };
    for (const event of ['end', 'error', 'close']) this.socket.on(event, end);
  }

  /// `bytes` is a whole request. Gives what `readAnswer` does, with the `head`, and `value(name)` and `values(name)`.
  ask(bytes, method = 'GET') {
    const answered = new Promise((done) => {
      this.#look = () => {
        const answer = this.#read(method);
        if (!answer) return;
        this.#look = () => {};
        done(answer);
      };
      this.socket.write(bytes);
      if (this.#isEnded) this.#look();
    });
    return within(SECONDS, 'an answer', answered);
  }

  /// The final answer, once it is whole, faulty, or the connection has ended.
  #read(method) {
    if (!this.#isEnded && this.#isUnderWay()) return undefined;
    let text = Buffer.concat(this.#pieces).toString('latin1');
    let answer = readAnswer(text, method);
    while (answer && answer.status >= 100 && answer.status < 200 && answer.status !== 101) {
      text = text.slice(answer.taken);
      answer = readAnswer(text, method);
    }
    if (!answer?.isWhole && !answer?.faults.length && !this.#isEnded) return undefined;
    const found = answer ?? { status: 0, headers: [], body: '', isWhole: false, faults: ['no answer'], taken: 0 };
    this.#pieces = [Buffer.from(text.slice(found.taken), 'latin1')];
    this.#length = this.#pieces[0].length;
    const values = (name) => valuesOf(found, name);
    return { ...found, head: text.split(HEAD_END, 1)[0], values, value: (name) => values(name)[0] };
  }

  /// Whether a long answer has not come to its end: it is read once, not with every piece.
  #isUnderWay() {
    if (this.#length < LONG_BYTES) return false;
    if (this.#pieces[0].length < LONG_HEAD_BYTES) this.#pieces = [Buffer.concat(this.#pieces)];
    const head = this.#pieces[0].subarray(0, LONG_HEAD_BYTES).toString('latin1');
    const end = head.indexOf(HEAD_END) + HEAD_END.length;
    const length = /^content-length: *(\d+)/im.exec(head.slice(0, end))?.[1];
    if (length !== undefined) return this.#length < end + Number(length);
    return !this.#pieces.at(-1).subarray(-LAST_CHUNK.length).equals(Buffer.from(LAST_CHUNK));
  }

  get isEnded() {
    return this.#isEnded;
  }

  close() {
    this.socket.destroy();
  }
}

const LONG_BYTES = 100_000;
const LONG_HEAD_BYTES = 70_000;

/// One request on a connection of its own.
export async function exchange(port, bytes, method = 'GET') {
  const connection = new Connection(port);
  try {
    return await connection.ask(bytes, method);
  } finally {
    connection.close();
  }
}

/// A request as a browser of today sends it; `headers` are added.
export function requestOf(method, host, target, headers, body = '') {
  const lines = Object.entries({ host, ...BROWSER, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = body || method === 'POST' ? `content-length: ${Buffer.byteLength(body)}\r\n` : '';
  return Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}${length}\r\n${body}`, 'latin1');
}

const BROWSER = { 'user-agent': 'Mozilla/5.0', 'accept-encoding': 'gzip, deflate, br, zstd' };
