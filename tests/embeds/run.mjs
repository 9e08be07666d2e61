// The embeds suite: two browsers side by side, each with the back/forward cache and without it.
//
//   node run.mjs [--binary PATH] [--quick | --full] [--browser chromium|firefox] [--only TEXT] [--port BASE]

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { launch } from '../shared/browsers.mjs';
import { ACTIONS } from './actions.mjs';
import { runMatrix } from './matrix.mjs';
import { Reader } from './reader.mjs';
import { startSetting } from './setting.mjs';
import { Record } from './record.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const PORTS_OF_A_LANE = 10;

const { values: options } = parseArgs({
  options: {
    binary: { type: 'string', default: path.join(root, 'target/release/sigma-gateway') },
    quick: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    browser: { type: 'string' },
    cache: { type: 'string' },
    part: { type: 'string' },
    host: { type: 'string' },
    action: { type: 'string' },
    only: { type: 'string', default: '' },
    port: { type: 'string', default: '23500' },
  },
});

async function lane(record, { browserName, backForwardCache, providerName, base }) {
  const label = `${browserName}${backForwardCache ? ', cache' : ''}`;
  let setting = null;
  let browser = null;
  try {
    setting = await startSetting({ binary: options.binary, base, providerName });
    browser = await launch(browserName, { backForwardCache });
    const reader = await Reader.arrive(browser, setting);
    await reader.signIn('ana');
    await runMatrix({
      reader,
      hosts:
        options.host !== undefined ? [options.host] : options.full ? ['', 'cacheable', 'no-store', 'chunked'] : [''],
      actions: options.action
        ? options.action.split(',')
        : options.full
          ? ACTIONS.map(({ name }) => name)
          : ['first', 'back'],
      only: options.only,
      told: (seen) => record.cell(label, seen),
    });
  } catch (error) {
    record.failed(label, error);
  } finally {
    await browser?.close().catch(() => {});
    await setting?.stop();
  }
}

const record = new Record();
const browsers = options.browser ? [options.browser] : ['chromium', 'firefox'];
await Promise.all(
  browsers.map(async (browserName, index) => {
    const first = Number(options.port) + index * 100;
    const caches = options.cache ? [options.cache === 'on'] : [false, ...(options.full ? [true] : [])];
    for (const [turn, backForwardCache] of caches.entries()) {
      const providerName = backForwardCache ? 'panva' : 'small';
      await lane(record, { browserName, backForwardCache, providerName, base: first + turn * PORTS_OF_A_LANE });
    }
  }),
);
process.exit(record.sum() ? 0 : 1);
