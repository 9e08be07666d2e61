// Answers of the API, and of what may stand in front of it: each has its words and a way on.

import assert from 'node:assert/strict';
import { sleep } from '../shared/wait.mjs';

const LATE_MS = 500;
const BARE = { bare: '1' };

export const answers = [
  { name: 'a page without a URL asks by POST, once, and shows what it gets', run: bare },
  { name: 'who is signed out signs in, and comes back to the page around the frame', run: signedOut },
  { name: "signing in starts from the host's page where a portal of another origin is around it", run: portal },
  { name: 'the way back holds what stands behind "#"', run: hash },
  { name: 'signing in at top level comes back to the link', run: topLevel },
  { name: 'a refusal that comes with the page is said, and mended once the reader has signed in', run: refusal },
  ...[
    ['notMapped', /None of the rules .* Reason: not_mapped/, ['Try again'], []],
    ['unknown', /no dashboard of this name.* Reason: embed_unknown/, ['Try again'], []],
    ['unreachable', /sign-in service does not answer/, ['Try again'], []],
    ['badGateway', /cannot be asked for just now.* Reason: 502/, ['Try again'], []],
    ['redirect', /may have been signed out/, ['Try again'], ['Load the page again']],
    ['html', /may have been signed out/, ['Try again'], ['Load the page again']],
    ['dead', /No answer/, ['Try again'], []],
  ].map(([answer, ...expected]) => ({
    name: `${answer} is said in words, and "try again" tries again`,
    run: (reader, world) => said(reader, world, answer, expected),
  })),
  { name: 'a URL of another origin is not framed', run: foreign },
  ...['unknown', 'unreachable', 'badGateway', 'tooMany', 'cut', 'dead'].map((answer) => ({
    name: `${answer} passes by itself, after pauses that grow`,
    run: (reader, world) => passes(reader, world, answer),
  })),
  ...['notMapped', 'signedOut', 'redirect', 'html'].map((answer) => ({
    name: `${answer} is asked again after five minutes, not before`,
    run: (reader, world) => noLoop(reader, world, answer),
  })),
];

async function bare(reader, world) {
  await reader.see(world.link(BARE));
  assert.deepEqual(
    world.asked.map(({ at, ...rest }) => rest),
    [{ method: 'POST', with: 'XMLHttpRequest' }],
  );
}

async function said(reader, world, answer, [pattern, buttons, links]) {
  world.answers = [answer];
  await reader.open(world.link(BARE));
  const words = await reader.says(pattern);
  assert.deepEqual([words.buttons, Object.keys(words.links)], [buttons, links]);
  for (const [href, target] of Object.values(words.links)) {
    assert.deepEqual([new URL(href).href, target], [reader.page.url(), '_top']);
  }
  assert.equal(world.visits.length, 0);
  world.answers = ['minted'];
  await reader.press('Try again');
  await reader.up(1);
  assert.equal((await reader.words()).text, '');
}

async function signedOut(reader, world) {
  world.answers = ['signedOut'];
  await reader.open(world.link(BARE), { q: 'a b' });
  await signsIn(reader, reader.page.url());
  await reader.inEmbed(() => document.querySelector('[role=status] a').click());
  await reader.until('the sign-in', () => reader.page.url().includes('/oauth2/start'));
}

async function signsIn(reader, back) {
  const { links } = await reader.says(/not signed in/);
  const [href, target] = links['Sign in'];
  const { pathname, searchParams } = new URL(href);
  const { pathname: path, search } = new URL(back);
  assert.deepEqual([pathname, searchParams.get('rd'), target], ['/oauth2/start', path + search, '_top']);
}

async function hash(reader, world) {
  world.answers = ['signedOut', 'html'];
  await reader.page.goto(`${world.origin}/page?${new URLSearchParams({ frame: world.link(BARE) })}#/reports/7`);
  const { links } = await reader.says(/not signed in/);
  assert.match(new URL(links['Sign in'][0]).searchParams.get('rd'), /^\/page\?.*#\/reports\/7$/);
  await reader.advance(455);
  await reader.says(/may have been signed out/);
  world.answers = ['minted'];
  await reader.inEmbed(() => document.querySelector('[role=status] a').click());
  await reader.up(1);
  assert.equal(new URL(reader.page.url()).hash, '#/reports/7');
}

async function portal(reader, world) {
  world.answers = ['signedOut'];
  const host = `${world.origin}/page?${new URLSearchParams({ frame: world.link(BARE) })}`;
  await reader.page.goto(`${world.stranger}/page?${new URLSearchParams({ frame: host })}`);
  await signsIn(reader, host);
}

async function topLevel(reader, world) {
  world.answers = ['signedOut'];
  await reader.page.goto(world.origin + world.link(BARE));
  await signsIn(reader, world.origin + world.link(BARE));
}

async function refusal(reader, world) {
  await reader.open(world.link({ bare: '1', refused: '1' }));
  await signsIn(reader, reader.page.url());
  assert.equal(world.asked.length, 0);
  await reader.look(false);
  await reader.look(true);
  await reader.up(1);
}

async function foreign(reader, world) {
  world.answers = ['foreign'];
  await reader.open(world.link(BARE));
  await reader.says(/wrong address/);
  assert.deepEqual(await reader.frames(), []);
}

async function passes(reader, world, answer) {
  world.answers = [answer];
  await reader.open(world.link(BARE));
  await reader.says(/./);
  for (let step = 0; step < 12; step += 1) {
    await reader.advance(10);
    await sleep(LATE_MS / 2);
  }
  // A browser asks by itself once more where a connection has ended.
  const most = answer === 'dead' ? 14 : 7;
  assert.ok(world.asked.length >= 4 && world.asked.length <= most, `${world.asked.length} asked in two minutes`);
  for (let step = 0; step < 3; step += 1) {
    const before = world.asked.length;
    await reader.advance(301);
    await reader.until('another try', () => world.asked.length > before);
    await sleep(LATE_MS);
  }
  world.answers = ['minted'];
  await reader.advance(301);
  await reader.up(1);
  assert.equal((await reader.words()).text, '');
}

async function noLoop(reader, world, answer) {
  world.answers = [answer];
  await reader.open(world.link(BARE));
  await reader.until('a question', () => world.asked.length === 1);
  await reader.says(/signed|not_mapped/);
  await reader.advance(290);
  await sleep(LATE_MS);
  assert.equal(world.asked.length, 1);
  world.answers = ['minted'];
  await reader.advance(165);
  await reader.up(1);
  assert.equal(world.asked.length, 2);
}
