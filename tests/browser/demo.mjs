// The demo as a child process, and what its Sigma stand-in counts.

import { ready, startChild } from '../shared/child.mjs';
import { request } from '../shared/http.mjs';
import { until } from '../shared/wait.mjs';

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
  const child = startChild(binary, ['demo', '--port', String(base), ...(issuer ? ['--issuer', issuer] : [])]);
  const answers = async () => (await stats(where)) && (await request(`${where.link}/`)).status > 0;
  await ready(child, 'the demo to answer', answers, { seconds: 30 });
  return { ...where, output: child.output, stop: child.stop };
}

/// A demo that somebody else has started.
export async function attachTo(base) {
  const where = places(base);
  await until(`a demo on port ${base}`, () => stats(where));
  return { ...where, output: () => '', stop: async () => {} };
}

/// What the Sigma stand-in counted: `{opened, replays, refused, visits}`.
export async function stats(where) {
  const answer = await request(`${where.sigma}/stand-in/stats`);
  if (answer.status !== 200) throw new Error(`stats: ${answer.status} ${answer.text.slice(0, 200)}`);
  return JSON.parse(answer.text);
}

/// Forgets the counts and the used tokens' visits.
export async function reset(where) {
  const answer = await request(`${where.sigma}/stand-in/reset`, { method: 'POST' });
  if (answer.status >= 400) throw new Error(`reset: ${answer.status} ${answer.text.slice(0, 200)}`);
}
