// One request of a browser, as bytes, on a connection of its own; the answer is read by the letter.

import net from 'node:net';
import { within } from '../shared/wait.mjs';
import { readAnswer, valuesOf } from '../wire/strict.mjs';

const SECONDS = 20;
const HEAD_END = '\r\n\r\n';

/// `bytes` is the whole request. Gives what `readAnswer` does, `interim` heads before it, and `value(name)`.
export function exchange(port, bytes, method = 'GET') {
  const socket = net.connect({ host: '127.0.0.1', port, noDelay: true });
  const answered = new Promise((done) => {
    let text = '';
    let interim = 0;
    const look = (isEnded) => {
      if (!isEnded && isUnderWay(text)) return;
      let answer = readAnswer(text, method);
      while (answer && answer.status >= 100 && answer.status < 200 && answer.status !== 101) {
        interim += 1;
        text = text.slice(answer.taken);
        answer = readAnswer(text, method);
      }
      if (answer?.isWhole || answer?.faults.length || isEnded) done(read(answer, interim, text.split(HEAD_END)[0]));
    };
    socket.on('data', (piece) => {
      text += piece.toString('latin1');
      look(false);
    });
    for (const event of ['end', 'error', 'close']) socket.on(event, () => look(true));
  });
  socket.write(bytes);
  return within(SECONDS, 'an answer', answered).finally(() => socket.destroy());
}

function read(answer, interim, head) {
  const found = answer ?? { status: 0, headers: [], body: '', isWhole: false, faults: ['no answer'] };
  return {
    ...found,
    head,
    interim,
    value: (name) => valuesOf(found, name)[0],
    values: (name) => valuesOf(found, name),
  };
}

/// A request as a browser of today sends it; `headers` are added.
export function requestOf(method, host, target, headers, body = '') {
  const lines = Object.entries({ host, ...BROWSER, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = body || method === 'POST' ? `content-length: ${Buffer.byteLength(body)}\r\n` : '';
  return Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}${length}\r\n${body}`, 'latin1');
}

const BROWSER = { 'user-agent': 'Mozilla/5.0', 'accept-encoding': 'gzip, deflate, br, zstd' };

/// Whether a long answer has not come to its end: it is read once, not with every piece.
function isUnderWay(text) {
  if (text.length < LONG_BYTES) return false;
  const end = text.indexOf(HEAD_END) + HEAD_END.length;
  const length = /^content-length: *(\d+)/im.exec(text.slice(0, end))?.[1];
  return length === undefined ? !text.endsWith('0\r\n\r\n') : text.length < end + Number(length);
}

const LONG_BYTES = 100_000;
