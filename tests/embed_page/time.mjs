// Renewals and recoveries: the reader notices nothing, and Sigma never sees a URL twice.

import assert from 'node:assert/strict';
import { sleep } from '../shared/wait.mjs';
import { renew } from './messages.mjs';

const LATE_MS = 500;
const LIFE = 3600;

export const time = [
  { name: 'a renewal comes up behind, without a word and without a history entry', run: behind },
  { name: 'ten frames of a page are renewed one after the other', run: spread },
  { name: 'a tab that nobody sees waits, also past the end', run: hidden },
  { name: '"expiry" leaves the frame alone until its end', run: expiry },
  { name: 'the clock of the reader may be wrong by hours', run: wrongClock },
  { name: 'URLs that end at once are not asked for at once', run: shortLife },
  { name: 'a renewal that fails is silent until the end, and is tried again', run: failing },
  { name: 'a renewal that Sigma refuses is not put on show', run: refusedBySigma },
  { name: 'a renewal that never loads is given up; one that loads in silence is not', run: neverUp },
  { name: 'Sigma\'s "expired" near the end is a renewal, of which the host hears nothing', run: hint },
  { name: 'one recovery, then words and the reader\'s own "try again"', run: recovery },
  { name: 'a reload of the inner frame costs one replay and is mended', run: innerReload },
  { name: 'an error while nobody looks is mended when somebody does', run: hiddenError },
  { name: 'a document that never says "loaded" is renewed as well', run: quiet },
  { name: 'a link that leads away in the frame is left alone, with a way back', run: ledAway },
  { name: 'what passes by itself in Sigma is tried for ever, after pauses that grow', run: passing },
  { name: 'a first view without a connection comes by itself', run: firstView },
  { name: 'a document that repeats its error is replaced all the same', run: repeated },
  { name: 'a renewal that was asked for takes away nothing that a link led to', run: ledAwayMeanwhile },
  { name: 'what Sigma refuses at first view is asked again after five minutes', run: refusedAtFirst },
  { name: 'hands that never rest have a renewal, for three URLs at most', run: restless },
  { name: '"expiry" of ten frames is spread', run: spreadExpiry },
  { name: 'the focus stays in Sigma', run: focus },
];

async function behind(reader, world) {
  await reader.see(world.link({ path: '/acme/workbook/slow' }));
  const length = await reader.page.evaluate(() => history.length);
  await reader.advance(LIFE - 30);
  await reader.until('a frame behind', async () => (await reader.frames()).length === 2);
  const [live, next] = await reader.frames();
  assert.deepEqual([live.className, next.className], ['', 'next']);
  assert.notEqual(live.name, next.name);
  assert.equal((await reader.words()).text, '');
  await reader.up(2);
  assert.deepEqual(await reader.frames(), [{ ...next, className: '' }]);
  assert.equal((await reader.words()).text, '');
  assert.equal(await reader.page.evaluate(() => history.length), length);
}

/// In the frame of an embed page: it is ahead by so many seconds, and no time passes by itself.
function setOff(by) {
  stopTime();
  advance(by);
}

async function spread(reader, world) {
  const frames = 10;
  await reader.open(world.link(), { count: frames, height: 60 });
  await reader.until('ten visits', () => world.visits.length === frames);
  // The driver learns of a frame's address later than the server.
  const embeds = await reader.until('ten embed pages', () => {
    const found = reader.page.frames().filter((frame) => frame.url().includes('/sigma/embed/'));
    return found.length === frames && found;
  });
  await Promise.all(embeds.map((frame) => frame.evaluate(setOff, LIFE - 125)));
  const inEachStep = [];
  for (let step = 0; step < 14; step += 1) {
    const before = world.asked.length;
    await Promise.all(embeds.map((frame) => frame.evaluate(() => advance(5))));
    await sleep(LATE_MS);
    inEachStep.push(world.asked.length - before);
  }
  await reader.until('twenty visits', () => world.visits.length === 2 * frames);
  assert.equal(world.asked.length, frames);
  assert.equal(world.replays, 0);
  assert.ok(inEachStep.filter(Boolean).length >= 4 && Math.max(...inEachStep) <= 6, inEachStep.join(' '));
  return `in steps of 5 s: ${inEachStep.join(' ')}`;
}

async function hidden(reader, world) {
  await reader.see(world.link());
  await reader.look(false);
  await reader.advance(LIFE - 30);
  await sleep(LATE_MS);
  await reader.advance(LIFE);
  await sleep(LATE_MS);
  assert.equal(world.asked.length, 0);
  await reader.look(true);
  await reader.up(2);
}

async function expiry(reader, world) {
  await reader.see(world.link({ renew: 'expiry' }));
  await reader.advance(LIFE - 5);
  await sleep(LATE_MS);
  assert.equal(world.asked.length, 0);
  await reader.advance(10);
  await reader.up(2);
}

async function wrongClock(reader, world) {
  for (const skew of [-7200, 7200]) {
    world.forget();
    world.clockSkewSeconds = skew;
    await reader.see(world.link());
    await reader.advance(LIFE - 150);
    await sleep(LATE_MS);
    assert.equal(world.asked.length, 0);
    await reader.advance(120);
    await reader.up(2);
    await reader.advance(LIFE - 150);
    await sleep(LATE_MS);
    assert.equal(world.asked.length, 1);
    await reader.advance(120);
    await reader.up(3);
  }
}

async function shortLife(reader, world) {
  await reader.see(world.link({ life: '-5' }));
  await sleep(2 * LATE_MS);
  assert.equal(world.asked.length, 0);
}

async function failing(reader, world) {
  world.answers = ['unreachable'];
  await reader.see(world.link());
  await reader.advance(LIFE - 50);
  await reader.until('a first try', () => world.asked.length === 1);
  await sleep(LATE_MS);
  assert.equal(world.asked.length, 1);
  await reader.advance(5);
  await reader.until('a second try', () => world.asked.length === 2);
  assert.equal((await reader.words()).text, '');
  await reader.advance(60);
  await reader.says(/sign-in service does not answer.*provider_unreachable/);
  world.answers = ['minted'];
  await reader.advance(150);
  await reader.up(2);
  assert.equal((await reader.words()).text, '');
}

async function refusedBySigma(reader, world) {
  await reader.see(world.link());
  world.fails = 'EACCES';
  await reader.advance(LIFE - 50);
  await reader.until('a refusal', () => world.reports.length === 1);
  assert.deepEqual(world.reports[0], { embed: 'revenue', code: 'EACCES' });
  await reader.until('one frame', async () => (await reader.frames()).length === 1);
  assert.equal((await reader.words()).text, '');
  assert.equal((await reader.heard()).length, 1); // "loaded", of the first
  await reader.advance(20);
  assert.equal(world.asked.length, 1);
  world.fails = '';
  await reader.advance(40);
  await reader.up(3);
}

async function neverUp(reader, world) {
  await reader.see(world.link());
  world.path = '/acme/workbook/silent';
  await reader.advance(LIFE - 10);
  await reader.until('a frame behind', async () => (await reader.frames()).length === 2);
  await reader.advance(61);
  await reader.says(/could not be renewed/);
  const [first, ...others] = await reader.frames();
  assert.deepEqual(others, []);
  world.path = '/acme/workbook/quiet';
  await reader.press('Try again');
  await reader.until('a frame behind', async () => (await reader.frames()).length === 2);
  await sleep(LATE_MS);
  await reader.advance(61);
  await reader.up(3);
  assert.notEqual((await reader.frames())[0].name, first.name);
}

async function hint(reader, world) {
  await reader.see(world.link({ renew: 'expiry' }));
  await reader.advance(LIFE + 1);
  await reader.sigmaSays({ type: 'workbook:error', code: 'EINVAL' }).catch(() => {});
  await reader.up(2);
  const heard = (await reader.heard()).map(({ data }) => data.type);
  assert.deepEqual(heard, ['workbook:loaded', 'workbook:loaded']);
}

async function recovery(reader, world) {
  await reader.see(world.link());
  await reader.sigmaSays({ type: 'workbook:error', code: 'EINVAL' });
  await reader.up(2);
  await reader.sigmaSays({ type: 'workbook:error', code: 'EINVAL' });
  const words = await reader.says(/its time is over.*EINVAL/);
  assert.deepEqual(words.buttons, ['Try again', 'Close']);
  await sleep(LATE_MS);
  assert.equal(world.asked.length, 1);
  const errors = (await reader.heard()).filter(({ data }) => data.type === 'workbook:error');
  assert.equal(errors.length, 1);
  await reader.press('Try again');
  await reader.up(3);
  await reader.advance(301);
  await reader.sigmaSays({ type: 'workbook:error', code: 'EINVAL' });
  await reader.up(4);
  assert.deepEqual(new Set(world.reports.map(({ code }) => code)), new Set(['EINVAL']));
}

async function innerReload(reader, world) {
  await reader.see(world.link());
  await reader.inSigma(() => void setTimeout(() => location.reload()));
  await reader.until('a second visit', () => world.visits.length === 2);
  assert.equal(world.replays, 1);
  world.replays = 0;
  await reader.up(2);
}

async function hiddenError(reader, world) {
  await reader.see(world.link());
  await reader.look(false);
  await reader.sigmaSays({ type: 'workbook:error', code: 'EINVAL' });
  await sleep(LATE_MS);
  assert.equal(world.asked.length, 0);
  await reader.look(true);
  await reader.up(2);
}

async function quiet(reader, world) {
  await reader.see(world.link({ path: '/acme/ask/quiet' }));
  const before = (await reader.words()).text;
  await reader.advance(21);
  const words = await reader.says(/Nothing to see here yet/);
  assert.deepEqual([before, words.buttons], ['', ['Try again', 'Close']]);
  const [href, target] = words.links['Open it in a tab'];
  assert.deepEqual([new URL(href).pathname, target], ['/sigma/embed/revenue', '_blank']);
  await reader.press('Close');
  assert.equal((await reader.words()).text, '');
  await renew(reader);
}

async function ledAway(reader, world) {
  await reader.see(world.link());
  await reader.advance(10);
  await reader.inSigma((to) => void setTimeout(() => location.assign(to)), `${world.stranger}/page`);
  const isThere = () => reader.page.frames().some((frame) => frame.url().startsWith(world.stranger));
  await reader.until('the stranger', isThere);
  await sleep(LATE_MS);
  for (const seconds of [21, LIFE, 301]) {
    await reader.advance(seconds);
    await sleep(LATE_MS);
  }
  const words = await reader.says(/no longer/);
  assert.deepEqual(words.buttons, ['Back to the dashboard', 'Close']);
  assert.deepEqual([isThere(), world.asked.length, (await reader.frames()).length], [true, 0, 1]);
  await reader.press('Back to the dashboard');
  await reader.up(2);
  assert.equal((await reader.words()).text, '');
}

async function passing(reader, world) {
  await reader.see(world.link());
  world.fails = 'ETIMEDOUT';
  await reader.advance(LIFE - 50);
  await reader.until('a refusal', () => world.reports.length === 1);
  assert.equal((await reader.words()).text, '');
  await reader.advance(60);
  await reader.says(/did not come in time/);
  for (let step = 0; step < 4; step += 1) {
    const before = world.visits.length;
    await reader.advance(301);
    await reader.until('another try', () => world.visits.length > before);
    await sleep(LATE_MS);
  }
  assert.ok(world.visits.length <= 9, `${world.visits.length} visits`);
  world.fails = '';
  const before = world.visits.length;
  await reader.advance(301);
  await reader.up(before + 1);
  assert.equal((await reader.words()).text, '');
}

async function firstView(reader, world) {
  world.fails = 'NETWORK';
  await reader.open(world.link());
  await reader.says(/lost its connection/);
  for (let step = 0; step < 12; step += 1) {
    await reader.advance(10);
    await sleep(LATE_MS / 2);
  }
  assert.ok(world.asked.length >= 3 && world.asked.length <= 7, `${world.asked.length} asked in two minutes`);
  world.fails = '';
  const before = world.visits.length;
  await reader.advance(301);
  await reader.up(before + 1);
  assert.equal((await reader.words()).text, '');
}

async function repeated(reader, world) {
  world.fails = 'NETWORK';
  await reader.open(world.link());
  await reader.says(/lost its connection/);
  world.fails = '';
  for (let step = 0; step < 8; step += 1) {
    await reader.sigmaSays({ type: 'workbook:error', code: 'NETWORK' });
    await sleep(50);
  }
  await reader.advance(5);
  await reader.up(2);
}

async function ledAwayMeanwhile(reader, world) {
  await reader.see(world.link());
  world.answers = ['mintedLate'];
  await reader.advance(LIFE - 50);
  await reader.until('a renewal', () => world.asked.length === 1);
  await reader.inSigma((to) => void setTimeout(() => location.assign(to)), `${world.stranger}/page`);
  await sleep(2500);
  assert.equal((await reader.frames()).length, 1);
  assert.ok(reader.page.frames().some((frame) => frame.url().startsWith(world.stranger)));
}

async function refusedAtFirst(reader, world) {
  world.fails = 'EACCES';
  await reader.open(world.link());
  await reader.says(/not shared with you/);
  await reader.advance(290);
  await sleep(LATE_MS);
  assert.equal(world.asked.length, 0);
  world.fails = '';
  await reader.advance(165);
  await reader.up(2);
}

async function restless(reader, world) {
  await reader.see(world.link({ path: '/acme/workbook/slow' }));
  await reader.advance(LIFE - 130);
  for (let step = 1; step <= 34; step += 1) {
    const live = reader.page.frames().find((frame) => frame.url().startsWith(world.sigma));
    const message = { type: 'workbook:variables:onchange', workbook: { variables: { Region: `v${step}` } } };
    await live?.evaluate((one) => say(one), message).catch(() => {});
    await sleep(150);
    await reader.advance(3);
  }
  await reader.until('a renewal', () => world.visits.length >= 2);
  await reader.until('Sigma to be up', () => reader.inSigma(() => window.isDone));
  await reader.until('one frame', async () => (await reader.frames()).length === 1);
  assert.ok(world.asked.length <= 3, `${world.asked.length} asked`);
  assert.equal((await reader.words()).text, '');
}

async function spreadExpiry(reader, world) {
  const frames = 10;
  await reader.open(world.link({ renew: 'expiry' }), { count: frames, height: 60 });
  await reader.until('ten visits', () => world.visits.length === frames);
  const embeds = await reader.until('ten embed pages', () => {
    const found = reader.page.frames().filter((frame) => frame.url().includes('/sigma/embed/'));
    return found.length === frames && found;
  });
  await Promise.all(embeds.map((frame) => frame.evaluate(setOff, LIFE - 3)));
  const inEachStep = [];
  for (let step = 0; step < 18; step += 1) {
    const before = world.asked.length;
    await Promise.all(embeds.map((frame) => frame.evaluate(() => advance(0.5))));
    await sleep(LATE_MS);
    inEachStep.push(world.asked.length - before);
  }
  await reader.until('twenty visits', () => world.visits.length === 2 * frames);
  assert.ok(inEachStep.filter(Boolean).length >= 3, inEachStep.join(' '));
  return `in steps of 0.5 s: ${inEachStep.join(' ')}`;
}

async function focus(reader, world) {
  await reader.see(world.link());
  await reader.inEmbed(() => document.querySelector('iframe').focus());
  await renew(reader);
  const active = await reader.inEmbed(() => document.activeElement === document.querySelector('iframe'));
  assert.ok(active);
}
