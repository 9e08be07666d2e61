// The demo as a child process, and what its Sigma stand-in counts.
//
// Node does not know names under .localhost: requests from here go to 127.0.0.1 with the name in `Host`.

import { spawn } from 'node:child_process';
import http from 'node:http';
import { until, within } from './wait.mjs';

/// Six ports in a row from `base`, as `sigma-gateway demo --port` takes them.
export function places(base) {
  return {
    base,
    link: `http://crm.localhost:${base}`,
    signed: `http://crm-signed.localhost:${base}`,
    provider: `http://login.localhost:${base + 1}`,
    sigma: `http://sigma.localhost:${base + 2}`,
    start: `http://demo.localhost:${base + 4}/`,
  };
}

/// Starts the demo and waits until its gateway and its stand-ins answer.
export async function startDemo({ binary, base, issuer }) {
  const where = places(base);
  const options = ['demo', '--port', String(base), ...(issuer ? ['--issuer', issuer] : [])];
  const child = spawn(binary, options, { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = [];
  const keep = (bytes) => {
    output.push(bytes.toString());
    if (output.length > 400) output.shift();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  let ended = null;
  child.on('exit', (code, signal) => (ended = signal ?? code));
  child.on('error', (error) => (ended = error.message));
  const stop = () => stopChild(child, () => ended !== null);
  process.once('exit', () => child.kill('SIGKILL')); // whatever happens here, it does not outlive this process
  try {
    await until('the demo to answer', async () => {
      if (ended !== null) return 'ended';
      await stats(where);
      return (await request(where.link, '/')).status > 0;
    }, { seconds: 30 });
    if (ended !== null) throw new Error(`it ended with ${ended}`);
  } catch (error) {
    await stop();
    throw new Error(`${binary} ${options.join(' ')}: ${error.message}\n${output.join('')}`);
  }
  return { ...where, output: () => output.join(''), stop };
}

/// A demo that somebody else has started.
export async function attachTo(base) {
  const where = places(base);
  await until(`a demo on port ${base}`, () => stats(where));
  return { ...where, output: () => '', stop: async () => {} };
}

/// What the Sigma stand-in counted: `{opened, replays, refused, visits}`.
export async function stats(where) {
  const answer = await request(where.sigma, '/stand-in/stats');
  if (answer.status !== 200) throw new Error(`stats: ${answer.status} ${answer.text.slice(0, 200)}`);
  return JSON.parse(answer.text);
}

/// Forgets the counts and the used tokens' visits.
export async function reset(where) {
  const answer = await request(where.sigma, '/stand-in/reset', 'POST');
  if (answer.status >= 400) throw new Error(`reset: ${answer.status} ${answer.text.slice(0, 200)}`);
}

/// One request to a name under .localhost.
export function request(origin, path, method = 'GET') {
  const { host, port } = new URL(origin);
  const sent = new Promise((done, fail) => {
    const options = { host: '127.0.0.1', port, path, method, headers: { host }, agent: false };
    const call = http.request(options, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (piece) => (text += piece));
      answer.on('end', () => done({ status: answer.statusCode, headers: answer.headers, text }));
    });
    call.on('error', fail);
    call.end();
  });
  return within(5, `${method} ${origin}${path}`, sent);
}

/// Ctrl-C, then a harder signal where that does not end it.
async function stopChild(child, hasEnded) {
  for (const signal of ['SIGINT', 'SIGKILL']) {
    if (hasEnded()) return;
    child.kill(signal);
    await until('the demo to end', hasEnded, { seconds: 15 }).catch(() => {});
  }
}
