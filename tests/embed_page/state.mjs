// What the reader did lives on: exploration, bookmark, controls and page, and for nobody else.

import assert from 'node:assert/strict';
import { sleep } from '../shared/wait.mjs';
import { renew } from './messages.mjs';

const EXPLORED = { type: 'workbook:exploreKey:onchange', exploreKey: 'a b&c' };
const MARKED = { type: 'workbook:bookmark:onchange', bookmarkId: 'b-1', bookmarkName: 'Mine' };
const variables = (changes) => ({
  type: 'workbook:variables:onchange',
  workbook: { variables: { Region: 'EMEA', Year: '2026', ...changes } },
});

export const state = [
  { name: 'exploration and controls are in the next URL, each once, as Sigma writes them', run: carried },
  { name: 'a bookmark replaces an exploration; what is deleted is gone', run: bookmark },
  { name: 'the page of the workbook is turned to again', run: pageOfWorkbook },
  { name: 'another workbook in the frame has nothing of the first', run: otherWorkbook },
  { name: 'they outlive Back', run: history },
  { name: 'another person starts anew', run: otherPerson },
  { name: 'an editor gets no controls', run: editor },
  { name: "no parameter of Sigma's own comes in as a control, and no flood", run: hostile },
  { name: 'a change while a renewal comes up is in the one that is shown', run: changeMeanwhile },
  { name: 'what Sigma refuses is left out of the recovery', run: refusedState },
];

const lastQuery = (world) => world.visits.at(-1).url.split('?')[1].split('&').slice(1);

async function kept(reader) {
  return reader.inEmbed(() => window.history.state?.sigma ?? null);
}

async function says(reader, ...messages) {
  for (const message of messages) {
    await reader.sigmaSays(message);
    await reader.until('the host to hear it', async () => {
      const last = (await reader.heard()).at(-1);
      return JSON.stringify(last.data) === JSON.stringify(message);
    });
  }
}

async function carried(reader, world) {
  await reader.see(world.link({ controls: 'Region=AMER&Fixed=1' }));
  await says(reader, EXPLORED, variables({ Region: 'EMEA,AP AC', Range: 'min:1,max:9' }));
  await renew(reader);
  assert.deepEqual(lastQuery(world), [
    ':embed=true',
    'Fixed=1',
    ':explore=a%20b%26c',
    'Region=EMEA,AP%20AC',
    'Range=min:1,max:9',
  ]);
}

async function bookmark(reader, world) {
  await reader.see(world.link());
  await says(reader, EXPLORED, MARKED);
  await renew(reader);
  assert.deepEqual(lastQuery(world), [':embed=true', ':bookmark=b-1']);
  await says(reader, EXPLORED, { type: 'workbook:exploreKey:onchange', exploreKey: null });
  await renew(reader);
  assert.deepEqual(lastQuery(world), [':embed=true', ':bookmark=b-1']);
  await says(reader, { type: 'workbook:bookmark:ondelete', bookmarkId: 'b-1' });
  await renew(reader);
  assert.deepEqual(lastQuery(world), [':embed=true']);
}

async function pageOfWorkbook(reader, world) {
  await reader.see(world.link());
  await says(reader, { type: 'workbook:selectednodeid:onchange', selectedNodeId: 'GHs4vJQxig', nodeType: 'page' });
  await renew(reader);
  const heard = await reader.until('Sigma to hear it', async () => (await reader.sigmaHeard())[0]);
  const wanted = { type: 'workbook:selectednodeid:update', selectedNodeId: 'GHs4vJQxig', nodeType: 'page' };
  assert.deepEqual(heard.data, wanted);
}

async function otherWorkbook(reader, world) {
  await reader.see(world.link());
  await says(reader, EXPLORED, MARKED, variables({ Region: 'X' }), { type: 'workbook:id:onchange', id: 'other' });
  await renew(reader);
  assert.deepEqual(lastQuery(world), [':embed=true']);
}

// (A reload of the host's page makes new history entries for its frames, in both browsers.)
async function history(reader, world) {
  await reader.see(world.link());
  await says(reader, EXPLORED);
  await leaveAndComeBack(reader, world);
  await reader.up(2);
  assert.deepEqual(lastQuery(world), [':embed=true', ':explore=a%20b%26c']);
}

async function leaveAndComeBack(reader, world) {
  await reader.page.goto(`${world.origin}/elsewhere`);
  await reader.page.evaluate(() => void setTimeout(() => window.history.back()));
}

async function otherPerson(reader, world) {
  await reader.see(world.link());
  await says(reader, EXPLORED);
  world.person = 'ben@example.com';
  await renew(reader);
  assert.deepEqual(lastQuery(world), [':embed=true']);
  assert.notEqual((await kept(reader))?.explore, EXPLORED.exploreKey);
}

async function editor(reader, world) {
  await reader.see(world.link({ path: '/acme/workbook/28xgywpg21TkRWtz3jVRCe/edit' }));
  await says(reader, variables({ Region: 'X' }));
  await renew(reader);
  assert.deepEqual(lastQuery(world), [':embed=true']);
}

async function hostile(reader, world) {
  await reader.see(world.link());
  await says(reader, variables({ ':jwt': 'x', ':embed': 'false', 'a&:jwt': 'y', Number: 7 }));
  await says(reader, variables({ Region: 'x'.repeat(5000) }));
  await renew(reader);
  assert.deepEqual(lastQuery(world), [':embed=true', 'a%26:jwt=y']);
}

async function changeMeanwhile(reader, world) {
  await reader.see(world.link({ path: '/acme/workbook/slow' }));
  await reader.advance(3545);
  await reader.until('a frame behind', async () => (await reader.frames()).length === 2);
  const live = reader.page.frames().find((frame) => frame.url().startsWith(world.sigma));
  await live.evaluate((message) => say(message), EXPLORED);
  await reader.until('the first to be dropped', async () => (await reader.frames()).length === 1);
  await sleep(300);
  assert.equal(world.asked.length, 1);
  await reader.advance(6);
  await reader.up(3);
  assert.deepEqual(lastQuery(world), [':embed=true', ':explore=a%20b%26c']);
}

async function refusedState(reader, world) {
  await reader.see(world.link());
  await says(reader, MARKED);
  Object.assign(world, { fails: 'ENOENT', failsOnce: true });
  await leaveAndComeBack(reader, world);
  await reader.until('the recovery', () => world.visits.length === 3);
  assert.match(world.visits[1].url, /&:bookmark=b-1$/);
  await reader.up(3);
  assert.deepEqual(lastQuery(world), [':embed=true']);
  assert.deepEqual(
    (await reader.heard()).map(({ data }) => data.type),
    ['workbook:loaded'],
  );
}
