// Runs the cases against each provider, both at the same time on ports of their own.
//
//   node run.mjs [--provider keycloak|panva] [--only TEXT] [--binary PATH] [--keycloak FOLDER] [--port BASE]

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { within } from '../browser/wait.mjs';
import { cases } from './cases.mjs';
import { places } from './gateway.mjs';
import { Keycloak } from './keycloak.mjs';
import { Panva } from './panva.mjs';
import { World } from './world.mjs';

const CASE_SECONDS = 180;
const RUN_SECONDS = 900;
const OUTPUT_LINES = 15;
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

const { values: options } = parseArgs({
  options: {
    provider: { type: 'string' },
    only: { type: 'string', default: '' },
    binary: { type: 'string', default: path.join(root, 'target/release/sigma-gateway') },
    keycloak: { type: 'string', default: path.join(root, 'target/tools/keycloak') },
    port: { type: 'string', default: '23000' },
  },
});

const PROVIDERS = {
  keycloak: (where) => new Keycloak({ folder: options.keycloak, where }),
  panva: (where) => new Panva({ where }),
};

/// One provider, case after case.
async function lane(name, base, scratch) {
  const where = places(base);
  const provider = PROVIDERS[name](where);
  const chosen = cases().filter((found) => found.name.includes(options.only));
  const results = [];
  try {
    await provider.prepare();
    for (const [index, found] of chosen.entries()) {
      const folder = path.join(scratch, name, String(index));
      results.push(await oneCase(found, { binary: options.binary, folder, where, provider }));
    }
  } catch (error) {
    report(name, { name: 'set-up', seconds: 0, error });
    results.push({ error });
  } finally {
    await provider.stop();
  }
  return results;
}

async function oneCase({ name, settings, run }, setting) {
  const started = Date.now();
  let error = null;
  let world = null;
  try {
    await setting.provider.setClock(settings?.clockSeconds ?? 0);
    world = await World.start(setting, settings);
    await within(CASE_SECONDS, 'the case', run(world));
  } catch (caught) {
    error = caught;
    const output = { gateway: world?.gateway?.output(), provider: setting.provider.output() };
    for (const [who, text = ''] of Object.entries(output)) {
      error.message += `\n${who}:\n${text.trimEnd().split('\n').slice(-OUTPUT_LINES).join('\n')}`;
    }
  }
  await world?.stop();
  const result = { name, seconds: (Date.now() - started) / 1000, error };
  report(setting.provider.name, result);
  return result;
}

function report(label, { name, seconds, error }) {
  console.log(`${error ? 'FAILED' : 'ok    '} [${label}] ${name} (${seconds.toFixed(1)} s)`);
  if (error) console.log(error.message.replace(/^/gm, '       '));
}

async function main() {
  const names = options.provider ? [options.provider] : Object.keys(PROVIDERS);
  const unknown = names.find((name) => !PROVIDERS[name]);
  if (unknown) throw new Error(`no provider ${unknown}; there are: ${Object.keys(PROVIDERS).join(', ')}`);
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'sigma-gateway-providers-'));
  try {
    const lanes = names.map((name, index) => lane(name, Number(options.port) + index * 100, scratch));
    const results = (await Promise.all(lanes)).flat();
    const failed = results.filter(({ error }) => error).length;
    console.log(`${results.length - failed} passed, ${failed} failed`);
    return failed === 0 && results.length > 0;
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

// Children are killed at `exit`, which a signal alone does not bring.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));

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
