// Each page, JSON text and redirect on both sites, as it is and in pieces.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { FETCH, NAVIGATION } from '../shared/agent.mjs';
import { sleep } from '../shared/wait.mjs';
import { inPieces, readSent } from './answers.mjs';
import { exchange, requestOf } from './client.mjs';
import { LINK, SIGNED } from './config.mjs';
import { firstLine, judge } from './judge.mjs';
import { linesById, report, sideBySide } from './setting.mjs';

const CASES = path.join(import.meta.dirname, 'cases', 'pages');
/// Longer than a page is held for its next piece.
const PAUSE = 150;
/// A line of the log may come after its answer.
const SETTLED = 500;

/// How a browser asks.
const ASKS = {
  page: { method: 'GET', headers: NAVIGATION },
  head: { method: 'HEAD', headers: NAVIGATION },
  fetch: { method: 'GET', headers: FETCH },
  form: { method: 'POST', headers: { ...NAVIGATION, 'sec-fetch-site': 'same-origin' } },
  'api-post': { method: 'POST', headers: FETCH },
  delta: { method: 'POST', headers: { ...FETCH, 'x-microsoftajax': 'Delta=true' } },
};

/// A case is `{ kind, name, folder, expect }` with a `file` of the collection, or with its `bytes`.
export async function runPages(setting, checks, cases) {
  const runs = cases.flatMap(runsOf);
  const jtis = new Set();
  await sideBySide(runs, (run) => look(setting, run, jtis));
  await sleep(SETTLED);
  const lines = linesById(setting.running.output());
  for (const run of runs) run.problem ??= judgeNotes(run.expected, lines.get(run.id) ?? []);
  report(checks, runs);
}

function runsOf(one) {
  const ways = /^t[13]/.test(one.kind) ? ['as it is', 'in pieces'] : ['as it is'];
  const site = (host) => (host === LINK ? 'link' : 'signed');
  return [LINK, SIGNED].flatMap((host) => ways.map((way) => ({ ...one, host, way, where: `${site(host)}, ${way}` })));
}

async function look({ port, application, cookies }, run, jtis) {
  const { host, way, expect } = run;
  const bytes = run.bytes ?? fs.readFileSync(path.join(CASES, run.file));
  const sent = readSent(bytes);
  const target = `${run.folder}/${encodeURIComponent(run.name)}/${encodeURIComponent(run.where)}`;
  application.plays.set(target, way === 'as it is' ? { pieces: [bytes], end: 'close' } : inPieces(sent, 2, PAUSE));
  const { method, headers } = ASKS[expect.ask ?? 'page'];
  const origin = `http://${host}:${port}`;
  const asked = requestOf(method, `${host}:${port}`, target, { ...headers, cookie: cookies[host] });
  try {
    const got = await exchange(port, asked, method);
    run.id = /^x-request-id: *(\S+)/im.exec(application.heads.get(target)?.[0])?.[1];
    assert.deepEqual(got.faults, []);
    // A redirect may be answered to a form too.
    const isRedirect = sent.status >= 300 && sent.status < 400;
    const isSigned = isRedirect ? !['fetch', 'head'].includes(expect.ask) : method === 'GET' && sent.status === 200;
    const mints = host === SIGNED && isSigned;
    run.expected = judge(sent, got, expect, { origin, url: origin + target, mints, jtis });
    if (expect.isFollowed && host === LINK) await follow(port, host, got, { method, headers, cookie: cookies[host] });
  } catch (error) {
    run.problem = firstLine(error);
  }
}

/// A browser asks what it is sent to: after 307 and 308 again with its form.
async function follow(port, host, { status, value }, { method, headers, cookie }) {
  const { pathname } = new URL(value('location'));
  const asked = status === 307 || status === 308 ? method : 'GET';
  const got = await exchange(port, requestOf(asked, `${host}:${port}`, pathname, { ...headers, cookie }), asked);
  assert.ok([200, 303].includes(got.status), `${asked} of the link: ${got.status} ${got.value('sigma-gateway')}`);
}

function judgeNotes({ notes: wanted = [] }, lines) {
  const found = lines
    .filter((line) => line.includes('while rewriting'))
    .map((line) => /"note": ?"([^"]+)"/.exec(line)?.[1])
    .sort();
  if (wanted === 'any' || (wanted === 'some' ? found.length > 0 : found.join() === [...wanted].sort().join()))
    return undefined;
  return `notes: ${found.join(', ') || 'none'}; right is ${[wanted].flat().join(', ') || 'none'}`;
}
