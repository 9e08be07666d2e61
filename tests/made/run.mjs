// Embeds that a page's own code makes, in two browsers side by side.
//
//   node run.mjs [--binary PATH] [--browser chromium|firefox] [--only TEXT] [--port BASE] [--without]

import path from 'node:path';
import { parseArgs } from 'node:util';
import { launch } from '../shared/browsers.mjs';
import { runAll } from '../shared/checks.mjs';
import { sleep, until } from '../shared/wait.mjs';
import { startSetting } from './setting.mjs';
import { WAYS } from './ways.mjs';

const RUN_SECONDS = 900;
const PORTS_OF_A_BROWSER = 10;
/// What Sigma is asked besides, it is asked by then.
const QUIET_MILLISECONDS = 300;

const { values: options } = parseArgs({
  options: {
    binary: { type: 'string', default: path.join(import.meta.dirname, '../../target/release/sigma-gateway') },
    browser: { type: 'string' },
    only: { type: 'string', default: '' },
    port: { type: 'string', default: '23800' },
    without: { type: 'boolean', default: false },
  },
});

async function lane(checks, browserName, base) {
  const setting = await startSetting({ binary: options.binary, base, hasScript: !options.without });
  const browser = await launch(browserName);
  try {
    const page = await browser.newPage();
    await page.goto(`${setting.where.site}/elsewhere`);
    const look = options.without ? reachesSigma : goes;
    for (const way of WAYS.filter(
      ({ name, embeds }) => name.includes(options.only) && !(options.without && embeds === 0),
    )) {
      await checks.run(`[${browserName}] ${way.name}`, () => look(way, { page, browser, setting }));
    }
  } finally {
    await browser.close().catch(() => {});
    await setting.stop();
  }
}

/// Sigma shows what the way makes, is asked for no plain URL, and the page reads what it wrote.
async function goes({ name, embeds = 1, plain = 0, same = '' }, { page, browser, setting: { where, sigma } }) {
  for (const list of [sigma.opened, sigma.shown, sigma.plain]) list.length = 0;
  const errors = [];
  // Firefox tells of a policy that blocks an icon in the same way.
  const heard = ({ message }) => message.startsWith('Content-Security-Policy') || errors.push(message);
  page.on('pageerror', heard);
  try {
    await page.goto(`${where.site}/way/${encodeURIComponent(name)}`, { waitUntil: 'domcontentloaded' });
    await until('Sigma to be asked', () => sigma.shown.length >= embeds && sigma.plain.length >= plain, {
      seconds: 12,
    }).catch((error) => {
      throw new Error(`${error.message}\nasked: ${JSON.stringify(sigma)}\nerrors: ${errors.join('; ')}`);
    });
    await sleep(QUIET_MILLISECONDS);
    const counts = `${sigma.opened.length} signed, ${sigma.plain.length} plain`;
    if (counts !== `${embeds} signed, ${plain} plain`) throw new Error(`${counts}: ${sigma.plain.join(' ')}`);
    // The control that a page may set goes on, and no other parameter does.
    const isRight = (url) => url.includes('&Region=EMEA,APAC') && !url.includes('theme');
    if (!sigma.opened.every(isRight)) throw new Error(`asked for ${sigma.opened.join(' ')}`);
    if (same && !(await page.evaluate(`eval(${JSON.stringify(same)})`)))
      throw new Error('the page reads something else than it wrote');
    if (errors.length > 0) throw new Error(`thrown into the page: ${errors.join('; ')}`);
  } finally {
    page.off('pageerror', heard);
    await closeOthers(page, browser);
  }
}

async function closeOthers(page, browser) {
  for (const other of await browser.pages()) {
    if (other !== page && other.url() !== 'about:blank') await other.close().catch(() => {});
  }
}

/// The control: without the script, Sigma is asked for the plain URL.
async function reachesSigma({ name }, { page, browser, setting: { where, sigma } }) {
  sigma.plain.length = 0;
  await page.goto(`${where.site}/way/${encodeURIComponent(name)}`, { waitUntil: 'domcontentloaded' });
  await until('Sigma to be asked', () => sigma.plain.length > 0);
  await closeOthers(page, browser);
}

runAll(async (checks) => {
  const browsers = options.browser ? [options.browser] : ['chromium', 'firefox'];
  const base = Number(options.port);
  const lanes = browsers.map((name, index) => lane(checks, name, base + index * PORTS_OF_A_BROWSER));
  const ended = await Promise.allSettled(lanes);
  for (const { reason } of ended) if (reason) checks.told('set-up', reason.stack);
}, RUN_SECONDS);
