// One measurement: wrk (HTTP/1.1) or h2load (HTTP/2) against one server for some seconds, and what the server spent on
// it.

import { cpuSeconds, memory, run } from './processes.mjs';

const CONNECTIONS = 64;
const H2 = { connections: 8, streams: 16 };

/// Requests per second, p99 in milliseconds (HTTP/2: none), CPU microseconds per request, memory in MiB, and what was
/// lost of connections, if any (HTTP/1.1). `target.headers` and those of the server are sent as well.
export async function measure(server, target, seconds) {
  const url = server.origin + target.path;
  const cookie = target.isSignedIn && server.cookie ? { cookie: server.cookie } : {};
  const headers = { ...server.headers, ...target.headers, ...cookie };
  const pids = server.pids ?? [server.pid];
  const spent = () => pids.reduce((total, pid) => total + cpuSeconds(pid), 0);
  const before = spent();
  const load = target.protocol === 'h2' ? await h2load(url, headers, seconds) : await wrk(url, headers, seconds);
  const cpu = spent() - before;
  const { rate, p99, requests, lost } = load;
  const resident = pids.reduce((total, pid) => total + memory(pid).now, 0);
  return { rate, p99, lost, cpu: (cpu * 1e6) / requests, memory: resident };
}

async function wrk(url, headers, seconds) {
  const lines = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const args = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '--timeout', '10s', '--latency', ...lines, url];
  return parseWrk(await run('wrk', args, { seconds: seconds + 20 }));
}

export function parseWrk(text) {
  const failed = /Non-2xx or 3xx responses: \d+/.exec(text);
  if (failed) throw new Error(`wrk: ${failed[0]}`);
  const requests = Number(must(/(\d+) requests in/, text));
  if (requests === 0) throw new Error('wrk: no request came to its end; give --seconds more');
  return {
    requests,
    rate: Number(must(/Requests\/sec:\s+([\d.]+)/, text)),
    p99: milliseconds(must(/99%\s+([\d.]+[a-z]+)/, text)),
    lost: /Socket errors: .*/.exec(text)?.[0],
  };
}

async function h2load(url, headers, seconds) {
  const lines = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const args = ['-t1', `-c${H2.connections}`, `-m${H2.streams}`, `-D${seconds}`, ...lines, url];
  return parseH2load(await run('h2load', args, { seconds: seconds + 20 }));
}

export function parseH2load(text) {
  if (!/Application protocol: h2/.test(text)) throw new Error('h2load: the server does not speak HTTP/2');
  const requests = Number(must(/status codes: (\d+) 2xx, /, text));
  const [failed, errored] = [must(/(\d+) failed/, text), must(/(\d+) errored/, text)].map(Number);
  if (failed + errored > 0 || requests === 0)
    throw new Error(`h2load: ${failed} failed, ${errored} errored, ${requests} fine`);
  return { requests, rate: Number(must(/finished in [\d.]+m?s, ([\d.]+) req\/s/, text)), p99: undefined };
}

function milliseconds(text) {
  const [, number, unit] = /^([\d.]+)(us|ms|s)$/.exec(text);
  return Number(number) * { us: 0.001, ms: 1, s: 1000 }[unit];
}

function must(pattern, text) {
  const found = pattern.exec(text);
  if (!found) throw new Error(`nothing matches ${pattern} in:\n${text}`);
  return found[1];
}
