// A WebSocket as a page of the visited site opens it: same cookies, own Origin, messages waited for with a bound.

import WebSocket from 'ws';
import { until, within } from '../shared/wait.mjs';

export class Socket {
  /// Opens a WebSocket as `visit`. A refused handshake throws `{status, reason}`.
  static async open(visit, path, { origin = visit.origin, headers = {} } = {}) {
    const { host } = new URL(visit.origin);
    const cookie = visit.jar.header(visit.origin + path);
    const sent = {
      Host: host,
      Cookie: cookie,
      'Sec-Fetch-Dest': 'websocket',
      'Sec-Fetch-Mode': 'websocket',
      ...headers,
    };
    const raw = new WebSocket(`ws://127.0.0.1:${visit.port}${path}`, { headers: sent, origin });
    const socket = new Socket(raw);
    await within(10, `the WebSocket ${path}`, socket.#opened());
    return socket;
  }

  constructor(raw) {
    this.raw = raw;
    this.messages = [];
    this.closed = null;
    raw.on('message', (data, isBinary) => this.messages.push(isBinary ? data : data.toString()));
    raw.on('close', (code) => (this.closed = code));
    raw.on('error', () => {}); // told by close
  }

  send(message) {
    this.raw.send(message);
  }

  /// The first message, past or to come, that fits.
  next(what, fits = () => true) {
    return until(
      what,
      () => {
        const at = this.messages.findIndex((message) => fits(message));
        return at >= 0 && { message: this.messages.splice(at, 1)[0] };
      },
      { every: 20 },
    ).then(({ message }) => message);
  }

  /// Closes it, and gives the code with which the other end answers.
  async close(code = 1000) {
    this.raw.close(code);
    await until('the WebSocket to close', () => this.closed !== null);
    return this.closed;
  }

  #opened() {
    return new Promise((done, fail) => {
      this.raw.once('open', done);
      this.raw.once('error', fail);
      this.raw.once('unexpected-response', (call, answer) => {
        call.destroy();
        fail(
          Object.assign(new Error(`handshake answered ${answer.statusCode}`), {
            status: answer.statusCode,
            reason: answer.headers['sigma-gateway'],
          }),
        );
      });
    });
  }
}

/// What a refused handshake was answered with: `"401 not_signed_in"`.
export async function refusal(opening) {
  try {
    const socket = await opening;
    await socket.close();
    return 'opened';
  } catch (error) {
    return `${error.status ?? error.message} ${error.reason ?? ''}`.trim();
  }
}
