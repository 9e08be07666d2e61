// Where the frame stands, and how it looks there.

import assert from 'node:assert/strict';
import { sleep } from '../shared/wait.mjs';

const LATE_MS = 500;
const BARE = { bare: '1' };
const SCRIPTS = 'allow-scripts allow-popups';

export const frames = [
  { name: 'the frame has a title, permissions and a random name; the page says its language', run: attributes },
  { name: 'at top level, F5 and Back have a URL each', run: topLevel },
  { name: 'reload, Back and Forward of the host have a URL each', run: history },
  { name: 'the document holds no URL for others to find', run: noUrl },
  { name: 'a sandbox without the origin shows what it can, and says why not', run: sandbox },
  { name: 'a sandbox without scripts has a sentence and a link', run: noScript },
  { name: 'a credentialless frame says why there is nothing', run: credentialless, in: 'chromium' },
  { name: 'a prerendered page asks for nothing before it is seen', run: prerender, in: 'chromium' },
  { name: 'a hidden page without a URL asks when it is seen', run: hidden },
  { name: 'the height follows the workbook, in bounds, and ends', run: fit },
  { name: "without `fit` the height is the host's", run: noFit },
  ...['normal', 'light', 'dark'].map((scheme) => ({
    name: `colours are those of a host that is ${scheme}`,
    run: (reader, world) => colours(reader, world, scheme),
  })),
  { name: "each of Sigma's codes has words, the host hears of it, and the gateway", run: codes },
  { name: 'an error in a workbook that is up can be closed', run: closeable },
  { name: 'on paper there is Sigma, and no bar of ours', run: paper, in: 'chromium' },
];

async function attributes(reader, world) {
  await reader.see(world.link());
  const found = await reader.inEmbed(() => {
    const { name, title, allow, inert } = document.querySelector('iframe');
    const status = document.querySelector('[role=status]');
    return {
      name,
      title,
      allow,
      inert,
      lang: document.documentElement.lang,
      page: document.title,
      isEmpty: !status.textContent,
    };
  });
  assert.match(found.name, /^sg-[0-9a-z]{12,}$/);
  const title = 'Revenue & <costs>';
  const allow = 'clipboard-read; clipboard-write; fullscreen';
  assert.deepEqual(found, { name: found.name, title, allow, inert: false, lang: 'en', page: title, isEmpty: true });
}

async function topLevel(reader, world) {
  await reader.page.goto(world.origin + world.link());
  await reader.up(1);
  await reader.page.reload();
  await reader.up(2);
  await reader.page.goto(`${world.origin}/elsewhere`);
  await step(reader, -1);
  await reader.up(3);
}

async function history(reader, world) {
  await reader.see(world.link());
  await reader.page.evaluate(() => void setTimeout(() => location.reload()));
  await reader.up(2);
  await reader.page.goto(`${world.origin}/elsewhere`);
  await step(reader, -1);
  await reader.up(3);
  await step(reader, 1);
  await reader.until('the other page', () => reader.page.url().endsWith('/elsewhere'));
  await step(reader, -1);
  await reader.up(4);
}

async function step(reader, by) {
  await reader.page.evaluate((steps) => void setTimeout(() => window.history.go(steps)), by);
}

async function noUrl(reader, world) {
  await reader.see(world.link());
  const found = await reader.inEmbed(() => [...document.scripts].map(({ textContent }) => textContent).join(''));
  assert.ok(!found.includes('jwt=e'), 'the URL is still in the document');
}

// The stand-in's messages have the origin "null" there, as Sigma's would: they do not count.
async function sandbox(reader, world) {
  await reader.open(world.link(), { sandbox: SCRIPTS });
  await reader.until('a visit', () => world.visits.length === 1);
  await reader.advance(21);
  const minted = await reader.says(/sandbox without "allow-same-origin"/);
  assert.ok(minted.links['Open it in a tab']);
  await reader.advance(3600);
  await sleep(LATE_MS);
  await reader.mustBeWell();
  await reader.open(world.link(BARE), { sandbox: SCRIPTS });
  const bare = await reader.says(/sandbox without "allow-same-origin"/);
  assert.equal(bare.links['Open it in a tab'][1], '_blank');
  assert.deepEqual([world.asked.length, world.visits.length, world.reports.length], [0, 1, 0]);
}

async function noScript(reader, world) {
  await reader.open(world.link(), { sandbox: 'allow-popups' });
  const frame = await reader.until('the frame', () =>
    reader.page.frames().find((one) => one.url().includes('/embed/')),
  );
  const text = await reader.until('a sentence', () => frame.$eval('p', (words) => words.textContent).catch(() => ''));
  assert.match(text, /needs JavaScript and a current browser\. Open it in a tab/);
}

async function credentialless(reader, world) {
  await reader.open(world.link(BARE), { credentialless: '' });
  await reader.up(1);
  await reader.advance(21);
  await sleep(LATE_MS);
  assert.equal((await reader.words()).text, ''); // with a Sigma that needs no cookies it works
  world.path = '/acme/workbook/quiet';
  await reader.open(world.link(BARE), { credentialless: '' });
  await reader.until('a visit', () => world.visits.length === 2);
  await reader.advance(21);
  await reader.says(/without your sign-in \(credentialless\)/);
}

async function prerender(reader, world) {
  const page = `/page?${new URLSearchParams({ frame: world.link(BARE) })}`;
  await reader.page.goto(`${world.origin}/start`);
  await reader.page.evaluate((url) => {
    const rules = { prerender: [{ source: 'list', urls: [url], eagerness: 'immediate' }] };
    const script = Object.assign(document.createElement('script'), {
      type: 'speculationrules',
      textContent: JSON.stringify(rules),
    });
    document.head.append(script);
  }, page);
  await reader.until('the frame to be asked for ahead of time', () => world.ahead > 0);
  await sleep(2 * LATE_MS);
  assert.deepEqual([world.asked.length, world.visits.length], [0, 0]);
  await reader.page.evaluate((url) => void setTimeout(() => location.assign(url)), page);
  await reader.until('a visit', () => world.visits.length === 1);
  assert.deepEqual([world.asked.length, world.ahead], [1, 1]);
}

async function hidden(reader, world) {
  await reader.page.evaluateOnNewDocument(() => {
    Object.defineProperty(Document.prototype, 'visibilityState', { get: () => 'hidden' });
  });
  await reader.open(world.link(BARE));
  await sleep(2 * LATE_MS);
  assert.equal(world.asked.length, 0);
  await reader.look(true);
  await reader.up(1);
}

const frameHeight = (reader) => reader.page.evaluate(() => document.querySelector('iframe').style.height);

async function grow(reader, pageHeight) {
  await reader.sigmaSays({ type: 'workbook:pageheight:onchange', pageHeight });
  await reader.until('the host to hear it', async () => (await reader.heard()).at(-1).data.pageHeight === pageHeight);
  return frameHeight(reader);
}

async function fit(reader, world) {
  await reader.see(world.link({ fit: '1' }));
  assert.equal(await grow(reader, 1000.5), '1001px');
  assert.equal(await grow(reader, 5), '100px');
  assert.equal(await grow(reader, 1e9), '20000px');
  for (let height = 1000; height < 1040; height += 1) await grow(reader, height);
  assert.equal(await frameHeight(reader), '1016px'); // twenty changes
  await reader.sigmaSays({ type: 'workbook:selectednodeid:onchange', selectedNodeId: 'x', nodeType: 'page' });
  assert.equal(await grow(reader, 700), '700px');
  await reader.sigmaSays({ type: 'workbook:pageheight:onchange', pageHeight: 'high' });
  assert.equal(await grow(reader, 701), '701px');
}

async function noFit(reader, world) {
  await reader.see(world.link());
  assert.equal(await grow(reader, 1000), '');
}

async function colours(reader, world, scheme) {
  await reader.see(world.link(), { scheme });
  assert.equal(await reader.inEmbed(() => getComputedStyle(document.documentElement).colorScheme), scheme);
}

async function codes(reader, world) {
  const all = ['EACCES', 'EEXIST', 'ENOENT', 'EPERM', 'ESTALE', 'ETIMEDOUT', 'NETWORK', 'UNKNOWN'];
  const texts = new Set();
  for (const code of [...all, 'toString']) {
    world.forget();
    world.fails = code;
    await reader.open(world.link());
    const known = all.includes(code) ? code : 'UNKNOWN';
    const words = await reader.says(new RegExp(`\\. .*Reason: ${known}$`));
    assert.deepEqual(words.buttons, ['Try again', 'Close']);
    texts.add(words.text);
    assert.equal((await reader.hears('workbook:error')).data.code, code);
    await reader.until('the report', () => world.reports.length === 1);
    assert.deepEqual([world.reports[0], world.asked.length], [{ embed: 'revenue', code: known }, 0]);
  }
  assert.equal(texts.size, all.length);
}

async function closeable(reader, world) {
  await reader.see(world.link());
  await reader.sigmaSays({ type: 'workbook:error', code: 'ETIMEDOUT' });
  await reader.says(/did not come in time/);
  await reader.press('Close');
  assert.equal((await reader.words()).text, '');
  assert.deepEqual([world.asked.length, (await reader.frames()).length], [0, 1]);
}

async function paper(reader, world) {
  await reader.page.goto(world.origin + world.link());
  await reader.up(1);
  await reader.sigmaSays({ type: 'workbook:error', code: 'ETIMEDOUT' });
  await reader.says(/did not come in time/);
  await reader.page.emulateMediaType('print');
  const shown = await reader.inEmbed(() =>
    ['[role=status]', 'iframe'].map((which) => getComputedStyle(document.querySelector(which)).display),
  );
  assert.deepEqual(shown, ['none', 'block']);
}
