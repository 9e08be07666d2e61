// The demo over TLS in WebKitGTK, Safari's engine: it keeps no `Secure` cookie on http://*.localhost, and so nobody
// signs in there without.
//
//   node webkit.mjs [--binary PATH] [--port BASE]

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runAll } from '../shared/checks.mjs';
import { temporaryFolder } from '../shared/gateway.mjs';
import { request } from '../shared/http.mjs';
import { until } from '../shared/wait.mjs';
import { startWebKit } from '../shared/webkit.mjs';
import { reset, startDemo, stats } from './demo.mjs';

const RUN_SECONDS = 300;
const SESSION_COOKIE = '__Host-sg';
const PEOPLE = {
  ana: { sub: 'ana@example.com', teams: ['Finance'], account_type: 'View' },
  ben: { sub: 'ben@example.com', teams: ['Sales'], account_type: 'Build' },
};
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

const { values: options } = parseArgs({
  options: {
    binary: { type: 'string', default: path.join(root, 'target/release/sigma-gateway') },
    port: { type: 'string', default: '21300' },
  },
});

async function main(checks) {
  const base = Number(options.port);
  const file = path.join(temporaryFolder('sigma-gateway-demo'), 'ca.pem');
  const demo = await startDemo({ binary: options.binary, base, tls: file });
  let browser = null;
  try {
    await checks.run('the CA of this start vouches for every name, and nobody else does', () => vouches(demo));
    browser = await startWebKit(base + 9);
    for (const [deliver, person] of [
      ['link', 'ana'],
      ['signed', 'ben'],
    ]) {
      const visit = { driver: browser.driver, demo, site: demo[deliver], person };
      await checks.run(`${deliver}: ${person} signs in and the page shows the embed`, () => signsIn(visit));
      await checks.run(`${deliver}: after a reload too, by a URL of its own`, () => reloads(visit));
      if (deliver === 'link') await checks.run(`${deliver}: the page hears workbook:loaded`, () => hears(visit));
      await checks.run(`${deliver}: after the sign-out the provider asks again`, () => signsOut(visit));
    }
  } finally {
    await browser?.stop();
    await demo.stop();
  }
}

/// Held to it by Node, for the browser is told to take any certificate.
async function vouches(demo) {
  for (const url of [demo.link, demo.signed, demo.provider, demo.sigma, demo.start]) {
    const { status } = await request(url, { ca: demo.ca });
    if (status >= 500) throw new Error(`${url}: ${status}`);
    const answer = await request(url).catch((error) => error);
    if (!(answer instanceof Error)) throw new Error(`${url} is believed without its CA`);
  }
  const isKey = /PRIVATE KEY/.test(fs.readFileSync(demo.caFile, 'utf8'));
  if (isKey) throw new Error('the CA file holds a key');
}

async function signsIn(visit) {
  const { driver, demo, site, person } = visit;
  await driver.go(`${site}/dashboard`);
  await until('the provider asks who it is', () => isAt(driver, demo.provider));
  await showsEmbed(visit, () => driver.play(PRESS, [person]));
  const kept = (await driver.get('cookie')).find(({ name }) => name === SESSION_COOKIE);
  if (!kept?.secure || !kept.httpOnly)
    throw new Error(`the session's cookie: ${JSON.stringify({ ...kept, value: '' })}`);
}

const reloads = (visit) => showsEmbed(visit, () => visit.driver.do('refresh'));

/// What is on show in the frame is this person's, and Sigma was told the same: once, by a URL that nobody used before.
async function showsEmbed({ driver, demo, site, person }, action) {
  await reset(demo);
  await action();
  const wanted = PEOPLE[person];
  const isLive = (text) => [wanted.sub, ...wanted.teams].every((word) => text.includes(word));
  const isShown = async () =>
    (await isAt(driver, site)) &&
    (await driver.texts()).slice(1).some((text) => isLive(text) && !/expired/i.test(text));
  await until(`a live embed for ${person}`, isShown, { seconds: 30, every: 300 }).catch((error) => told(driver, error));
  const { opened, replays, visits } = await stats(demo);
  const { sub, teams, account_type } = visits.at(-1) ?? {};
  const seen = JSON.stringify([opened, replays, { sub, teams, account_type }]);
  if (seen !== JSON.stringify([1, 0, wanted])) throw new Error(`Sigma was told ${seen}`);
}

/// The host's own page listens, and its frame is opened again.
async function hears({ driver, demo }) {
  const { data, from } = await driver.playUntilDone(LISTEN);
  if (data !== 'workbook:loaded' || from !== demo.sigma) throw new Error(`heard ${data} from ${from}`);
}

async function signsOut({ driver, demo, site }) {
  await driver.play("setTimeout(() => location.assign('/oauth2/sign_out'))");
  await until('the sign-out to end', async () => !(await cookies(driver)).includes(SESSION_COOKIE));
  const isAsked = async () => {
    await driver.go(`${site}/dashboard`);
    return isAt(driver, demo.provider);
  };
  await until('the provider asks again', isAsked, { every: 500 }).catch((error) => told(driver, error));
}

const cookies = async (driver) => (await driver.get('cookie')).map(({ name }) => name);
const isAt = async (driver, origin) => new URL(await driver.get('url')).origin === origin;

/// The failure, with what the page says.
async function told(driver, error) {
  const [text, at] = [await driver.texts(), await driver.get('url')].map(String);
  throw new Error(`${error.message}\nat ${at.split('?')[0]}: ${text.slice(0, 400)}`);
}

const PRESS = `
  const named = (button) => button.value === arguments[0];
  setTimeout(() => [...document.querySelectorAll('button')].find(named).click());
`;
const LISTEN = `
  const done = arguments[0];
  addEventListener('message', ({ data, origin }) => {
    if (data?.type === 'workbook:loaded') done({ data: data.type, from: origin });
  });
  const frame = document.querySelector('iframe');
  frame.src = frame.src;
`;

runAll(main, RUN_SECONDS);
