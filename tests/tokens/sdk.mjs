// Sigma's own embed SDK in a page of the host application. It drops every event that is not from sigmacomputing.com, so
// the browser finds that name on loopback.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { launch } from '../shared/browsers.mjs';
import { until } from '../shared/wait.mjs';
import { configuration, organizations } from './forms.mjs';
import { freePorts } from '../shared/ports.mjs';
import { HOST, startSigma } from './sigma.mjs';

export async function eventsReachTheSdk(checks, world) {
  const [port] = await freePorts(1);
  const { clientId } = organizations.acme;
  const sigma = await startSigma({ port, folder: world.folder, clientId, secret: world.secrets.acme });
  const args = [
    `--host-resolver-rules=MAP ${HOST} 127.0.0.1:${port}`,
    `--ignore-certificate-errors-spki-list=${sigma.pin}`,
  ];
  console.log(
    `       (for Sigma stands a page of this suite at https://${HOST}, which opens a URL once if jose verifies it)`,
  );
  const browser = await launch('chromium', { args });
  try {
    world.provider.person = 'ana';
    for (const deliver of ['signed', 'link']) {
      await deliverAs(world, deliver);
      await page(checks, world, sigma, browser, deliver);
    }
  } finally {
    await browser.close();
    await sigma.stop();
  }
}

async function page(checks, { site }, sigma, browser, deliver) {
  const context = await browser.createBrowserContext();
  const tab = await context.newPage();
  const check = (name, run) => checks.run(`[SDK, ${deliver}] ${name}`, run);
  const heard = (type) =>
    tab.evaluate((wanted) => window.heard?.filter((message) => message.type === wanted) ?? [], type);
  const hears = (type, count = 1) =>
    until(
      `${type}; Sigma saw ${JSON.stringify(sigma.visits.at(-1))}`,
      async () => (await heard(type)).length >= count && heard(type),
    );
  await check('workbook:loaded reaches the SDK through the injected frame, with its variables', async () => {
    await tab.goto(`${site}/sdk`, { waitUntil: 'domcontentloaded' });
    const [loaded] = await hears('workbook:loaded');
    assert.deepEqual(loaded.workbook.variables, { Region: 'EMEA' });
    assert.deepEqual([sigma.visits.at(-1).sub, sigma.visits.at(-1).refused], ['ana@example.com', undefined]);
  });
  await check('what the SDK sends reaches Sigma, and the answer comes back', async () => {
    await tab.evaluate(() => window.listVariables());
    const [current] = await hears('workbook:variables:current');
    assert.deepEqual(current.variables, { Region: 'EMEA' });
    await tab.evaluate(() => window.updateVariables({ Region: 'NL' }));
    const [changed] = await hears('workbook:variables:onchange');
    assert.deepEqual(changed.workbook.variables, { Region: 'NL' });
  });
  await check('the SDK drops the same event from another domain', async () => {
    assert.deepEqual(
      await tab.evaluate(() =>
        ['https://app.sigmacomputing.com', 'https://sigma.example.com', location.origin].map((origin) =>
          window.hearFrom(origin),
        ),
      ),
      [1, 0, 0],
    );
  });
  const comesBack = async () => {
    const before = sigma.visits.length;
    await tab.goto(`${site}/notes`, { waitUntil: 'domcontentloaded' });
    await tab.evaluate(() => void setTimeout(() => history.back()));
    await until('the page', () => new URL(tab.url()).pathname === '/sdk');
    await hears('workbook:loaded');
    assert.ok(sigma.visits.length > before, 'no new visit');
    assert.equal((await heard('workbook:error')).length, 0, 'the frame showed an error first');
  };
  // A page that holds the signed URL itself has nobody in it to ask for another.
  if (deliver === 'link') await check('after Back the frame is minted anew, and the SDK hears it again', comesBack);
  await check('nothing was refused', () =>
    assert.deepEqual(
      sigma.visits.filter(({ refused }) => refused),
      [],
    ),
  );
  await context.close();
}

/// Another `deliver`, by a reload of the running gateway.
async function deliverAs({ folder, gateway, ports, provider, agents, site }, deliver) {
  fs.writeFileSync(path.join(folder, 'gateway.toml'), configuration({ ports, issuer: provider.issuer, deliver }));
  gateway.reload();
  const wanted = { signed: `https://${HOST}/`, link: '/sigma/embed/whole' }[deliver];
  await until(`deliver = ${deliver}`, async () =>
    (await agents.ana.ask(`${site}/sdk`)).text.includes(`src="${wanted}`),
  );
}
