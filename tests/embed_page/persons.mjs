// Who looks may be another than before: after Back from a sign-out, or in a tab that nobody saw meanwhile. The first
// person's view is not for them.

import assert from 'node:assert/strict';
import { sleep } from '../shared/wait.mjs';

const LATE_MS = 500;

export const persons = [
  { name: 'a page that comes back shows nothing before it is known for whom', run: outOfSight },
  { name: 'a page that comes back for the same person is as it was', run: samePerson },
  ...['signedOut', 'slow'].map((who) => ({
    name: `a page that comes back for nobody (${who}) has words, and no view`,
    run: (reader, world) => nobody(reader, world, who),
  })),
  ...['dead', 'badGateway', 'redirect', 'html'].map((who) => ({
    name: `a page that comes back, with ${who} for an answer, asks for a URL of whoever is there`,
    run: (reader, world) => noAnswer(reader, world, who),
  })),
  { name: 'a page that comes back for another person has theirs', run: otherPerson },
  { name: 'a URL that was asked for before is not put on show after', run: overtaken },
  { name: 'a tab that is seen again asks once a minute at most, and does not flicker', run: seenAgain },
  { name: 'a tab that is seen again by another person has theirs', run: seenByAnother },
  { name: 'a tab that is seen again without a connection stays as it is, and asks again', run: seenWithout },
];

const leave = (reader) => reader.inEmbed(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
const comeBack = (reader) =>
  reader.inEmbed(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
const isSeen = (reader) =>
  reader.inEmbed(() =>
    [...document.querySelectorAll('iframe')].some((frame) => {
      const { visibility, opacity, display } = getComputedStyle(frame);
      return visibility === 'visible' && opacity === '1' && display !== 'none';
    }),
  );

async function outOfSight(reader, world) {
  await reader.see(world.link());
  assert.equal(await isSeen(reader), true);
  await leave(reader);
  assert.equal(await isSeen(reader), false);
  world.whoIs = 'slow';
  await comeBack(reader);
  assert.equal(await isSeen(reader), false);
  assert.equal((await reader.frames()).length, 1);
}

async function samePerson(reader, world) {
  await reader.see(world.link());
  const [before] = await reader.frames();
  await leave(reader);
  await comeBack(reader);
  await reader.until('the view', () => isSeen(reader));
  assert.deepEqual(await reader.frames(), [before]);
  assert.deepEqual([world.whoAsked, world.asked.length, (await reader.words()).text], [1, 0, '']);
}

async function nobody(reader, world, who) {
  await reader.see(world.link());
  Object.assign(world, { whoIs: who, answers: ['signedOut'] });
  await comeBack(reader);
  const { links } = await reader.says(/not signed in/);
  assert.ok(links['Sign in']);
  assert.deepEqual(await reader.frames(), []);
  // Another has signed in, in another tab.
  Object.assign(world, { whoIs: '', answers: ['minted'], person: 'ben@example.com' });
  await reader.advance(301);
  await reader.look(false);
  await reader.look(true);
  await reader.up(2);
  assert.equal(await isSeen(reader), true);
}

async function noAnswer(reader, world, who) {
  await reader.see(world.link());
  Object.assign(world, { whoIs: who, answers: ['unreachable', 'minted'] });
  await comeBack(reader);
  await reader.says(/does not answer/);
  assert.deepEqual(await reader.frames(), []);
  await reader.press('Try again');
  await reader.up(2);
  assert.equal(await isSeen(reader), true);
}

async function otherPerson(reader, world) {
  await reader.see(world.link());
  world.person = 'ben@example.com';
  await comeBack(reader);
  await reader.up(2);
  assert.equal(await isSeen(reader), true);
}

async function overtaken(reader, world) {
  await reader.see(world.link());
  world.answers = ['mintedLate'];
  await reader.advance(3590);
  await reader.until('a renewal', () => world.asked.length === 1);
  Object.assign(world, { person: 'ben@example.com', answers: ['minted'] });
  await comeBack(reader);
  await reader.until('another URL', () => world.asked.length === 2);
  await reader.up(2);
  assert.match(Buffer.from(/:jwt=[^.]*\.([^.]*)/.exec(world.visits[1].url)[1], 'base64url').toString(), /ben@/);
}

async function seenAgain(reader, world) {
  await reader.see(world.link());
  await reader.advance(61);
  for (let turn = 0; turn < 3; turn += 1) {
    await reader.look(false);
    await reader.look(true);
    assert.equal(await isSeen(reader), true);
    await sleep(LATE_MS);
  }
  await reader.until('a question', () => world.whoAsked === 1);
  await reader.advance(61);
  await reader.until('the other question', () => world.whoAsked === 2);
  await reader.advance(61);
  await sleep(LATE_MS);
  assert.deepEqual([world.whoAsked, world.asked.length], [2, 0]);
}

async function seenByAnother(reader, world) {
  await reader.see(world.link());
  await reader.advance(61);
  world.person = 'ben@example.com';
  await reader.look(false);
  await reader.look(true);
  await reader.up(2);
}

async function seenWithout(reader, world) {
  await reader.see(world.link());
  await reader.advance(61);
  world.whoIs = 'dead';
  await reader.look(false);
  await reader.look(true);
  await reader.until('a question', () => world.whoAsked > 0);
  await sleep(LATE_MS);
  assert.deepEqual([await isSeen(reader), (await reader.frames()).length, world.asked.length], [true, 1, 0]);
  Object.assign(world, { whoIs: 'signedOut', answers: ['signedOut'] });
  await reader.advance(61);
  await reader.says(/not signed in/);
  assert.deepEqual(await reader.frames(), []);
}
