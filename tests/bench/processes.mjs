// Server processes: started, waited for, looked at through /proc, ended.

import { spawn } from 'node:child_process';
import fs from 'node:fs';

const READY_SECONDS = 40; // also under callgrind, on a busy machine
const TICKS_PER_SECOND = 100; // USER_HZ, on every Linux

export const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/// Starts a server; what it says goes to `log`, its standard output nowhere (`ready` is asked until it answers).
export async function startServer({ command, log, ready, env = {} }) {
  const [program, ...args] = command;
  const errors = fs.openSync(log, 'a');
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', errors], env: { ...process.env, ...env } });
  fs.closeSync(errors);
  const ended = new Promise((done) => child.once('error', done).once('exit', done));
  let isRunning = true;
  ended.then(() => (isRunning = false));
  const stop = async () => {
    child.kill('SIGTERM');
    await Promise.race([ended, sleep(12_000).then(() => child.kill('SIGKILL'))]);
  };
  const end = Date.now() + READY_SECONDS * 1000;
  for (;;) {
    if (isRunning && (await ready().catch(() => false))) return { pid: child.pid, stop };
    if (!isRunning || Date.now() > end) {
      const problem = isRunning ? 'is not ready' : 'ended at once';
      if (isRunning) await stop();
      throw new Error(`${program} ${problem}: ${fs.readFileSync(log, 'utf8').slice(-2000)}`);
    }
    await sleep(50);
  }
}

/// A process and all that it started.
export function family(pid) {
  const children = fs.readdirSync(`/proc/${pid}/task`).flatMap((task) => {
    const line = fs.readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8');
    return line.split(' ').filter(Boolean).map(Number);
  });
  return [pid, ...children.flatMap(family)];
}

/// User and system time of a family so far, in seconds.
export function cpuSeconds(pid) {
  return sum(family(pid), (member) => {
    const fields = fs.readFileSync(`/proc/${member}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  });
}

/// Memory of a family in MiB: what it has now, and the most since `forgetPeak`. Shared pages count once for each member.
export function memory(pid) {
  const of = (key) => sum(family(pid), (member) => {
    const status = fs.readFileSync(`/proc/${member}/status`, 'utf8');
    return Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(status)[1]) / 1024;
  });
  return { now: of('VmRSS'), peak: of('VmHWM') };
}

export function forgetPeak(pid) {
  for (const member of family(pid)) fs.writeFileSync(`/proc/${member}/clear_refs`, '5');
}

/// What a program printed; fails where it fails.
export async function run(program, args, { seconds = 60, env = {} } = {}) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
  const [out, errors, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((done, fail) => child.once('error', fail).once('close', done)),
  ]);
  clearTimeout(timer);
  if (code !== 0) throw new Error(`${program} ended with ${code ?? 'a signal'}: ${errors || out}`);
  return out;
}

async function text(stream) {
  let all = '';
  for await (const piece of stream.setEncoding('utf8')) all += piece;
  return all;
}

function sum(list, of) {
  return list.reduce((total, item) => total + of(item), 0);
}
