// The keys of attached identities: new ones, unknown ones in numbers, and a key server that does not answer.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { until } from '../shared/wait.mjs';
import { draft, good, written } from './assertion.mjs';

const FLOOD = 60;
/// One set of keys is asked for once by its pause; keys by their names a few times (src/limits, KEY_FETCHES_MAX).
const SET_FETCHES_MAX = 3;
const KEY_FETCHES_MAX = 8;
const RETRY_SECONDS = 40;
const QUICK_MILLISECONDS = 1000;

/// In a world of their own: what is asked for here counts.
export async function keys(checks, world, standIns) {
  const ofPem = standIns.filter(({ name }) => name === 'alb');
  for (const standIn of ofPem) {
    await checks.run(`[${standIn.name}: keys] none at hand and none to be had is 503, and passes`, () =>
      none(world, standIn),
    );
  }
  for (const standIn of standIns) {
    const run = (name, check) => checks.run(`[${standIn.name}: keys] ${name}`, check);
    await run('a new key is found by one fetch', () => rotation(world, standIn));
    await run('unknown keys in numbers are few fetches, and neither delay nor evict a good one', () =>
      flood(world, standIn),
    );
    await run('while the key server is silent, good ones count and unknown ones are refused', () =>
      silent(world, standIn),
    );
  }
}

const get = (world, standIn, token) => world.ask(standIn.name, '/keys', standIn.lines(token));

const fetchesOf = ({ keys: { asked } }, { keyHost }) => asked.filter(({ host }) => host === keyHost).length;

async function none(world, standIn) {
  world.keys.pause();
  try {
    const before = world.app.heard.length;
    const answer = await get(world, standIn, good(standIn));
    assert.deepEqual([answer.status, answer.reason], [503, 'assertion_keys']);
    assert.ok(answer.headers['retry-after'], 'when to come again');
    assert.equal(world.app.heard.length, before);
  } finally {
    world.keys.resume();
  }
  const isServed = async () => (await get(world, standIn, good(standIn))).status === 200;
  await until('the key to be fetched', isServed, { seconds: RETRY_SECONDS, every: 500 });
}

async function rotation(world, standIn) {
  const old = good(standIn);
  assert.equal((await get(world, standIn, old)).status, 200);
  const before = fetchesOf(world, standIn);
  standIn.rotate(standIn.anew);
  const answer = await get(world, standIn, good(standIn));
  assert.deepEqual([answer.status, answer.reason], [200, ''], 'the first request with it');
  const asked = fetchesOf(world, standIn) - before;
  assert.ok(asked >= 1 && asked <= 2, `${asked} fetches`); // a discovery document, and its keys
  const again = await get(world, standIn, good(standIn));
  assert.deepEqual([again.status, fetchesOf(world, standIn) - before], [200, asked], 'then it is at hand');
  return `${asked} fetches`;
}

/// An assertion under a name of a key that nobody publishes; of a form that a name of this stand-in has.
function unknown(standIn) {
  const it = draft(standIn);
  it.head.kid = crypto.randomUUID();
  return written(it);
}

async function flood(world, standIn) {
  const before = fetchesOf(world, standIn);
  const refused = Array.from({ length: FLOOD }, () => get(world, standIn, unknown(standIn)));
  const started = Date.now();
  const good1 = await get(world, standIn, good(standIn));
  assert.equal(good1.status, 200, good1.reason);
  assert.ok(Date.now() - started < QUICK_MILLISECONDS, `a good one took ${Date.now() - started} ms`);
  const reasons = new Set((await Promise.all(refused)).map(({ reason }) => reason));
  assert.deepEqual([...reasons], ['assertion_key']);
  const asked = fetchesOf(world, standIn) - before;
  const most = standIn.name === 'alb' ? KEY_FETCHES_MAX : SET_FETCHES_MAX;
  assert.ok(asked <= most, `${asked} fetches for ${FLOOD} unknown keys`);
  const last = await get(world, standIn, good(standIn));
  assert.deepEqual([last.status, fetchesOf(world, standIn) - before], [200, asked], 'the good key is still at hand');
  return `${FLOOD} unknown keys, ${asked} fetches`;
}

async function silent(world, standIn) {
  world.keys.pause();
  try {
    const before = world.app.heard.length;
    assert.equal((await get(world, standIn, good(standIn))).status, 200);
    const answer = await get(world, standIn, unknown(standIn));
    assert.ok(['assertion_key', 'assertion_keys'].includes(answer.reason), `${answer.status} ${answer.reason}`);
    assert.equal(world.app.heard.length, before + 1);
    return answer.reason;
  } finally {
    world.keys.resume();
  }
}
