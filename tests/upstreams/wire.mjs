// Exact bytes over a socket, and the answers that come back. Text is bytes here: one character for each.

import net from 'node:net';

const SECONDS = 10;
const LATER = 100;

/// Sends `bytes` on a connection of its own, `later` a moment after them, and reads until the other side closes, or is
/// silent for `quiet` milliseconds.
export function exchange(port, bytes, { quiet = SECONDS * 1000, later = '' } = {}) {
  return new Promise((done) => {
    const socket = net.connect({ host: '127.0.0.1', port, noDelay: true });
    let text = '';
    const end = (isClosed) => {
      socket.destroy();
      done({ text, isClosed, answers: readAnswers(text) });
    };
    socket.setTimeout(quiet, () => end(false));
    socket.on('connect', () => {
      socket.write(bytes, 'latin1');
      if (later) setTimeout(() => socket.destroyed || socket.write(later, 'latin1'), LATER);
    });
    socket.on('data', (piece) => (text += piece.toString('latin1')));
    socket.on('end', () => end(true));
    socket.on('error', () => end(true)); // a reset is an end like another
  });
}

/// Final answers: `{ status, headers, body }`, names in lower case.
export function readAnswers(text) {
  const answers = [];
  let rest = text;
  for (;;) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0 || !rest.startsWith('HTTP/1.')) return answers;
    const [start, ...lines] = rest.slice(0, end).split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    const status = Number(start.split(' ')[1]);
    const [body, taken] = readBody(rest.slice(end + 4), status, headers);
    rest = rest.slice(end + 4 + taken);
    if (status >= 200) answers.push({ status, headers, body });
  }
}

function readBody(text, status, headers) {
  if (status < 200 || status === 204 || status === 304) return ['', 0];
  if (headers['transfer-encoding']) return readChunks(text);
  const length = Number(headers['content-length'] ?? text.length);
  return [text.slice(0, length), Math.min(length, text.length)];
}

function readChunks(text) {
  let [body, at] = ['', 0];
  for (;;) {
    const line = text.indexOf('\r\n', at);
    if (line < 0) return [body, text.length];
    const size = Number.parseInt(text.slice(at, line), 16);
    if (!(size > 0)) return [body, Math.min(line + 4, text.length)];
    body += text.slice(line + 2, line + 2 + size);
    at = line + 2 + size + 2;
  }
}
