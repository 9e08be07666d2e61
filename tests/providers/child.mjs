// A program as a child process in a group of its own: a shell around it, and what it starts, end with it.

import { spawn } from 'node:child_process';
import { until } from '../browser/wait.mjs';

const LINES_MAX = 300;

/// Starts it. Gives `{output, hasEnded, send, stop}`.
export function startChild(command, options, { env = {}, cwd, ipc = false } = {}) {
  const stdio = ['ignore', 'pipe', 'pipe', ...(ipc ? ['ipc'] : [])];
  const child = spawn(command, options, { stdio, cwd, env: { ...process.env, ...env }, detached: true });
  const lines = [];
  let ended = null;
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes) => {
      lines.push(bytes.toString());
      if (lines.length > LINES_MAX) lines.shift();
    });
  }
  // `close`, not `exit`: a shell ends before the program that it has started, which still holds the pipes.
  child.on('close', (code, signal) => (ended = signal ?? code));
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
      await until(`${command} to end`, hasEnded, { seconds: 15 }).catch(() => {});
    }
    process.off('exit', atExit);
  };
  return { output: () => lines.join(''), hasEnded, send: (message) => child.send(message), stop };
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
