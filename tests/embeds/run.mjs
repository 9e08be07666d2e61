// The embeds suite: two browsers side by side, each with the back/forward cache and without it.
//
//   node run.mjs [--binary PATH] [--quick | --full] [--browser chromium|firefox] [--cache on|off]
//                [--provider small|panva] [--part NAME,…] [--host KIND] [--action NAME,…] [--only TEXT] [--seed N]
//                [--port BASE] [--keys]
//
// --quick, the default: each way once with Back, and the cases that are marked so. --keys: only what takes keys and the
// browser's own window, which --full has too.

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { launch } from '../shared/browsers.mjs';
import { ACTIONS } from './actions.mjs';
import { PARTS, runCases } from './cases.mjs';
import { KEY_ACTIONS, KEY_HOSTS, runKeys } from './keys.mjs';
import { runMatrix } from './matrix.mjs';
import { Reader } from './reader.mjs';
import { startSetting } from './setting.mjs';
import { Record } from './record.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const PORTS_OF_A_LANE = 10;
// Every folder of every lane goes with this process.
process.setMaxListeners(0);

const { values: options } = parseArgs({
  options: {
    binary: { type: 'string', default: path.join(root, 'target/release/sigma-gateway') },
    quick: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    keys: { type: 'boolean', default: false },
    browser: { type: 'string' },
    provider: { type: 'string' },
    cache: { type: 'string' },
    part: { type: 'string' },
    host: { type: 'string' },
    action: { type: 'string' },
    only: { type: 'string', default: '' },
    seed: { type: 'string' },
    port: { type: 'string', default: '23500' },
  },
});

/// The same numbers for the same seed (mulberry32).
function randomFrom(start) {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/// What a browser goes through: with `--quick`, each way in once and the cases that are marked so.
function plan() {
  const { full } = options;
  return {
    hosts:
      options.host !== undefined ? [options.host] : full ? ['', 'cacheable', 'no-store', 'chunked', 'unload'] : [''],
    actions: options.action?.split(',') ?? (full ? ACTIONS.map(({ name }) => name) : ['first', 'back']),
    parts: options.part?.split(',') ?? ['matrix', ...Object.keys(PARTS)],
    isQuick: !full && !options.part,
  };
}

/// What a lane has in place of parts that is for keys.
const KEYS = 'keys';

function keysPlan() {
  const { host, action, only } = options;
  return { hosts: host ? [host] : KEY_HOSTS, actions: action?.split(',') ?? KEY_ACTIONS, only };
}

async function lane(record, { browserName, backForwardCache, providerName, base, parts = plan().parts }) {
  const byKeys = parts === KEYS;
  const label = `${browserName}${byKeys ? ', keys' : ''}${backForwardCache ? ', cache' : ''}`;
  const { hosts, actions, isQuick } = plan();
  const told = (seen) => record.cell(label, seen);
  const toldOf = (part) => (sentence, observation) => record.case(label, part, sentence, observation);
  let setting = null;
  let browser = null;
  try {
    setting = await startSetting({ binary: options.binary, base, providerName });
    if (byKeys) {
      await runKeys({ browserName, backForwardCache, setting, ...keysPlan(), random: randomFrom(seed), told });
      return;
    }
    browser = await launch(browserName, { backForwardCache });
    const reader = await Reader.arrive(browser, setting);
    await reader.signIn('ana');
    const { only } = options;
    for (const part of parts) {
      if (part === 'matrix') await runMatrix({ reader, hosts, actions, only, random: randomFrom(seed), told });
      else await runCases({ part, reader, browser, browserName, setting, isQuick, only, told: toldOf(part) });
    }
  } catch (error) {
    record.failed(label, error);
  } finally {
    await browser?.close().catch(() => {});
    await setting?.stop();
  }
}

/// The cache off is the hard case; the quick run has it on in Firefox, so that both are met. What the cache may keep of
/// another person is for both browsers.
function lanesOf(browserName) {
  const both = options.cache ? [options.cache === 'on'] : [false, true];
  const keys = both.map((backForwardCache) => ({ backForwardCache, parts: KEYS }));
  if (options.keys) return keys;
  if (options.full) return [...both.map((backForwardCache) => ({ backForwardCache })), ...keys];
  if (options.cache) return [{ backForwardCache: options.cache === 'on' }];
  if (browserName === 'firefox') return [{ backForwardCache: true }];
  const cached = { backForwardCache: true, parts: ['persons'] };
  return options.part ? [{ backForwardCache: false }] : [{ backForwardCache: false }, cached];
}

async function oneBrowser(record, browserName, first) {
  for (const [turn, { backForwardCache, parts }] of lanesOf(browserName).entries()) {
    const providerName = options.provider ?? (backForwardCache ? 'panva' : 'small');
    const base = first + turn * PORTS_OF_A_LANE;
    await lane(record, { browserName, backForwardCache, providerName, base, parts });
  }
}

const seed = Number(options.seed ?? Math.floor(Math.random() * 2 ** 31));
console.log(`seed ${seed}`);
const record = new Record();
const browsers = options.browser ? [options.browser] : ['chromium', 'firefox'];
await Promise.all(browsers.map((name, index) => oneBrowser(record, name, Number(options.port) + index * 50)));
process.exit(record.sum() ? 0 : 1);
