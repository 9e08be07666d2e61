// Each application twice from the same beginning: visited directly, then behind the gateway, by the same clicks. Then what
// only the second can show.
//
//   node run.mjs [--binary PATH] [--only dokuwiki|tomcat|node-red] [--port BASE]

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { within } from '../browser/wait.mjs';
import { arrive, commonChecks } from './common.mjs';
import { comparisonChecks } from './compare-check.mjs';
import { compareVisits } from './compare.mjs';
import { dokuwiki } from './dokuwiki.mjs';
import { flows } from './flows.mjs';
import { places, sigmaUrl, startGateway } from './gateway.mjs';
import { startProvider } from './provider.mjs';
import { tomcat } from './tomcat.mjs';
import { Visit } from './visit.mjs';

const WALK_SECONDS = 120;
const CHECK_SECONDS = 120;
const RUN_SECONDS = 1200;
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

const { values: options } = parseArgs({
  options: {
    binary: { type: 'string', default: path.join(root, 'target/release/sigma-gateway') },
    only: { type: 'string' },
    port: { type: 'string', default: '27000' },
  },
});

const counted = { passed: 0, failed: 0, known: 0 };

async function main() {
  const where = places(Number(options.port));
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sigma-applications-'));
  const chosen = [dokuwiki, tomcat, flows].filter(({ name }) => !options.only || options.only === name);
  const sites = [where.wiki, where.tomcat, where.flows].map(({ site }) => site);
  for (const check of comparisonChecks) await runCheck({ name: 'comparison' }, check, {}, { faults: [] });
  const stops = [() => fs.rmSync(folder, { recursive: true, force: true })];
  try {
    const provider = await startProvider({ port: where.provider, sites });
    stops.push(provider.stop);
    const binary = path.resolve(options.binary);
    const gateway = await startGateway({ binary, folder, where, issuer: provider.issuer });
    stops.push(gateway.stop);
    for (const application of chosen) await runApplication(application, { folder, where, provider });
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

async function runApplication(application, { folder, where, provider }) {
  const { site, port } = application.place(where);
  const directOrigin = application.directOrigin?.(where) ?? site;
  let setting = null;
  let running = null;
  const restart = async () => {
    await running?.stop();
    running = await application.start({ folder, where });
  };
  try {
    await restart();
    const direct = await walked(application, new Visit({ origin: directOrigin, port }));
    await restart(); // from the same beginning
    const behind = await walked(application, await arrive({ site, port: where.base, person: 'ana' }));
    const hosts = { [new URL(directOrigin).host]: 'HOST', [new URL(site).host]: 'HOST' };
    const compared = compareVisits(direct, behind, { normalise: application.normalise, sigmaUrl: sigmaUrl(where), hosts });
    for (const { title, differences } of compared) reportStep(application, title, differences.join('\n'));
    setting = await people(application, where);
    const checks = [...application.checks, ...commonChecks(application)];
    for (const check of checks) await runCheck(application, check, setting, provider);
  } catch (error) {
    report(application, 'set-up and clicks', `${error.stack}\n${tail(running?.output() ?? '')}`);
  } finally {
    for (const visit of Object.values(setting ?? {})) if (visit instanceof Visit) visit.leave();
    await running?.stop();
  }
}

async function walked(application, visit) {
  await within(WALK_SECONDS, 'the clicks', application.walk(visit));
  visit.leave();
  return visit;
}

/// Who visits the application behind the gateway; nobody is signed in to the application itself yet.
async function people(application, where) {
  const { site, port } = application.place(where);
  const there = { site, port: where.base };
  const setting = {
    where,
    site,
    directPort: port,
    visit: await arrive({ ...there, person: 'ana' }),
    second: await arrive({ ...there, person: 'ben' }),
    unmapped: await arrive({ ...there, person: 'dan' }),
    leaver: await arrive({ ...there, person: 'ben' }),
    stranger: await arrive(there),
    signInToApplication: application.signIn ?? (async () => {}),
  };
  await setting.signInToApplication(setting.visit);
  return setting;
}

async function runCheck(application, check, setting, provider) {
  const started = Date.now();
  let problem = '';
  try {
    await within(CHECK_SECONDS, 'the check', check.run(setting));
  } catch (error) {
    problem = `${error.message}${provider.faults.splice(0).map((fault) => `\nprovider: ${fault}`).join('')}`;
  }
  const name = `${check.name} (${((Date.now() - started) / 1000).toFixed(1)} s)`;
  if (check.known && !problem) problem = `holds now; take the mark away: ${check.known.why}`;
  reportUnlessKnown(application, name, problem, check.known);
}

/// A step with a known fault differs or not by what came before it; so only a difference is told.
function reportStep(application, title, problem) {
  reportUnlessKnown(application, `same: ${title}`, problem, application.known?.[title]);
}

/// A fault of the gateway that is on the list is told each time, but is no failure until somebody has mended it. It must
/// look as it did when it was put there: all its lines have `shows`.
function reportUnlessKnown(application, what, problem, known) {
  const isKnown = known && problem && problem.split('\n').every((line) => line.includes(known.shows));
  if (!isKnown) return report(application, what, problem);
  counted.known += 1;
  console.log(`known  [${application.name}] ${what}: ${known.why}`);
  console.log(problem.replace(/^/gm, '       '));
}

function report({ name }, what, problem) {
  counted[problem ? 'failed' : 'passed'] += 1;
  console.log(`${problem ? 'FAILED' : 'ok    '} [${name}] ${what}`);
  if (problem) console.log(problem.replace(/^/gm, '       '));
}

function tail(text) {
  return text.split('\n').slice(-12).join('\n');
}

function conclude() {
  if (counted.known > 0) console.log(`known faults: ${counted.known}`);
  console.log(`${counted.passed} passed, ${counted.failed} failed`);
  return counted.failed === 0 && counted.passed > 0;
}

const overtime = setTimeout(() => {
  console.log(`the run took more than ${RUN_SECONDS} s`);
  counted.failed += 1;
  conclude();
  process.exit(1);
}, RUN_SECONDS * 1000);
overtime.unref();

main().then(
  () => process.exit(conclude() ? 0 : 1),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
