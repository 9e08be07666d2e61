// Runs the cases: two browsers side by side, each against the demo's own provider and then against oidc-provider.
//
//   node run.mjs [--browser chromium|firefox] [--provider demo|panva] [--only TEXT] [--binary PATH] [--port BASE]
//                [--attach BASE] [--screenshots]

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { launch } from './browsers.mjs';
import { cases, isProtected } from './cases.mjs';
import { attachTo, reset, startDemo } from './demo.mjs';
import { startPanva } from './panva.mjs';
import { chooser, loginForm } from './providers.mjs';
import { takeScreenshots } from './screenshots.mjs';
import { Visitor } from './visitor.mjs';
import { within } from './wait.mjs';

const CASE_SECONDS = 120;
const RUN_SECONDS = 1200;
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

const { values: options } = parseArgs({
  options: {
    browser: { type: 'string' },
    provider: { type: 'string' },
    only: { type: 'string', default: '' },
    binary: { type: 'string', default: path.join(root, 'target/release/sigma-gateway') },
    port: { type: 'string', default: '21000' },
    attach: { type: 'string' },
    screenshots: { type: 'boolean', default: false },
  },
});

/// One browser, one provider after the other; each pair has a demo of its own, so that counts never mix.
async function lane(browserName, firstPort) {
  const providers = options.provider ? [options.provider] : ['demo', 'panva'];
  const results = [];
  for (const [index, providerName] of providers.entries()) {
    results.push(...(await pair(browserName, providerName, firstPort + index * 20)));
  }
  return results;
}

async function pair(browserName, providerName, base) {
  // With the cache, Back restores pages with their live frames; without it, every page is loaded anew: both must do.
  const backForwardCache = providerName === 'panva';
  const label = `${browserName}/${providerName}${backForwardCache ? '/bfcache' : ''}`;
  const chosen = cases().filter(({ name }) => name.includes(options.only));
  const setting = {};
  try {
    await prepare(setting, { browserName, providerName, backForwardCache, base });
    const results = [];
    for (const found of chosen) results.push(await oneCase(label, found, setting));
    return results;
  } catch (error) {
    report(label, { name: 'set-up', seconds: 0, error });
    return [{ error }];
  } finally {
    await setting.browser?.close().catch(() => {});
    await setting.demo?.stop();
    await setting.panva?.stop();
  }
}

async function prepare(setting, { browserName, providerName, backForwardCache, base }) {
  if (providerName === 'panva') setting.panva = await startPanva({ port: base + 10, base });
  setting.demo = await openDemo(base, setting.panva?.issuer);
  setting.provider = setting.panva ? loginForm(setting.panva.issuer) : chooser(setting.demo.provider);
  if (!(await isProtected(setting.demo.link))) throw new Error('the application is there without signing in');
  setting.browser = await launch(browserName, { backForwardCache });
}

function openDemo(base, issuer) {
  return options.attach ? attachTo(Number(options.attach)) : startDemo({ binary: options.binary, base, issuer });
}

async function oneCase(label, { name, run }, { browser, demo, provider, panva }) {
  const started = Date.now();
  let error = null;
  let visitor = null;
  try {
    await reset(demo);
    visitor = await within(60, 'a new browser context', Visitor.arrive(browser, demo, provider));
    await within(CASE_SECONDS, 'the case', run(visitor, demo));
  } catch (caught) {
    error = caught;
    if (panva?.faults.length) error.message += `\n  provider: ${panva.faults.splice(0).join('\n  ')}`;
    await keepPicture(label, name, visitor);
  }
  await visitor?.leave();
  const result = { name, seconds: (Date.now() - started) / 1000, error };
  report(label, result);
  return result;
}

async function keepPicture(label, name, visitor) {
  const folder = path.join(root, 'target/browser-failures');
  fs.mkdirSync(folder, { recursive: true });
  const file = `${label}-${name}`.replace(/[^a-z0-9]+/gi, '-') + '.png';
  const taken = visitor?.page.screenshot({ path: path.join(folder, file) });
  await within(10, 'a picture', Promise.resolve(taken)).catch(() => {});
}

function report(label, { name, seconds, error }) {
  console.log(`${error ? 'FAILED' : 'ok    '} [${label}] ${name} (${seconds.toFixed(1)} s)`);
  if (error) console.log(error.message.replace(/^/gm, '       '));
}

async function screenshots() {
  const demo = await openDemo(Number(options.port));
  const folder = path.join(root, 'docs/screenshots');
  fs.mkdirSync(folder, { recursive: true });
  try {
    await takeScreenshots({ demo, provider: chooser(demo.provider), folder });
  } finally {
    await demo.stop();
  }
}

async function main() {
  if (options.screenshots) {
    await screenshots();
    return true;
  }
  const browsers = options.browser ? [options.browser] : ['chromium', 'firefox'];
  const first = Number(options.port);
  const lanes = await Promise.all(browsers.map((name, index) => lane(name, first + index * 100)));
  const results = lanes.flat();
  const failed = results.filter(({ error }) => error).length;
  console.log(`${results.length - failed} passed, ${failed} failed`);
  return failed === 0 && results.length > 0;
}

const overtime = setTimeout(() => {
  console.log(`the run took more than ${RUN_SECONDS} s`);
  console.log('0 passed, 1 failed');
  process.exit(1);
}, RUN_SECONDS * 1000);
overtime.unref();

main().then(
  (isGood) => process.exit(isGood ? 0 : 1),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
