// Each application twice from the same beginning: visited directly, then behind the gateway, by the same clicks. Then
// what only the second can show. Redmine, which is long to install and to set up, with --full or by name.
//
//   node run.mjs [--binary PATH] [--full] [--only dokuwiki|tomcat|node-red|redmine|jupyterlab] [--port BASE]

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import Provider from 'oidc-provider';
import { launch } from '../shared/browsers.mjs';
import { indented, runAll } from '../shared/checks.mjs';
import { newSigmaSecret, temporaryFolder } from '../shared/gateway.mjs';
import { startPanva } from '../shared/panva.mjs';
import { startSigma } from '../shared/sigma.mjs';
import { within } from '../shared/wait.mjs';
import { arrive, commonChecks } from './common.mjs';
import { comparisonChecks } from './compare-check.mjs';
import { compareVisits } from './compare.mjs';
import { dokuwiki } from './dokuwiki.mjs';
import { flows } from './flows.mjs';
import { places, sigmaUrl, sitesOf, startGateway } from './gateway.mjs';
import { jupyterlab } from './jupyterlab.mjs';
import { PROFILE, claimsOf } from './people.mjs';
import { redmine } from './redmine.mjs';
import { screenChecks } from './screen.mjs';
import { tomcat } from './tomcat.mjs';
import { Visit } from './visit.mjs';

const WALK_SECONDS = 120;
const CHECK_SECONDS = 120;
const RUN_SECONDS = 1200;
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

const { values: options } = parseArgs({
  options: {
    binary: { type: 'string', default: path.join(root, 'target/release/sigma-gateway') },
    full: { type: 'boolean', default: false },
    only: { type: 'string' },
    port: { type: 'string', default: '27000' },
  },
});

let known = 0;

async function main(checks) {
  const where = places(Number(options.port));
  const folder = temporaryFolder('sigma-gateway-applications');
  const all = [dokuwiki, tomcat, flows, jupyterlab, ...(options.full || options.only ? [redmine] : [])];
  const chosen = all.filter(({ name }) => !options.only || options.only === name);
  for (const check of comparisonChecks) await runCheck(checks, { name: 'comparison' }, check, {}, { faults: [] });
  const stops = [];
  try {
    const sites = sitesOf(where);
    const provider = await startPanva(Provider, { port: where.provider, sites, claimsOf, profile: PROFILE });
    stops.push(provider.stop);
    const secret = newSigmaSecret();
    const sigma = await startSigma({ port: new URL(where.sigma).port, secret });
    stops.push(sigma.stop);
    const gateway = await startGateway({ binary: options.binary, folder, where, issuer: provider.issuer, secret });
    stops.push(gateway.stop);
    const browser = await launch('chromium');
    stops.push(() => browser.close());
    for (const application of chosen)
      await runApplication(checks, application, { folder, where, provider, sigma, browser });
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
  if (known > 0) console.log(`known faults: ${known}`);
}

async function runApplication(checks, application, { folder, where, provider, sigma, browser }) {
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
    const direct = await walked(application, where, new Visit({ origin: directOrigin, port }));
    await restart(); // from the same beginning
    const behind = await walked(application, where, await arrive({ site, port: where.base, person: 'ana' }));
    const hosts = { [new URL(directOrigin).host]: 'HOST', [new URL(site).host]: 'HOST' };
    const compared = compareVisits(direct, behind, {
      normalise: application.normalise,
      sigmaUrl: sigmaUrl(where),
      hosts,
    });
    for (const { title, differences } of compared) reportStep(checks, application, title, differences.join('\n'));
    setting = { ...(await people(application, where)), sigma, browser };
    for (const check of [...application.checks, ...screenChecks(application), ...commonChecks(application)])
      await runCheck(checks, application, check, setting, provider);
  } catch (error) {
    checks.told(`[${application.name}] set-up and clicks`, `${error.stack}\n${tail(running?.output() ?? '')}`);
  } finally {
    for (const visit of Object.values(setting ?? {})) if (visit instanceof Visit) visit.leave();
    await running?.stop();
  }
}

async function walked(application, where, visit) {
  await within(WALK_SECONDS, 'the clicks', application.walk(visit, where));
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

async function runCheck(checks, application, check, setting, provider) {
  const started = Date.now();
  let problem = '';
  try {
    await within(CHECK_SECONDS, 'the check', check.run(setting));
  } catch (error) {
    problem = `${error.message}${provider.faults
      .splice(0)
      .map((fault) => `\nprovider: ${fault}`)
      .join('')}`;
  }
  const name = `${check.name} (${((Date.now() - started) / 1000).toFixed(1)} s)`;
  if (check.known && !problem) problem = `holds now; take the mark away: ${check.known.why}`;
  reportUnlessKnown(checks, application, name, problem, check.known);
}

/// A step with a known fault differs or not by what came before it; so only a difference is told.
function reportStep(checks, application, title, problem) {
  reportUnlessKnown(checks, application, `same: ${title}`, problem, application.known?.[title]);
}

/// A fault of the gateway that is on the list is told each time, but is no failure until somebody has mended it. It
/// must look as it did when it was put there: all its lines have `shows`.
function reportUnlessKnown(checks, application, what, problem, mark) {
  const isKnown = mark && problem?.split('\n').every((line) => line.includes(mark.shows));
  if (!isKnown) return checks.told(`[${application.name}] ${what}`, problem);
  known += 1;
  console.log(`known  [${application.name}] ${what}: ${mark.why}\n${indented(problem)}`);
}

function tail(text) {
  return text.split('\n').slice(-12).join('\n');
}

runAll(main, RUN_SECONDS);
