// The recipes of deploy/recipes, each with the real proxy, attacked: forged names, other hosts, odd paths, missing
// metadata, handshakes from elsewhere, a gateway that is slow or gone. What reaches the application is judged by what a
// careless one would believe.
//
//   node run.mjs --binary PATH --tools FOLDER [--only in-front/nginx,forward-auth]

import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { runAll } from '../shared/checks.mjs';
import { freePorts } from '../shared/ports.mjs';
import { startApplication } from './application.mjs';
import { ATTACKS, judge } from './attacks.mjs';
import { FAMILY, SPELLINGS, TARGETS } from './inputs.mjs';
import { oauth2Proxy } from './oauth2_proxy.mjs';
import { faultsOfAna, faultsOfNobody } from './oracle.mjs';
import { ONLY_FORWARD_AUTH, OUTAGES } from './outages.mjs';
import { RECIPES } from './recipes.mjs';
import { SIZES } from './sizes.mjs';
import { startWorld } from './world.mjs';

const { values: options } = parseArgs({
  options: { binary: { type: 'string' }, tools: { type: 'string' }, only: { type: 'string' } },
});
const RUN_SECONDS = 1500;
/// Of the paths, those that nobody reads as another one than `/public/…`.
const HARMLESS = [
  '/public/.../secret/..',
  '/public/..%20/secret',
  '/public/%0a/../secret',
  '/public/%0d%0a/../../secret',
];

async function main(checks) {
  const isChosen = ({ name }) => !options.only || options.only.split(',').some((part) => name.startsWith(part));
  await checks.run('control: an application without a gateway is told all of it', control);
  if (isChosen({ name: 'oauth2-proxy' })) await behindOauth2Proxy(checks);
  for (const recipe of RECIPES.filter(isChosen)) {
    let world;
    const isUp = await checks.run(`[${recipe.name}] starts`, async () => {
      world = await startWorld(recipe, { binary: options.binary, tools: options.tools, ports: await newPorts() });
    });
    if (!isUp) continue;
    try {
      for (const [name, attack] of Object.entries({ ...ATTACKS, ...SIZES, ...OUTAGES })) {
        if (!recipe.isForwardAuth && ONLY_FORWARD_AUTH.includes(name)) continue;
        await checks.run(`[${recipe.name}] ${name}`, () => attack(world));
      }
    } finally {
      await world.stop();
    }
  }
}

async function newPorts() {
  const [front, gateway, application, admin, provider] = await freePorts(5);
  return { front, gateway, application, admin, provider };
}

async function behindOauth2Proxy(checks) {
  const ports = await newPorts();
  await checks.run('[oauth2-proxy] its page', () => oauth2Proxy(checks, { binary: options.binary, ports }));
}

/// The same requests, past everything: the judges find something in each.
async function control() {
  const [port] = await freePorts(1);
  const application = await startApplication(port);
  const world = { application, ports: { front: port } };
  const found = [];
  const wrong = async (requests, faultsOf) => {
    const judged = judge(world, requests, faultsOf, { isTls: false });
    await assert.rejects(judged, /faults/, JSON.stringify(requests));
    found.push(requests.length);
  };
  try {
    for (const name of FAMILY)
      for (const spell of [SPELLINGS['as it is'], SPELLINGS['every - as _']])
        for (const faultsOf of [faultsOfAna, faultsOfNobody])
          await wrong([{ target: '/public/x', lines: spell(name) }], faultsOf);
    for (const target of TARGETS.filter((path) => path.startsWith('/public/') && !/[\s#?]/.test(path)))
      if (!HARMLESS.includes(target)) await wrong([{ target }], faultsOfNobody);
    await wrong([{ target: '/secret' }], faultsOfNobody);
  } finally {
    await application.stop();
  }
  return `${found.length} seen`;
}

runAll(main, RUN_SECONDS);
