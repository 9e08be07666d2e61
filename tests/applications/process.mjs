// Programs as child processes: started, watched until they answer, ended by their own id.

import { spawn } from 'node:child_process';
import http from 'node:http';
import { until } from '../browser/wait.mjs';

const OUTPUT_PIECES_MAX = 400;
const START_SECONDS = 60;

/// Starts a program and waits until `answers` gives something truthy. Each is the head of a process group of its own, so
/// that what it starts in turn (`catalina.sh` starts java) ends with it.
export async function start({ name, command, args, cwd, env = {}, answers }) {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const output = [];
  const keep = (bytes) => {
    output.push(bytes.toString());
    if (output.length > OUTPUT_PIECES_MAX) output.shift();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  let ended = null;
  child.on('exit', (code, signal) => (ended = signal ?? code));
  child.on('error', (error) => (ended = error.message));
  const killAtExit = () => signalGroup(child, 'SIGKILL'); // whatever happens here, it does not outlive this process
  process.once('exit', killAtExit);
  const stop = async () => {
    await stopGroup(child, name, () => ended !== null);
    process.removeListener('exit', killAtExit);
  };
  try {
    await until(`${name} to answer`, () => ended !== null || answers(), { seconds: START_SECONDS });
    if (ended !== null) throw new Error(`${name} ended with ${ended}`);
  } catch (error) {
    await stop();
    throw new Error(`${command} ${args.join(' ')}: ${error.message}\n${output.join('')}`);
  }
  return { output: () => output.join(''), stop };
}

/// Whether a page of a server on loopback is there.
export function isThere(port, path) {
  return new Promise((done, fail) => {
    const call = http.get({ host: '127.0.0.1', port, path, agent: false, timeout: 5000 }, (answer) => {
      answer.resume();
      done(answer.statusCode === 200);
    });
    call.on('timeout', () => call.destroy(new Error('no answer in 5 s')));
    call.on('error', fail);
  });
}

async function stopGroup(child, name, hasEnded) {
  for (const signal of ['SIGTERM', 'SIGKILL']) {
    if (hasEnded()) return;
    signalGroup(child, signal);
    await until(`${name} to end`, hasEnded, { seconds: 15 }).catch(() => {});
  }
}

function signalGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // it is gone
  }
}
