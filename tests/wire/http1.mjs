// A browser's connection over HTTP/1.1 as far as its bytes go.

import net from 'node:net';
import { sleep, until } from '../shared/wait.mjs';
import { readAnswer } from '../shared/strict.mjs';

const SECONDS = 10;

export class Wire {
  #text = '';
  #at = 0;
  #isClosed = false;
  #wake = () => {};

  constructor(port) {
    this.#open(port);
  }

  #open(port) {
    this.socket = net.connect({ host: '127.0.0.1', port, noDelay: true });
    this.socket.on('data', (piece) => {
      this.#text += piece.toString('latin1');
      this.#wake();
    });
    const end = () => {
      this.#isClosed = true;
      this.#wake();
    };
    for (const event of ['end', 'error', 'close']) this.socket.on(event, end);
  }

  get isClosed() {
    return this.#isClosed;
  }

  /// The answer to one request, as far as it came: `isWhole`, or the connection has ended.
  async ask(method, host, target, lines = []) {
    this.socket.write(
      `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`,
      'latin1',
    );
    const end = Date.now() + SECONDS * 1000;
    for (;;) {
      const answer = readAnswer(this.#text.slice(this.#at), method);
      if (answer?.isWhole || answer?.faults.length || this.#isClosed) {
        if (answer) this.#at += answer.taken;
        return answer ?? { status: 0, headers: [], body: '', isWhole: false, faults: [] };
      }
      if (Date.now() > end)
        throw new Error(
          `no whole answer to ${method} ${target}: ${JSON.stringify(this.#text.slice(this.#at, this.#at + 300))}`,
        );
      await new Promise((done) => {
        const timer = setTimeout(done, 1000);
        this.#wake = () => done(clearTimeout(timer));
      });
    }
  }

  /// What came and belongs to no answer, after a silence.
  async beyond(milliseconds) {
    await sleep(milliseconds);
    return this.#text.slice(this.#at);
  }

  /// Waits until the other side ends the connection.
  async end() {
    await until('the end of the connection', () => this.#isClosed, { seconds: SECONDS, every: 2 });
  }

  close() {
    this.socket.destroy();
  }
}
