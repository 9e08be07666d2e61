// Two measurements of memory: thousands of idle connections, and one large body.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { sleep } from '../shared/wait.mjs';
import { forgetPeak, memory, run } from './processes.mjs';

/// The gateway closes a connection that is idle for 30 s: all must be open before the first is closed.
const IDLE_SECONDS_MAX = 25;
const IDLE_PROGRAM = new URL('idle.mjs', import.meta.url);

/// Opens connections that each ask once and then stay; gives memory before and with them.
export async function idleConnections(server, connections) {
  const before = memory(server.pid).now;
  const client = fork(IDLE_PROGRAM, [server.origin, '/public/small.txt', String(connections)], { execArgv: [] });
  try {
    const [message] = await Promise.race([
      once(client, 'message'),
      once(client, 'exit').then(() => [{ error: 'the client ended' }]),
      sleep(IDLE_SECONDS_MAX * 1000).then(() => [{ error: `not all open after ${IDLE_SECONDS_MAX} s` }]),
    ]);
    if (message.error) throw new Error(`idle connections at ${server.name}: ${message.error}`);
    await sleep(1000);
    return { name: server.name, before, after: memory(server.pid).now, seconds: message.seconds };
  } finally {
    client.kill('SIGKILL');
  }
}

/// Fetches a large body once; gives memory before, the most meanwhile, and how fast it went.
export async function largeBody(server, bytes) {
  const before = memory(server.pid).now;
  forgetPeak(server.pid);
  const args = ['--silent', '--fail', '--output', '/dev/null', '--write-out', '%{time_total} %{size_download}'];
  const [seconds, size] = (await run('curl', [...args, `${server.origin}/public/big.bin`])).split(' ').map(Number);
  if (size !== bytes) throw new Error(`${server.name}: ${size} of ${bytes} bytes`);
  return { name: server.name, before, after: memory(server.pid).peak, seconds };
}
