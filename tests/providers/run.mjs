// Runs the cases against each provider, all at the same time on ports of their own.
//
//   node run.mjs [--provider keycloak|panva|zitadel] [--only TEXT] [--binary PATH] [--keycloak FOLDER]
//                [--zitadel PROGRAM] [--port BASE]

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runAll } from '../shared/checks.mjs';
import { temporaryFolder } from '../shared/gateway.mjs';
import { within } from '../shared/wait.mjs';
import { cases } from './cases.mjs';
import { places } from './gateway.mjs';
import { Keycloak } from './keycloak.mjs';
import { Panva } from './panva.mjs';
import { World } from './world.mjs';
import { Zitadel } from './zitadel.mjs';

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
    zitadel: { type: 'string', default: path.join(root, 'target/tools/zitadel/server') },
    port: { type: 'string', default: '23000' },
  },
});

const PROVIDERS = {
  keycloak: (where) => new Keycloak({ folder: options.keycloak, where }),
  panva: (where) => new Panva({ where }),
  zitadel: (where) => new Zitadel({ program: options.zitadel, where }),
};

/// One provider, case after case.
async function lane(checks, name, base, scratch) {
  const where = places(base);
  const provider = PROVIDERS[name](where);
  const hasNot = (need) => provider.lacks.includes(need);
  const isFor = ({ name: said, needs, lacks }) =>
    said.includes(options.only) && !hasNot(needs) && (lacks === undefined || hasNot(lacks));
  const chosen = cases().filter(isFor);
  try {
    await provider.prepare();
    for (const [index, found] of chosen.entries()) {
      const folder = path.join(scratch, name, String(index));
      await oneCase(checks, found, { binary: options.binary, folder, where, provider });
    }
  } catch (error) {
    checks.told(`[${name}] set-up`, error.message);
  } finally {
    await provider.stop();
  }
}

async function oneCase(checks, { name, settings, run }, setting) {
  const started = Date.now();
  let error = null;
  let note = '';
  let world = null;
  try {
    await setting.provider.setClock(settings?.clockSeconds ?? 0);
    world = await World.start(setting, settings);
    note = await within(CASE_SECONDS, 'the case', run(world));
  } catch (caught) {
    error = caught;
    const output = { gateway: world?.gateway?.output(), provider: setting.provider.output() };
    for (const [who, text = ''] of Object.entries(output)) {
      error.message += `\n${who}:\n${text.trimEnd().split('\n').slice(-OUTPUT_LINES).join('\n')}`;
    }
  }
  await world?.stop();
  const label = setting.provider.name;
  const told = note ? `: ${note}` : '';
  checks.told(`[${label}] ${name}${told} (${((Date.now() - started) / 1000).toFixed(1)} s)`, error?.message);
}

async function main(checks) {
  const names = options.provider ? [options.provider] : Object.keys(PROVIDERS);
  const unknown = names.find((name) => !PROVIDERS[name]);
  if (unknown) throw new Error(`no provider ${unknown}; there are: ${Object.keys(PROVIDERS).join(', ')}`);
  const scratch = temporaryFolder('sigma-gateway-providers');
  await Promise.all(names.map((name, index) => lane(checks, name, Number(options.port) + index * 100, scratch)));
}

runAll(main, RUN_SECONDS);
