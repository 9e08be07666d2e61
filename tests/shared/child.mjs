// A program as a child process in a group of its own: a shell around it, and what it starts, end with it.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { until } from './wait.mjs';

const PIECES_MAX = 400;
const STOP_SECONDS = 15;

// Children are killed at `exit`, which a signal alone does not bring.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));

/// Starts it. Gives `{pid, output, hasEnded, signal, send, stop}`. Of its output the last pieces are kept; with `files`
/// (one for each stream) all of it, there. `ipc` is for a program of ours, for `send`.
export function startChild(command, args, { env = {}, cwd, ipc = false, files } = {}) {
  const streams = files ? files.map((file) => fs.openSync(file, 'a')) : ['pipe', 'pipe'];
  const stdio = ['ignore', ...streams, ...(ipc ? ['ipc'] : [])];
  const child = spawn(command, args, { stdio, cwd, env: { ...process.env, ...env }, detached: true });
  if (files) for (const open of streams) fs.closeSync(open);
  const pieces = keepLast([child.stdout, child.stderr]);
  const output = () => (files ? files.map((file) => fs.readFileSync(file, 'utf8')).join('\n') : pieces.join(''));
  let ended = null;
  // `close`, not `exit`: a shell ends before the program that it has started, which still holds the pipes.
  child.on('close', (code, name) => (ended = name ?? code));
  child.on('error', (error) => (ended = error.message));
  const hasEnded = () => ended !== null;
  const signal = (name) => {
    try {
      if (child.pid && !hasEnded()) process.kill(-child.pid, name);
    } catch {
      // It ended a moment ago.
    }
  };
  const atExit = () => signal('SIGKILL'); // whatever happens here, it does not outlive this process
  process.once('exit', atExit);
  const stop = async () => {
    for (const name of ['SIGTERM', 'SIGKILL']) {
      if (hasEnded()) break;
      signal(name);
      await until(`${command} to end`, hasEnded, { seconds: STOP_SECONDS, every: 20 }).catch(() => {});
    }
    process.off('exit', atExit);
  };
  return { pid: child.pid, output, hasEnded, signal, send: (message) => child.send(message), stop };
}

/// Waits until `condition` holds for a child; if it ends or takes too long, says what it printed.
export async function ready(child, what, condition, bounds) {
  try {
    await until(what, async () => child.hasEnded() || (await condition()), bounds);
    if (child.hasEnded()) throw new Error(`${what}: the process ended`);
  } catch (error) {
    await child.stop();
    throw new Error(`${error.message}\n${child.output()}`);
  }
}

function keepLast(streams) {
  const pieces = [];
  for (const stream of streams) {
    stream?.on('data', (bytes) => {
      pieces.push(bytes.toString());
      if (pieces.length > PIECES_MAX) pieces.shift();
    });
  }
  return pieces;
}
