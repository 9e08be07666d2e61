// What was seen in the field, through the gateway: answers of host applications and requests of clients, as bytes, each
// held against what is right for it.
//
//   node run.mjs --binary PATH [--only t1,t6_api_bom] [--list]

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Agent, FETCH, NAVIGATION } from '../shared/agent.mjs';
import { runAll } from '../shared/checks.mjs';
import { newSessionKey, newSigmaSecret, startGateway, temporaryFolder } from '../shared/gateway.mjs';
import { freePorts } from '../shared/ports.mjs';
import { startProvider } from '../shared/provider.mjs';
import { sleep } from '../shared/wait.mjs';
import { inPieces, readSent } from './answers.mjs';
import { exchange, requestOf } from './client.mjs';
import { CLIENT_ID, CLIENT_SECRET, LINK, SIGNED, configuration } from './config.mjs';
import { firstLine, judge } from './judge.mjs';
import { PAGES } from './pages.mjs';
import { startUpstream } from './upstream.mjs';

const { values: options } = parseArgs({ options: { binary: { type: 'string' }, only: { type: 'string' } } });
const RUN_SECONDS = 600;
const SIDE_BY_SIDE = 16;
const CASES = path.join(import.meta.dirname, 'cases');
/// Longer than a page is held for its next piece.
const PAUSE = 150;
const isChosen = (one) =>
  !options.only || options.only.split(',').some((part) => one.name.includes(part) || one.kind === part);

async function main(checks) {
  const setting = await start();
  try {
    await pages(setting, checks);
  } finally {
    for (const stop of setting.stops.reverse()) await stop();
  }
}

async function start() {
  const [gateway, admin, upstream, provider] = await freePorts(4);
  const stops = [];
  const started = async (thing) => {
    stops.push((await thing).stop);
    return thing;
  };
  const people = { ana: { email: 'ana@example.com', groups: ['finance'] } };
  const login = await started(
    startProvider({ port: provider, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, people }),
  );
  const application = await started(startUpstream(upstream));
  const folder = temporaryFolder('field', {
    'gateway.toml': configuration({ gateway, admin, upstream, issuer: login.issuer }),
    'session.key': newSessionKey(),
    'sigma.secret': newSigmaSecret(),
    'oidc.secret': CLIENT_SECRET,
  });
  const files = ['out.log', 'err.log'].map((name) => path.join(folder, name));
  const running = await started(startGateway({ binary: options.binary, folder, admin, files }));
  const agent = new Agent();
  stops.push(() => agent.close());
  const cookies = {};
  for (const host of [LINK, SIGNED]) {
    await agent.signIn(`http://${host}:${gateway}`, 'ana');
    cookies[host] = [...agent.cookies(host)].map(([name, value]) => `${name}=${value}`).join('; ');
    assert.ok(cookies[host], `signed in at ${host}`);
  }
  return { port: gateway, application, running, cookies, stops };
}

/// How a browser asks.
const ASKS = {
  page: { method: 'GET', headers: NAVIGATION },
  fetch: { method: 'GET', headers: FETCH },
  form: { method: 'POST', headers: { ...NAVIGATION, 'sec-fetch-site': 'same-origin' } },
  'api-post': { method: 'POST', headers: FETCH },
};

/// Each case on both sites, as it is and in pieces.
async function pages(setting, checks) {
  const runs = PAGES.filter(isChosen).flatMap(runsOf);
  await sideBySide(runs, (run) => look(setting, run));
  await sleep(500);
  const notes = notesOf(setting.running.output());
  for (const run of runs) run.problem ??= judgeNotes(run, notes.get(run.id) ?? []);
  report(checks, runs);
}

function runsOf(one) {
  const ways = ['t1', 't3'].includes(one.kind) ? ['as it is', 'in pieces'] : ['as it is'];
  return [LINK, SIGNED].flatMap((host) => ways.map((way) => ({ ...one, host, way })));
}

async function look({ port, application, cookies }, run) {
  const { host, way, expect } = run;
  const bytes = run.bytes ?? fs.readFileSync(path.join(CASES, 'pages', run.file));
  const sent = readSent(bytes);
  const target = `${run.folder}/${encodeURIComponent(run.name)}/${host === LINK ? 'link' : 'signed'}-${way.length}`;
  const play = way === 'as it is' ? { pieces: [bytes], end: 'close' } : inPieces(sent, 2, PAUSE);
  application.plays.set(target, play);
  const { method, headers } = ASKS[expect.ask ?? 'page'];
  const origin = `http://${host}:${port}`;
  const asked = requestOf(method, `${host}:${port}`, target, { ...headers, cookie: cookies[host] });
  try {
    const got = await exchange(port, asked, method);
    run.id = /^x-request-id: *(\S+)/im.exec(application.heads.get(target)?.[0])?.[1];
    assert.deepEqual(got.faults, []);
    const mints =
      host === SIGNED && method === 'GET' && (sent.status === 200 || (sent.status >= 300 && sent.status < 400));
    run.expected = judge(sent, got, expect, { origin, url: origin + target, mints, jtis });
  } catch (error) {
    run.problem = firstLine(error);
  }
}

const jtis = new Set();

/// The notes of each request, by its id.
function notesOf(log) {
  const notes = new Map();
  for (const line of log.split('\n')) {
    if (!line.includes('while rewriting')) continue;
    const id = /"request_id": ?"([^"]+)"/.exec(line)?.[1];
    notes.set(id, [...(notes.get(id) ?? []), /"note": ?"([^"]+)"/.exec(line)?.[1]]);
  }
  return notes;
}

function judgeNotes({ expected }, found) {
  const wanted = expected.notes ?? [];
  const isRight =
    wanted === 'any' || (wanted === 'some' ? found.length > 0 : [...found].sort().join() === [...wanted].sort().join());
  return isRight ? undefined : `notes: ${found.join(', ') || 'none'}; right is ${[wanted].flat().join(', ') || 'none'}`;
}

async function sideBySide(all, work) {
  const waiting = [...all];
  const one = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, one));
}

/// One check for each case, in the order of the table; then how many of a kind.
function report(checks, runs) {
  const sums = new Map();
  for (const name of new Set(runs.map((run) => run.name))) {
    const own = runs.filter((run) => run.name === name);
    const failed = own.filter((run) => run.problem);
    const lines = new Map();
    for (const { host, way, problem } of failed)
      lines.set(problem, [...(lines.get(problem) ?? []), `${host === LINK ? 'link' : 'signed'}, ${way}`]);
    checks.told(name, [...lines].map(([problem, where]) => `${where.join('; ')}: ${problem}`).join('\n'));
    const sum = sums.get(own[0].kind) ?? { passed: 0, failed: 0 };
    sum[failed.length ? 'failed' : 'passed'] += 1;
    sums.set(own[0].kind, sum);
  }
  for (const [kind, { passed, failed }] of sums) console.log(`${kind}: ${passed} passed, ${failed} failed`);
}

process.setMaxListeners(40);
runAll(main, RUN_SECONDS);
