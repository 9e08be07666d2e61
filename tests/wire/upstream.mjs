// A host application that sends exact bytes: what a request gets is written beside its target.

import net from 'node:net';
import { sleep } from '../shared/wait.mjs';

/// Gives `{ port, plays, connections, stop }`. `plays` is a map from targets to `{ pieces, end }`: texts and pauses in
/// milliseconds, then whether the connection stays (`keep`) or ends (`close`). Every other target is answered honestly,
/// by its name.
export async function startUpstream(port) {
  const plays = new Map();
  const open = new Set();
  const server = net.createServer({ noDelay: true }, (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    serve(socket, plays).catch(() => socket.destroy());
  });
  await new Promise((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done));
  const stop = async () => {
    for (const socket of open) socket.destroy();
    await new Promise((done) => server.close(done));
  };
  return { port, plays, stop };
}

async function serve(socket, plays) {
  let text = '';
  for await (const piece of socket) {
    text += piece.toString('latin1');
    for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
      const target = text.split(' ', 2)[1];
      const isHead = text.startsWith('HEAD ');
      text = text.slice(end + 4);
      const { pieces, end: after } = plays.get(target) ?? honest(target, isHead);
      for (const piece of pieces) {
        if (typeof piece === 'number') await sleep(piece);
        else if (!socket.destroyed) await new Promise((done) => socket.write(piece, 'latin1', done));
      }
      if (after === 'close') return void socket.end();
    }
  }
}

function honest(target, isHead) {
  const lines = ['Content-Type: text/plain', 'X-Honest: yes', `Content-Length: ${target.length}`];
  const head = `HTTP/1.1 200 OK\r\n${lines.join('\r\n')}\r\n\r\n`;
  return { pieces: [head + (isHead ? '' : target)], end: 'keep' };
}
