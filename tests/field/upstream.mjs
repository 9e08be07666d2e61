// A host application that sends exact bytes, and keeps the exact bytes of each request's head. It answers before it has
// read the body, and reads that then.

import net from 'node:net';
import { sleep } from '../shared/wait.mjs';

/// Gives `{ plays, heads, bodies, stop }`. `plays` is a map from targets to `{ pieces, end }`: bytes, pauses in
/// milliseconds, then whether the connection stays (`keep`) or ends (`close`). `heads` is a map from targets to the
/// heads that came, `bodies` to how many bytes of bodies that say their length did.
export async function startUpstream(port) {
  const [plays, heads, bodies, open] = [new Map(), new Map(), new Map(), new Set()];
  const server = net.createServer({ noDelay: true }, (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    serve(socket, { plays, heads, bodies }).catch(() => socket.destroy());
  });
  await new Promise((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done));
  const stop = async () => {
    for (const socket of open) socket.destroy();
    await new Promise((done) => server.close(done));
  };
  return { plays, heads, bodies, stop };
}

async function serve(socket, { plays, heads, bodies }) {
  let [text, target, left, isInChunks] = ['', '', 0, false];
  const read = () => {
    if (isInChunks) {
      // The bodies of these suites hold no empty line.
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) return -1;
      [text, isInChunks] = [text.slice(end + 4), false];
    }
    const taken = Math.min(left, text.length);
    if (taken > 0) bodies.set(target, (bodies.get(target) ?? 0) + taken);
    [left, text] = [left - taken, text.slice(taken)];
    return left > 0 ? -1 : text.indexOf('\r\n\r\n');
  };
  for await (const piece of socket) {
    text += piece.toString('latin1');
    for (let end = read(); end >= 0; end = read()) {
      const head = text.slice(0, end + 4);
      text = text.slice(end + 4);
      left = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
      isInChunks = /^transfer-encoding: *chunked/im.test(head);
      target = head.split(' ', 2)[1];
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
