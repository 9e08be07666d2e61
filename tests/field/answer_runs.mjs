// Each odd answer over HTTP/1.1 and HTTP/2, and behind it the next request, which gets its own.

import assert from 'node:assert/strict';
import { sleep } from '../shared/wait.mjs';
import { Session } from '../shared/http2.mjs';
import { exchange, requestOf } from './client.mjs';
import { PLAIN } from './config.mjs';
import { firstLine } from './judge.mjs';
import { linesById, report, sideBySide } from './setting.mjs';

const SETTLED = 500;

export async function runAnswers(setting, checks, cases) {
  const runs = cases.flatMap((one) => ['HTTP/1.1', 'HTTP/2'].map((where) => ({ ...one, where })));
  await sideBySide(runs, (run) => look(setting, run));
  await sleep(SETTLED);
  const [plain, secure] = [setting.running, setting.secure].map((one) => linesById(one.output()));
  for (const run of runs) {
    const lines = (run.where === 'HTTP/2' ? secure : plain).get(run.id) ?? [];
    run.problem ??= judgeLog(run.expected, lines);
  }
  report(checks, runs);
}

async function look(setting, run) {
  const { application } = setting;
  const target = `/at/${encodeURIComponent(run.name)}/${encodeURIComponent(run.where)}`;
  application.plays.set(target, { pieces: [run.bytes], end: endOf(run.bytes) });
  try {
    const ask = run.where === 'HTTP/2' ? overHttp2 : overHttp1;
    const [got, next] = await ask(setting, target, `${target}/next`);
    run.id = /^x-request-id: *(\S+)/im.exec(application.heads.get(target)?.[0])?.[1];
    assert.deepEqual(got.faults, []);
    run.expected = judge(got, run.expect, run.where);
    assert.deepEqual([next.status, next.body], [200, 'ok'], 'the next request');
  } catch (error) {
    run.problem = firstLine(error);
  }
}

/// An application that says that it keeps its connection, does.
const endOf = (bytes) => {
  const head = bytes.toString('latin1').split(/\r?\n\r?\n/)[0];
  return /^connection: keep-alive/im.test(head) ? 'keep' : 'close';
};

async function overHttp1({ port }, target, next) {
  const host = `${PLAIN}:${port}`;
  const answers = [];
  for (const one of [target, next]) answers.push(await exchange(port, requestOf('GET', host, one, {})));
  return answers;
}

async function overHttp2({ securePort }, target, next) {
  const session = new Session(securePort, PLAIN);
  try {
    const answers = [];
    for (const one of [target, next]) answers.push(read(await session.ask('GET', one)));
    return answers;
  } finally {
    session.close();
  }
}

function read({ status, headers, body, code, counted }) {
  const values = (name) => [headers[name] ?? []].flat();
  return {
    status,
    body,
    isWhole: counted.ended === 1 && code === 0,
    values,
    value: (name) => values(name)[0],
    faults: [],
  };
}

function judge(got, expect, where) {
  if (expect.either) return judgeEither(got, expect.either, where);
  const said = `${got.status}, ${got.isWhole ? 'whole' : 'cut'}, ${JSON.stringify(got.body.slice(0, 60))}`;
  assert.ok(got.isWhole, said);
  if (expect.refused) {
    assert.deepEqual([got.status, got.value('sigma-gateway')], [502, 'upstream_broken'], said);
    return expect;
  }
  assert.ok(got.status === expect.status && got.body === expect.body, said);
  for (const [name, wanted] of Object.entries(expect.has ?? {})) {
    const values = got.values(name);
    // Node reads a header's bytes over HTTP/2 as UTF-8.
    if (where === 'HTTP/2' && /[\x80-\xff]/.test(String(wanted))) continue;
    const isRight =
      wanted instanceof RegExp ? wanted.test(values[0]) : values.join('\n') === [wanted].flat().join('\n');
    assert.ok(isRight, `${name}: ${JSON.stringify(values).slice(0, 200)}`);
  }
  for (const name of expect.lacks ?? []) assert.deepEqual(got.values(name), [], name);
  if (expect.raw && where === 'HTTP/1.1')
    assert.ok(got.head.split('\r\n').includes(expect.raw), `no line ${expect.raw}`);
  return expect;
}

function judgeEither(got, either, where) {
  const problems = [];
  for (const expect of either) {
    try {
      return judge(got, expect, where);
    } catch (error) {
      problems.push(firstLine(error));
    }
  }
  throw new Error([...new Set(problems)].join('; or '));
}

/// Beside the access line there is one that says what was wrong.
function judgeLog({ told, refused, quotes }, lines) {
  const besides = lines.filter((line) => !/"(?:kind|type)": ?"access"/.test(line));
  if ((told || refused) && besides.length === 0) return 'nothing in the log says what was wrong';
  if (quotes && !besides.some((line) => line.toLowerCase().includes(quotes.toLowerCase())))
    return `the log does not quote ${quotes}: ${besides.map((line) => /"error": ?("[^"]*")/.exec(line)?.[1])}`;
  return undefined;
}
