// A host application that sends exact bytes, and keeps the exact bytes of each request's head.

import net from 'node:net';
import { sleep } from '../shared/wait.mjs';

/// Gives `{ plays, heads, stop }`. `plays` is a map from targets to `{ pieces, end }`: bytes, pauses in milliseconds,
/// then whether the connection stays (`keep`) or ends (`close`). `heads` is a map from targets to the heads that came.
export async function startUpstream(port) {
  const [plays, heads, open] = [new Map(), new Map(), new Set()];
  const server = net.createServer({ noDelay: true }, (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    serve(socket, plays, heads).catch(() => socket.destroy());
  });
  await new Promise((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done));
  const stop = async () => {
    for (const socket of open) socket.destroy();
    await new Promise((done) => server.close(done));
  };
  return { plays, heads, stop };
}

async function serve(socket, plays, heads) {
  let text = '';
  for await (const piece of socket) {
    text += piece.toString('latin1');
    for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
      const head = text.slice(0, end + 4);
      const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
      text = text.slice(end + 4 + length);
      const target = head.split(' ', 2)[1];
      heads.set(target, [...(heads.get(target) ?? []), head]);
      const { pieces, end: after } = plays.get(target) ?? HONEST;
      for (const piece of pieces) {
        if (typeof piece === 'number') await sleep(piece);
        else if (!socket.destroyed) await new Promise((done) => socket.write(piece, done));
      }
      if (after === 'close') return void socket.end();
    }
  }
}

const HONEST = { pieces: [Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok')] };
