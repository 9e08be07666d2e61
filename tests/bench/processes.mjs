// Server processes, looked at through /proc; and programs that run to their end.

import { spawn } from 'node:child_process';
import fs from 'node:fs';

const TICKS_PER_SECOND = 100; // USER_HZ, on every Linux

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
    const fields = fs
      .readFileSync(`/proc/${member}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  });
}

/// Memory of a family in MiB: what it has now, and the most since `forgetPeak`. Shared pages count once for each
/// member.
export function memory(pid) {
  const of = (key) =>
    sum(family(pid), (member) => {
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
