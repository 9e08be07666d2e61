// What every case runs in: two gateways, one with TLS, before one host application; somebody is signed in at both.

import assert from 'node:assert/strict';
import path from 'node:path';
import { Agent } from '../shared/agent.mjs';
import { makeCertificate } from '../shared/certificate.mjs';
import { newSessionKey, newSigmaSecret, startGateway, temporaryFolder } from '../shared/gateway.mjs';
import { freePorts } from '../shared/ports.mjs';
import { startProvider } from '../shared/provider.mjs';
import { CLIENT_ID, CLIENT_SECRET, LINK, PLAIN, SIGNED, configuration } from './config.mjs';
import { startUpstream } from './upstream.mjs';

const SIDE_BY_SIDE = 16;

/// `{ port, securePort, upstream, application, running, secure, cookies, stops }`.
export async function start(binary) {
  const [port, admin, securePort, secureAdmin, upstream, provider] = await freePorts(6);
  const stops = [];
  const started = async (thing) => {
    stops.push((await thing).stop);
    return thing;
  };
  const people = { ana: { email: 'ana@example.com', groups: ['finance'] } };
  const credentials = { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET };
  const { issuer } = await started(startProvider({ port: provider, ...credentials, people }));
  const application = await started(startUpstream(upstream));
  const gateway = (more) => started(startOne(binary, { upstream, issuer, ...more }));
  const running = await gateway({ gateway: port, admin });
  const secure = await gateway({ gateway: securePort, admin: secureAdmin, isTls: true });
  const agent = new Agent();
  stops.push(() => agent.close());
  const cookies = {};
  for (const host of [LINK, SIGNED]) {
    await agent.signIn(`http://${host}:${port}`, 'ana');
    cookies[host] = [...agent.cookies(host)].map(([name, value]) => `${name}=${value}`).join('; ');
    assert.ok(cookies[host], `signed in at ${host}`);
  }
  return { port, securePort, upstream, application, running, secure, cookies, stops };
}

function startOne(binary, ports) {
  const folder = temporaryFolder('field', {
    'gateway.toml': configuration(ports),
    'session.key': newSessionKey(),
    'sigma.secret': newSigmaSecret(),
    'oidc.secret': CLIENT_SECRET,
  });
  if (ports.isTls) makeCertificate(folder, [LINK, SIGNED, PLAIN]);
  const files = ['out.log', 'err.log'].map((name) => path.join(folder, name));
  return startGateway({ binary, folder, admin: ports.admin, files });
}

/// Does `work` for all, some at a time.
export async function sideBySide(all, work) {
  const waiting = [...all];
  const one = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, one));
}

/// The lines of a log by the id of their request.
export function linesById(log) {
  const lines = new Map();
  for (const line of log.split('\n')) {
    const id = /"request_id": ?"([^"]+)"/.exec(line)?.[1];
    if (id) lines.set(id, [...(lines.get(id) ?? []), line]);
  }
  return lines;
}

/// One check for each case, in the order of the table; then how many of a kind. A run has `kind`, `name`, `where` and
/// maybe a `problem`.
export function report(checks, runs) {
  const sums = new Map();
  for (const name of new Set(runs.map((run) => run.name))) {
    const own = runs.filter((run) => run.name === name);
    const lines = new Map();
    for (const { where, problem } of own) if (problem) lines.set(problem, [...(lines.get(problem) ?? []), where]);
    checks.told(name, [...lines].map(([problem, places]) => `${places.join('; ')}: ${problem}`).join('\n'));
    const sum = sums.get(own[0].kind) ?? { passed: 0, failed: 0 };
    sum[lines.size > 0 ? 'failed' : 'passed'] += 1;
    sums.set(own[0].kind, sum);
  }
  for (const [kind, { passed, failed }] of sums) console.log(`       ${kind}: ${passed} passed, ${failed} failed`);
}
