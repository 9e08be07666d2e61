// Identities that a proxy in front attaches: the gateway's presets between stand-ins that can lie, verifiers that
// others wrote, and real senders.
//
//   node run.mjs --binary PATH --python PATH --go-oidc PATH --tools FOLDER
//       [--only verifiers,presets,people,keys,senders] [--stand-in alb,iap]

import { parseArgs } from 'node:util';
import { runAll } from '../shared/checks.mjs';
import { STAND_INS } from './all.mjs';
import { keys } from './keys.mjs';
import { furtherTables, people } from './people.mjs';
import { presets } from './presets.mjs';
import { senders } from './senders.mjs';
import { verified } from './verified.mjs';
import { startWorld } from './world.mjs';

const RUN_SECONDS = 600;
const { values: options } = parseArgs({
  options: {
    binary: { type: 'string' },
    python: { type: 'string' },
    'go-oidc': { type: 'string' },
    tools: { type: 'string' },
    only: { type: 'string' },
    'stand-in': { type: 'string' },
  },
});

const isChosen = (part) => !options.only || options.only.split(',').includes(part);

async function main(checks) {
  const names = options['stand-in']?.split(',');
  const standIns = STAND_INS.filter(({ name }) => !names || names.includes(name));
  const programs = { python: options.python, goOidc: options['go-oidc'] };
  if (isChosen('verifiers')) await verified(checks, standIns, programs);
  if (isChosen('presets')) await within(standIns, {}, (world) => presets(checks, world, standIns));
  if (isChosen('people')) await within(STAND_INS, { more: furtherTables }, (world) => people(checks, world, standIns));
  if (isChosen('keys')) {
    const of = STAND_INS.filter(({ name }) => ['alb', 'cloudflare', 'rfc9068'].includes(name));
    await within(of, {}, (world) => keys(checks, world, of));
  }
  if (isChosen('senders')) await senders(checks, { binary: options.binary, tools: options.tools });

  async function within(all, settings, check) {
    const world = await startWorld({ binary: options.binary, standIns: all, ...settings });
    try {
      await check(world);
      await quiet(checks, world);
    } finally {
      await world.stop();
    }
  }
}

/// What holds for all that was asked of one gateway.
async function quiet(checks, world) {
  const text = world.text();
  const tokens = text.match(/eyJ[A-Za-z0-9_-]{20,}/g) ?? [];
  checks.told('no assertion is in the log', tokens.length > 0 ? `${tokens.length} are` : '');
  checks.told('nothing panicked', /panicked|"internal"/.exec(text)?.[0]);
}

runAll(main, RUN_SECONDS);
