// One request as these bytes, so that lines can be doubled and odd; and its answer, read to the end.

import net from 'node:net';
import { readAnswer } from '../shared/strict.mjs';
import { within } from '../shared/wait.mjs';

const SECONDS = 15;

/// Gives `{ status, reason, headers, text, cookies }`; `headers` has the last value of each name.
export function ask({ port, host, target, lines, method = 'GET' }) {
  const head = [[`host`, host], ...lines, ['connection', 'close']].map(([name, value]) => `${name}: ${value}\r\n`);
  const bytes = `${method} ${target} HTTP/1.1\r\n${head.join('')}\r\n`;
  return within(SECONDS, `${method} ${host}${target.split('?')[0]}`, exchange(port, bytes, method));
}

function exchange(port, bytes, method) {
  return new Promise((done, fail) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(Buffer.from(bytes, 'latin1')));
    let text = '';
    socket.setEncoding('latin1');
    socket.on('data', (piece) => (text += piece));
    socket.on('error', fail);
    socket.on('close', () => {
      const answer = readAnswer(text, method);
      if (!answer) return fail(new Error(`no answer: ${JSON.stringify(text.slice(0, 200))}`));
      const cookies = answer.headers.filter(([name]) => name === 'set-cookie').map(([, value]) => value);
      const headers = Object.fromEntries(answer.headers);
      const reason = headers['sigma-gateway'] ?? '';
      return done({ status: answer.status, reason, headers, cookies, text: answer.body });
    });
  });
}
