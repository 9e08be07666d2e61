// Opens connections, asks for one small file on each, says so to its parent, and keeps them until it is killed.

import net from 'node:net';

const AT_ONCE = 200;
const [origin, path, connections] = process.argv.slice(2);
const { hostname, port, host } = new URL(origin);
const request = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
const started = Date.now();
const open = [];
let isDone = false;

function connect() {
  return new Promise((done, fail) => {
    const socket = net.connect(Number(port), hostname, () => socket.write(request));
    socket.once('data', (head) => {
      const [line] = head.toString().split('\r\n');
      if (line.startsWith('HTTP/1.1 200')) done();
      else fail(new Error(line));
    });
    socket.once('error', fail);
    socket.once('close', () => (isDone ? undefined : fail(new Error('closed'))));
    open.push(socket);
  });
}

try {
  while (open.length < Number(connections)) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, Number(connections) - open.length) }, connect));
  }
  isDone = true;
  process.send({ seconds: (Date.now() - started) / 1000 });
} catch (error) {
  process.send({ error: `${error.message} after ${open.length} connections` });
}
