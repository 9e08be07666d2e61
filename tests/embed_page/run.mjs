// Runs the cases in both browsers, one after the other in each.
//
//   node run.mjs [--browser chromium|firefox] [--only TEXT] [--port BASE]

import { parseArgs } from 'node:util';
import { launch } from '../shared/browsers.mjs';
import { runAll } from '../shared/checks.mjs';
import { within } from '../shared/wait.mjs';
import { answers } from './answers.mjs';
import { frames } from './frames.mjs';
import { languages } from './languages.mjs';
import { messages } from './messages.mjs';
import { persons } from './persons.mjs';
import { Reader } from './reader.mjs';
import { sdks } from './sdks.mjs';
import { state } from './state.mjs';
import { time } from './time.mjs';
import { World } from './world.mjs';

/// The SDKs take events of sigmacomputing.com and this domain; for the first, browsers insist on https.
const SIGMA_HOST = 'app.sigmacomputing.io';
const CASE_SECONDS = 60;
const RUN_SECONDS = 900;
const CASES = { messages, persons, time, state, answers, frames, languages, sdks };

const { values: options } = parseArgs({
  options: {
    browser: { type: 'string' },
    only: { type: 'string', default: '' },
    port: { type: 'string', default: '23200' },
  },
});

async function lane(checks, browserName, base) {
  const world = await World.open(base);
  const sigmaWorld = await World.open(base + 5, SIGMA_HOST);
  const browser = await launch(browserName, {
    args: [`--host-resolver-rules=MAP ${SIGMA_HOST} 127.0.0.1`],
    prefs: { 'network.dns.localDomains': SIGMA_HOST },
  });
  try {
    for (const [group, cases] of Object.entries(CASES)) {
      for (const found of cases) {
        const name = `${group}: ${found.name}`;
        if (name.includes(options.only) && (found.in ?? browserName) === browserName)
          await checks.run(`[${browserName}] ${name}`, () => one(browser, found.sdk ? sigmaWorld : world, found));
      }
    }
  } finally {
    await browser.close().catch(() => {});
    await world.close();
    await sigmaWorld.close();
  }
}

async function one(browser, world, { run }) {
  world.forget();
  const reader = await within(30, 'a new browser context', Reader.arrive(browser, world));
  try {
    const note = await within(CASE_SECONDS, 'the case', run(reader, world));
    await reader.mustBeWell();
    return note;
  } finally {
    await reader.leave();
  }
}

runAll(async (checks) => {
  const browsers = options.browser ? [options.browser] : ['chromium', 'firefox'];
  const base = Number(options.port);
  await Promise.all(browsers.map((name, index) => lane(checks, name, base + index * 10)));
}, RUN_SECONDS);
