// Answers of a host application whose framing lies, and what the gateway makes of them on the browser's wire: every
// path that a body takes, under every framing, read by the letter. Then load balancers in front, which keep their
// connections.
//
//   node run.mjs --binary PATH [--only "held, changed,nginx"]

import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { makeCertificate } from '../shared/certificate.mjs';
import { runAll } from '../shared/checks.mjs';
import { WORKBOOK } from '../shared/configuration.mjs';
import { newSessionKey, newSigmaSecret, startGateway, temporaryFolder } from '../shared/gateway.mjs';
import { freePorts } from '../shared/ports.mjs';
import { sleep, until } from '../shared/wait.mjs';
import { BALANCERS, ROUNDS, attack, startBalancer } from './balancers.mjs';
import { FRAMINGS, PATHS, SECOND, playOf } from './cases.mjs';
import { ATTACKER, OTHER, configuration } from './config.mjs';
import { Wire } from './http1.mjs';
import { Session, Walk } from '../shared/http2.mjs';
import { readAnswer, valuesOf } from '../shared/strict.mjs';
import { startUpstream } from './upstream.mjs';

const { values: options } = parseArgs({ options: { binary: { type: 'string' }, only: { type: 'string' } } });
const RUN_SECONDS = 240;
/// Cases of a path at a time.
const SIDE_BY_SIDE = 8;
/// Longer than the latest second answer needs.
const SETTLED = 70;
const QUIET = 15;

async function main(checks) {
  const isChosen = (name) => !options.only || options.only.split(/,(?! )/).some((part) => name.includes(part));
  const [attacker, other, plain, plainAdmin, secure, secureAdmin, ...ports] = await freePorts(6 + 5 * BALANCERS.length);
  const stops = [];
  const started = async (thing) => {
    stops.push((await thing).stop);
    return thing;
  };
  try {
    const application = await started(startUpstream(attacker));
    await started(startUpstream(other));
    const gateway = (name, more) => started(start(name, { attacker, other, ...more }));
    const running = await gateway('plain', { gateway: plain, admin: plainAdmin });
    await gateway('tls', { gateway: secure, admin: secureAdmin, tls: true });
    for (const path of PATHS.filter(({ name }) => isChosen(name))) {
      await checks.run(`HTTP/1.1: ${path.name}`, () => overHttp1(path, plain, application.plays));
      if (!path.isOnlyHttp1) await checks.run(`HTTP/2: ${path.name}`, () => overHttp2(path, secure, application.plays));
    }
    await checks.run('a header that comes once: equal lines are one, different ones 502, and the log says which', () =>
      doubledLines(plain, application.plays, running),
    );
    await checks.run('control: the readers see what is wrong', controls);
    const balanced = BALANCERS.filter(({ name }) => isChosen(name));
    const work = balanced.map(async (balancer, index) => {
      const [front, relay, faulty, behind, admin] = ports.slice(5 * index, 5 * index + 5);
      await gateway(balancer.name, { gateway: behind, admin, port: front });
      const setting = await started(startBalancer(balancer, { front, relay, faulty, gateway: behind, application }));
      await checks.run(`${balancer.name}: ${ROUNDS} next visitors of another site get their own answer`, () =>
        attack(setting),
      );
      await checks.run(`control: ${balancer.name} before a server that sends more than it says`, () =>
        attack(setting, { isControl: true }),
      );
    });
    await Promise.all(work);
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

async function start(name, ports) {
  const secrets = { 'session.key': newSessionKey(), 'sigma.secret': newSigmaSecret(), 'oidc.secret': 'never-used' };
  const folder = temporaryFolder(`wire-${name}`, { 'gateway.toml': configuration(ports), ...secrets });
  if (ports.tls) makeCertificate(folder, [ATTACKER, OTHER]);
  return startGateway({ binary: options.binary, folder, admin: ports.admin });
}

/// Runs `check` for every framing, some at a time; fails with all that failed.
async function everyFraming(path, plays, check) {
  const all = FRAMINGS.map((framing, index) => ({
    framing,
    target: `/${path.folder}/${encodeURIComponent(path.name)}/${index}`,
  }));
  // What comes late must find its connection idle: then nobody else has one.
  const [late, waiting] = [all.filter(({ framing }) => framing.isLate), all.filter(({ framing }) => !framing.isLate)];
  const problems = [];
  const counts = {};
  const work = async (waiting) => {
    for (let one = waiting.shift(); one; one = waiting.shift()) {
      const { play, body } = playOf(path, one.framing);
      plays.set(one.target, play);
      try {
        const came = await check({ ...one, body });
        counts[came] = (counts[came] ?? 0) + 1;
      } catch (error) {
        problems.push(`${one.framing.name}: ${error.message.split('\n').slice(0, 3).join(' ').slice(0, 400)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, () => work(waiting)));
  await work(late);
  assert.ok(problems.length === 0, `${problems.length} of ${FRAMINGS.length} framings\n${problems.join('\n')}`);
  return Object.entries(counts)
    .map(([came, count]) => `${count} ${came}`)
    .join(', ');
}

const overHttp1 = (path, port, plays) =>
  everyFraming(path, plays, async ({ framing, target, body }) => {
    let wire = new Wire(port);
    try {
      const host = `${ATTACKER}:${port}`;
      const answer = await wire.ask(
        path.method,
        host,
        target,
        path.asks.map((line) => line.replace('@HOST', host)),
      );
      assert.deepEqual(answer.faults, []);
      const came = judge(path, framing, body, answer);
      if (!answer.isWhole) assert.ok(wire.isClosed, 'cut, and the connection is still open');
      if (valuesOf(answer, 'connection').includes('close')) await wire.end();
      if (framing.isLate) await sleep(SETTLED);
      for (const next of ['next', 'third']) {
        if (wire.isClosed) {
          assert.equal(await wire.beyond(0), '', 'bytes beyond the framing');
          wire = new Wire(port);
        }
        const own = await wire.ask('GET', host, `${target}/${next}`);
        assert.deepEqual(own.faults, []);
        assertOwn(own, `${target}/${next}`, valuesOf(own, 'set-cookie'));
      }
      assert.equal(await wire.beyond(QUIET), '', 'bytes beyond the framing');
      return came;
    } finally {
      wire.close();
    }
  });

async function overHttp2(path, port, plays) {
  const session = new Session(port, ATTACKER);
  try {
    return await everyFraming(path, plays, async ({ framing, target, body }) => {
      const answer = await session.ask(path.method, target);
      const { counted, headers, code } = answer;
      const isWhole = counted.ended === 1 && code === 0;
      const length = headers['content-length'];
      assert.equal(counted.data, answer.body.length, 'DATA that the library did not take');
      assert.equal(counted.late, 0, 'a frame behind the end of the stream');
      assert.ok(counted.ended + counted.resets > 0, 'the stream has no end');
      if (length !== undefined && isWhole && path.method !== 'HEAD')
        assert.equal(Number(length), counted.data, 'content-length and DATA');
      if (path.isBodiless && answer.status !== 502) assert.equal(counted.data, 0, 'DATA where none may be');
      if (path.method === 'HEAD') assert.equal(counted.data, 0, 'DATA behind the head of a HEAD');
      const lines = Object.entries(headers).flatMap(([name, value]) =>
        [value].flat().map((one) => [name, String(one)]),
      );
      const came = judge(path, framing, body, { ...answer, headers: lines, isWhole });
      if (framing.isLate) await sleep(SETTLED);
      const own = await session.ask('GET', `${target}/next`);
      assertOwn({ ...own, isWhole: own.counted.ended === 1 }, `${target}/next`, own.headers['set-cookie']);
      assert.equal(session.error, null);
      return came;
    });
  } finally {
    session.close();
  }
}

/// Two lines are two readings of one answer.
async function doubledLines(port, plays, running) {
  const cases = [
    ['302 Found', 'Location', '/a', '//evil.localhost/'],
    ['200 OK', 'Content-Disposition', 'attachment', 'inline'],
    ['206 Partial Content', 'Content-Range', 'bytes 0-1/2', 'bytes 1-2/3'],
  ];
  for (const [status, name, one, other] of cases) {
    for (const [index, values] of [
      [one, one],
      [one, other],
    ].entries()) {
      const target = `/at/doubled/${name}/${index}`;
      const lines = values.map((value) => `${name}: ${value}\r\n`).join('');
      plays.set(target, { pieces: [`HTTP/1.1 ${status}\r\n${lines}Content-Length: 2\r\n\r\nok`], end: 'keep' });
      const wire = new Wire(port);
      const answer = await wire.ask('GET', `${ATTACKER}:${port}`, target);
      wire.close();
      assert.deepEqual(answer.faults, []);
      const [wanted, found] = values[0] === values[1] ? [Number(status.slice(0, 3)), [one]] : [502, []];
      assert.deepEqual([answer.status, valuesOf(answer, name.toLowerCase())], [wanted, found], target);
    }
    const named = `different \`${name.toLowerCase()}\` lines`;
    await until(`a log line with ${named}`, () => running.output().includes(named), { seconds: 5, every: 20 });
  }
}

/// Holds an answer against what was sent; gives a word for what came.
function judge(path, framing, sent, answer) {
  const { status, body, isWhole } = answer;
  const said = `${status}, ${isWhole ? 'whole' : 'cut'}, ${JSON.stringify(body.slice(0, 60))}`;
  const isRefused = status === 502 && isWhole && valuesOf(answer, 'sigma-gateway')[0] === 'upstream_broken';
  const isOfApplication = status === path.status;
  assert.ok(isRefused || isOfApplication || !isWhole, said);
  assert.deepEqual(valuesOf(answer, 'set-cookie'), []);
  if (path.isBodiless) {
    assert.ok(isRefused || (isOfApplication && isWhole && body === ''), said);
    if (isOfApplication) assertHeadOnly(path, answer);
    return isRefused ? 'refused' : 'without a body';
  }
  const isSent = isWhole && isOfApplication && (body === sent || (path.isChanged && isFilled(body, sent)));
  switch (framing.outcome) {
    case 'whole':
      assert.ok(isSent, said);
      break;
    case 'cut':
      assert.ok(!isWhole || isRefused, said);
      break;
    case 'refused':
      assert.ok(isRefused, said);
      break;
  }
  // A plain answer is filled: the check is not about a gateway that fills nothing.
  if (path.isChanged && ['a length', 'chunks'].includes(framing.name))
    assert.ok(body !== sent, 'nothing was filled in');
  if (isRefused) return 'refused';
  return isWhole ? 'whole' : 'cut';
}

function assertHeadOnly(path, answer) {
  const lengths = valuesOf(answer, 'content-length');
  const isPlain =
    lengths.length === 0 ||
    lengths[0] === String(path.body.length) ||
    (path.status === 205 && lengths[0] === '0') ||
    path.method === 'HEAD';
  assert.ok(isPlain, `content-length: ${lengths}`);
  if (!path.saysNothing) return;
  assert.deepEqual([...lengths, ...valuesOf(answer, 'etag')], [], 'a HEAD says what a GET may not');
}

/// The embed's link in it, all the rest as it was: a page gets a script besides.
const isFilled = (body, sent) =>
  body.includes('/sigma/embed/revenue') && body.endsWith(sent.slice(-7)) && body.length > sent.length - WORKBOOK.length;

function assertOwn({ status, body, isWhole }, target, cookies = []) {
  assert.ok(
    status === 200 && isWhole && body === target,
    `the next request got ${status} ${JSON.stringify(body.slice(0, 60))}`,
  );
  assert.equal(cookies.length, 0, 'the next request got a cookie');
}

/// Each rule of the readers, once broken.
function controls() {
  const head = (lines) => `HTTP/1.1 200 OK\r\n${lines}\r\n\r\n`;
  const wrong = [
    `HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na`,
    `${head('Content-Length: 1\r\nTransfer-Encoding: chunked')}1\r\na\r\n0\r\n\r\n`,
    `${head('Content-Length: 1\r\nContent-Length: 1')}a`,
    `${head('Content-Length: 1, 1')}a`,
    `${head('Content-Length: 01')}a`,
    `${head('Content-Type: text/plain')}a`,
    `${head('Content-Length: 1\r\nA: b\r\n c')}a`,
    `${head('Transfer-Encoding: chunked')}1;x\r\na\r\n0\r\n\r\n`,
    `${head('Transfer-Encoding: chunked')}1\r\na\r\n0\r\nA: b\r\n\r\n`,
    `${head('Transfer-Encoding: chunked')}1\r\nab\r\n0\r\n\r\n`,
    'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n',
    'HTTP/1.1 205 Reset Content\r\nContent-Length: 1\r\n\r\na',
  ];
  for (const text of wrong) assert.ok(readAnswer(text, 'GET').faults.length > 0, JSON.stringify(text));
  const good = `${head('Content-Length: 2')}ok`;
  const { faults, taken, isWhole } = readAnswer(good + SECOND, 'GET');
  assert.deepEqual([faults, taken, isWhole], [[], good.length, true], 'what is beyond is not taken');
  assert.equal(readAnswer(good.slice(0, -1), 'GET').isWhole, false);
  assert.equal(readAnswer(head('Content-Length: 2'), 'HEAD').isWhole, true);
  const frame = (type, flags, id, payload) =>
    Buffer.concat([Buffer.from([0, 0, payload.length, type, flags, 0, 0, 0, id]), Buffer.from(payload)]);
  const walk = new Walk();
  const bytes = Buffer.concat([
    frame(1, 4, 1, 'x'),
    frame(0, 8, 1, '\x02abc\0\0'),
    frame(0, 1, 1, 'd'),
    frame(0, 0, 1, 'late'),
    frame(3, 0, 3, '\0\0\0\x02'),
  ]);
  for (const byte of bytes) walk.push(Buffer.from([byte]));
  assert.deepEqual([walk.of(1), walk.of(3).resets], [{ data: 8, heads: 1, ended: 1, resets: 0, late: 1 }, 1]);
  return `${wrong.length} faults seen`;
}

process.setMaxListeners(40);
runAll(main, RUN_SECONDS);
