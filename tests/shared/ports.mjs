// Ports that the system chose, all different.

import net from 'node:net';

/// `count` free ports on 127.0.0.1: all are held until the last is known.
export async function freePorts(count) {
  const held = await Promise.all(Array.from({ length: count }, listen));
  const ports = held.map((server) => server.address().port);
  await Promise.all(held.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

function listen() {
  const server = net.createServer();
  return new Promise((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', () => done(server)));
}
