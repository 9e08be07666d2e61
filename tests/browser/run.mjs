// Runs the cases: two browsers side by side, each against the demo's own provider and then against oidc-provider.
//
//   node run.mjs [--browser chromium|firefox] [--provider demo|panva] [--once] [--only TEXT] [--binary PATH]
//                [--port BASE] [--attach BASE] [--screenshots]

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import Provider from 'oidc-provider';
import { launch } from '../shared/browsers.mjs';
import { cases, isProtected } from './cases.mjs';
import { attachTo, places, reset, startDemo } from './demo.mjs';
import { PROFILE, claimsOf } from './people.mjs';
import { chooser, loginForm } from './providers.mjs';
import { takeScreenshots } from './screenshots.mjs';
import { Visitor } from './visitor.mjs';
import { runAll } from '../shared/checks.mjs';
import { startPanva } from '../shared/panva.mjs';
import { within } from '../shared/wait.mjs';

const CASE_SECONDS = 120;
const RUN_SECONDS = 1200;
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

const { values: options } = parseArgs({
  options: {
    browser: { type: 'string' },
    provider: { type: 'string' },
    only: { type: 'string', default: '' },
    once: { type: 'boolean', default: false },
    binary: { type: 'string', default: path.join(root, 'target/release/sigma-gateway') },
    port: { type: 'string', default: '21000' },
    attach: { type: 'string' },
    screenshots: { type: 'boolean', default: false },
  },
});

/// With `--once` each case runs once in each browser, and each provider is met.
const ONCE = { chromium: ['demo'], firefox: ['panva'] };

/// One browser, one provider after the other; each pair has a demo of its own, so that counts never mix.
async function lane(checks, browserName, firstPort) {
  const all = options.once ? ONCE[browserName] : ['demo', 'panva'];
  const providers = options.provider ? [options.provider] : all;
  for (const [index, providerName] of providers.entries()) {
    await pair(checks, browserName, providerName, firstPort + index * 20);
  }
}

async function pair(checks, browserName, providerName, base) {
  // With the cache, Back restores pages with their live frames; without it, every page is loaded anew: both must do.
  const backForwardCache = providerName === 'panva';
  const label = `${browserName}/${providerName}${backForwardCache ? '/bfcache' : ''}`;
  const chosen = cases().filter(({ name }) => name.includes(options.only));
  const setting = {};
  try {
    await prepare(setting, { browserName, providerName, backForwardCache, base });
    for (const found of chosen) await oneCase(checks, label, found, setting);
  } catch (error) {
    checks.told(`[${label}] set-up`, error.message);
  } finally {
    await setting.browser?.close().catch(() => {});
    await setting.demo?.stop();
    await setting.panva?.stop();
  }
}

async function prepare(setting, { browserName, providerName, backForwardCache, base }) {
  if (providerName === 'panva') setting.panva = await panvaFor(base);
  setting.demo = await openDemo(base, setting.panva?.issuer);
  setting.provider = setting.panva ? loginForm(setting.panva.issuer) : chooser(setting.demo.provider);
  if (!(await isProtected(setting.demo.link))) throw new Error('the application is there without signing in');
  setting.browser = await launch(browserName, { backForwardCache });
}

function panvaFor(base) {
  const { link, signed } = places(base);
  const client = { sites: [link, signed], clientSecret: 'demo-secret' };
  return startPanva(Provider, { port: base + 10, ...client, claimsOf, profile: PROFILE });
}

function openDemo(base, issuer) {
  return options.attach ? attachTo(Number(options.attach)) : startDemo({ binary: options.binary, base, issuer });
}

async function oneCase(checks, label, { name, run }, { browser, demo, provider, panva }) {
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
  checks.told(`[${label}] ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`, error?.message);
}

async function keepPicture(label, name, visitor) {
  const folder = path.join(root, 'target/browser-failures');
  fs.mkdirSync(folder, { recursive: true });
  const file = `${`${label}-${name}`.replace(/[^a-z0-9]+/gi, '-')}.png`;
  const taken = visitor?.page.screenshot({ path: path.join(folder, file) });
  await within(10, 'a picture', Promise.resolve(taken)).catch(() => {});
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

async function main(checks) {
  const browsers = options.browser ? [options.browser] : ['chromium', 'firefox'];
  const first = Number(options.port);
  await Promise.all(browsers.map((name, index) => lane(checks, name, first + index * 100)));
}

if (options.screenshots) await screenshots();
else runAll(main, RUN_SECONDS);
