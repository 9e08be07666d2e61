// The matrix: every way, every action, every kind of host page. One observation is one action in one cell.

import { ACTIONS, refill } from './actions.mjs';
import { WAYS } from './ways.mjs';
import { within } from '../shared/wait.mjs';

const ACTION_SECONDS = 45;
/// A page with an `unload` listener is never kept in the back/forward cache.
const QUERIES = { '': '', unload: '?unload' };

/// Goes through every cell with one reader, and tells what was seen. `actions` names some of those that are known.
export async function runMatrix({ reader, ways = WAYS, known = ACTIONS, hosts, actions, only = '', random, told }) {
  const chosen = ways.filter(({ name }) => name.includes(only));
  for (const cell of cellsOf(chosen, hosts, random)) await oneCell({ ...cell, reader }, known, actions, told);
}

/// In an order of `random`'s choice: no cell may need another.
export function cellsOf(ways, hosts, random) {
  return hosts.flatMap((host) =>
    shuffled(ways, random).map((way) => ({ way, host, query: QUERIES[host] ?? `?host=${host}` })),
  );
}

async function oneCell(cell, known, names, told) {
  const { reader, way, host } = cell;
  const seen = [];
  // A tab remembers fifty steps, so each cell has its own.
  await reader.takeTab();
  let isShown = false;
  for (const action of known.filter(({ name, isOf }) => names.includes(name) && (isOf?.(cell) ?? true))) {
    if (!isShown && action.name !== 'first') {
      await reader.takeTab();
      isShown = (await observe(cell, known[0])).problem === '';
    }
    const observation = isShown || action.name === 'first' ? await observe(cell, action) : NOT_SHOWN;
    isShown = observation.problem === '' && !(observation.skipped && action.name === 'back in frame');
    seen.push({ way: way.name, host, action: action.name, ...observation });
    if (!isShown && action.name === 'first' && observation.replays === 0) break;
  }
  if (seen.length > 0) told(seen);
}

const NOT_SHOWN = { replays: 0, problem: 'the page before it was not shown' };

/// One action, and what came of it: `{ replays, problem, skipped }`.
export async function observe(cell, action) {
  const { reader, way } = cell;
  const { sigma } = reader.setting;
  let mark = sigma.mark();
  try {
    const given = await within(ACTION_SECONDS, action.name, action.do({ ...cell, mark }));
    if (given?.skipped) return { replays: 0, problem: '', skipped: given.skipped };
    const start = mark;
    mark = given?.mark ?? mark;
    if (action.name !== 'first') await refill(cell, mark);
    await sigma.shows(mark, given?.count ?? way.frames);
    mustHideTokens(reader);
    if (given?.afterwards) {
      given.afterwards();
      await reader.closeOthers();
    }
    return { replays: sigma.replaysSince(start), problem: '' };
  } catch (error) {
    return { replays: sigma.replaysSince(mark), problem: `${error.message.split('\n')[0]}; ${reader.describe()}` };
  }
}

/// A signed URL has no place in the address bar.
function mustHideTokens(reader) {
  if (reader.page.url().includes('jwt=')) throw new Error('a signed URL is in the address bar');
}

function shuffled(all, random) {
  const keyed = all.map((one) => ({ one, key: random() }));
  return keyed.sort((left, right) => left.key - right.key).map(({ one }) => one);
}
