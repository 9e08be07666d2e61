// The demo as a child process, and what its Sigma stand-in counts.

import fs from 'node:fs';
import { ready, startChild } from '../shared/child.mjs';
import { request } from '../shared/http.mjs';
import { until } from '../shared/wait.mjs';

/// Six ports in a row from `base`, as `sigma-gateway demo --port` takes them.
export function places(base, scheme = 'http') {
  return {
    base,
    link: `${scheme}://crm.localhost:${base}`,
    signed: `${scheme}://crm-signed.localhost:${base}`,
    provider: `${scheme}://login.localhost:${base + 1}`,
    sigma: `${scheme}://sigma.localhost:${base + 2}`,
    start: `${scheme}://demo.localhost:${base + 4}/`,
  };
}

/// Starts the demo and waits until its gateway and its stand-ins answer. With `tls` it is https, and its CA is in that
/// file: `ca`.
export async function startDemo({ binary, base, issuer, tls }) {
  const where = places(base, tls ? 'https' : 'http');
  const more = [...(issuer ? ['--issuer', issuer] : []), ...(tls ? ['--tls', tls] : [])];
  const child = startChild(binary, ['demo', '--port', String(base), ...more]);
  const answers = async () => {
    if (tls) where.ca = fs.readFileSync(tls);
    return (await stats(where)) && (await request(`${where.link}/`, { ca: where.ca })).status > 0;
  };
  await ready(child, 'the demo to answer', answers, { seconds: 30 });
  return { ...where, binary, caFile: tls, output: child.output, stop: child.stop };
}

/// A demo that somebody else has started.
export async function attachTo(base) {
  const where = places(base);
  await until(`a demo on port ${base}`, () => stats(where));
  return { ...where, output: () => '', stop: async () => {} };
}

/// What the Sigma stand-in counted: `{opened, replays, refused, visits}`.
export async function stats(where) {
  const answer = await request(`${where.sigma}/stand-in/stats`, { ca: where.ca });
  if (answer.status !== 200) throw new Error(`stats: ${answer.status} ${answer.text.slice(0, 200)}`);
  return JSON.parse(answer.text);
}

/// Forgets the counts and the used tokens' visits.
export async function reset(where) {
  const answer = await request(`${where.sigma}/stand-in/reset`, { method: 'POST', ca: where.ca });
  if (answer.status >= 400) throw new Error(`reset: ${answer.status} ${answer.text.slice(0, 200)}`);
}
