// How long it takes until Sigma has loaded: in the embed page, and behind a redirect, turn by turn in one run. From when
// a reader asks for a page of the application that has a slot, and from when a page that is there makes a frame.
//
//   node loading.mjs [--binary PATH] [--rounds N] [--browser chromium|firefox] [--port BASE]

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { launch } from '../shared/browsers.mjs';
import { Reader } from './reader.mjs';
import { startSetting } from './setting.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const { values: options } = parseArgs({
  options: {
    binary: { type: 'string', default: path.join(root, 'target/release/sigma-gateway') },
    rounds: { type: 'string', default: '40' },
    browser: { type: 'string' },
    port: { type: 'string', default: '23700' },
  },
});
const REDIRECT = { name: 'redirected', more: 'frame = "redirect"' };
const WARM_ROUNDS = 5;

/// Milliseconds from the reader's asking for a page to "workbook:loaded" in its frame.
async function ofPage(reader, name) {
  await reader.open(`${reader.setting.where.site}/timed/${name}`);
  const loaded = await reader.page.waitForFunction(() => window.loadedAt, { polling: 10 });
  return loaded.jsonValue();
}

/// Milliseconds from a page's making a frame to "workbook:loaded" in it.
async function ofFrame(reader, name) {
  await reader.open(`${reader.setting.where.site}/elsewhere`);
  return reader.page.evaluate(timeOf, name);
}

/// Runs in the host's page.
async function timeOf(name) {
  const frame = document.createElement('iframe');
  const loaded = new Promise((resolve) => {
    window.addEventListener('message', function heard(event) {
      if (event.source !== frame.contentWindow || event.data?.type !== 'workbook:loaded') return;
      window.removeEventListener('message', heard);
      resolve(performance.now());
    });
  });
  const begun = performance.now();
  frame.src = `/sigma/embed/${name}`;
  document.body.append(frame);
  const ended = await loaded;
  frame.remove();
  return ended - begun;
}

async function measure(browserName, base) {
  const setting = await startSetting({ binary: options.binary, base, providerName: 'small', embeds: [REDIRECT] });
  const browser = await launch(browserName, {});
  try {
    const reader = await Reader.arrive(browser, setting);
    await reader.signIn('ana');
    const measures = { 'from the page': ofPage, 'from the frame': ofFrame };
    const names = ['revenue', REDIRECT.name];
    const times = Object.fromEntries(Object.keys(measures).map((label) => [label, names.map(() => [])]));
    for (let round = 0; round < WARM_ROUNDS + Number(options.rounds); round += 1) {
      for (const [label, measured] of Object.entries(measures)) {
        for (const [turn, name] of names.entries()) times[label][turn].push(await measured(reader, name));
      }
    }
    return Object.entries(times).map(([label, all]) => [label, all.map((one) => median(one.slice(WARM_ROUNDS)))]);
  } finally {
    await browser.close();
    await setting.stop();
  }
}

function median(numbers) {
  return [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)];
}

const browsers = options.browser ? [options.browser] : ['chromium', 'firefox'];
for (const [turn, name] of browsers.entries()) {
  for (const [label, [page, redirect]] of await measure(name, Number(options.port) + turn * 10)) {
    const ratio = (page / redirect).toFixed(2);
    console.log(
      `${name}, ${label}: embed page ${page.toFixed(1)} ms, redirect ${redirect.toFixed(1)} ms, ${ratio} times`,
    );
  }
}
process.exit(0);
