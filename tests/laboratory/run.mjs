// A laboratory for sign-ins: a provider that behaves as real ones do, a case for each way, and what each must come to.
//
//   node run.mjs --binary PATH [--only "aud-zitadel,f-logout"] [--all] [--list]
//
// A case that pending.mjs lists is expected to fail, and the run fails when it passes: then it comes off the list. With
// `--all` the list does not count.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { indented, runAll } from '../shared/checks.mjs';
import { freePorts } from '../shared/ports.mjs';
import { Browser } from './browser.mjs';
import { makeKeys } from './keys.mjs';
import { hold, walk } from './outcomes.mjs';
import { configurationPages } from './pages.mjs';
import { PENDING } from './pending.mjs';
import { startWorld } from './world.mjs';

const RUN_SECONDS = 420;
const SIDE_BY_SIDE = 4;
const here = path.dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    binary: { type: 'string' },
    only: { type: 'string' },
    all: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});

async function main(checks) {
  const cases = await chosen();
  if (options.list) {
    for (const [name, { group, about }] of Object.entries(cases)) console.log(`${group}  ${name}: ${about}`);
  }
  makeKeys();
  const isOwn = ([, it]) => Boolean(it.own);
  const entries = Object.entries(cases);
  await together(checks, Object.fromEntries(entries.filter((one) => !isOwn(one))));
  for (const [name, it] of entries.filter(isOwn)) await together(checks, { [name]: it });
  const pages = options.only && !options.only.includes('page-') ? [] : configurationPages(options.binary);
  for (const [name, problem] of pages) tell(checks, name, `pages  ${name}: check takes its part`, problem);
  const known = new Set([...Object.keys(cases), ...pages.map(([name]) => name)]);
  const unknown = options.only ? [] : [...pendingNames()].filter((name) => !known.has(name));
  checks.told('every pending case is a case', unknown.join(', '));
}

/// The cases of every file in cases/, by name.
async function chosen() {
  const found = {};
  const wanted = options.only?.split(',').map((part) => part.trim());
  for (const file of fs.readdirSync(path.join(here, 'cases')).sort()) {
    if (!file.endsWith('.mjs')) continue;
    const group = path.basename(file, '.mjs');
    for (const [name, it] of Object.entries((await import(`./cases/${file}`)).default)) {
      assert.ok(!found[name], `two cases are called ${name}`);
      if (!wanted || wanted.includes(name) || wanted.includes(group)) found[name] = { ...it, group };
    }
  }
  return found;
}

/// Runs cases in one world, some at a time.
async function together(checks, cases) {
  const names = Object.keys(cases);
  if (names.length === 0) return;
  const world = await startWorld({ binary: options.binary, cases, ports: await freePorts(4) });
  try {
    const queue = [...names];
    const worker = async () => {
      for (let name = queue.shift(); name; name = queue.shift()) await one(checks, name, cases[name], world);
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
    if (world.viewOf) noSecretsAndNoPanics(checks, names, world);
  } finally {
    await world.stop();
  }
}

async function one(checks, name, it, world) {
  const label = `${it.group}  ${name}: ${it.about}`;
  let problem = '';
  try {
    const refusal = world.refusals.get(name);
    assert.ok(!refusal, `the configuration is not taken:\n${refusal}`);
    await play(it, world.viewOf(name));
  } catch (error) {
    problem = error.message || `${error}`;
  }
  tell(checks, name, label, problem);
}

async function play(it, world) {
  const browser = new Browser();
  if (it.visit) await it.visit(world, browser);
  else await hold(it.expect, await walk(world, browser), world);
}

function tell(checks, name, label, problem) {
  const work = options.all ? undefined : [...PENDING].find(([, names]) => names.includes(name))?.[0];
  if (!work) return checks.told(label, problem);
  if (!problem) return checks.told(label, `it passes: take it off the list of "${work}" in pending.mjs`);
  checks.told(`${label} (pending: ${work})`);
  if (options.only) console.log(indented(problem));
}

/// What holds for all of them together.
function noSecretsAndNoPanics(checks, names, world) {
  const what = names.length > 1 ? `${names.length} cases together` : names[0];
  const all = world.log.lines().map((line) => JSON.stringify(line));
  const text = all.join('\n') + world.errors();
  const leaked = world.issued.filter((token) => text.includes(token));
  checks.told(`${what}: no token of a provider is in the log`, leaked.length ? `${leaked.length} are` : '');
  checks.told(`${what}: nothing panicked`, /panicked|"internal"/.exec(text)?.[0]);
}

const pendingNames = () => new Set([...PENDING.values()].flat());

runAll(main, RUN_SECONDS);
