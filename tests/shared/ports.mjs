// Free ports, all different, also from those of a suite that runs at the same time.
//
// They lie below those that the system gives to outgoing connections (32768 and up): a client of another suite cannot
// sit on one between here and the server's start. Another suite's choice is seen by a file for each port, which goes
// with its process.

import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

const FIRST = 28_000;
const LAST = 31_999;

const claimed = [];
process.once('exit', () => {
  for (const file of claimed) fs.rmSync(file, { force: true });
});

/// `count` ports of 127.0.0.1 on which nobody listens, for as long as this process lives.
export async function freePorts(count) {
  const ports = [];
  const start = Math.floor(Math.random() * (LAST - FIRST + 1));
  for (let step = 0; ports.length < count; step += 1) {
    if (step > LAST - FIRST) throw new Error(`no ${count} free ports from ${FIRST} to ${LAST}`);
    const port = FIRST + ((start + step) % (LAST - FIRST + 1));
    if (claim(port) && (await isFree(port))) ports.push(port);
  }
  return ports;
}

/// Whether the port is ours now: its file holds the process that has it.
function claim(port) {
  const file = path.join(os.tmpdir(), `sigma-gateway-port-${port}`);
  try {
    if (!isAlive(Number(fs.readFileSync(file, 'utf8')))) fs.rmSync(file, { force: true });
  } catch {
    // Nobody has it.
  }
  try {
    fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
  } catch {
    return false;
  }
  claimed.push(file);
  return true;
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function isFree(port) {
  const server = net.createServer();
  return new Promise((done) => {
    server.once('error', () => done(false));
    server.listen(port, '127.0.0.1', () => server.close(() => done(true)));
  });
}
