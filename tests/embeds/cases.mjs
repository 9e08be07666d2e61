// Cases: each is a sentence and a visit by a reader of its own, who is signed in as Ana.

import { within } from '../shared/wait.mjs';
import { formCases } from './forms.mjs';
import { frameCases } from './frames.mjs';
import { personCases } from './persons.mjs';
import { policyCases } from './policies.mjs';
import { strangerCases } from './strangers.mjs';
import { unaskedCases } from './unasked.mjs';
import { workerCases } from './workers.mjs';
import { Reader } from './reader.mjs';

const CASE_SECONDS = 90;

/// Every part beside the matrix.
export const PARTS = {
  policies: policyCases,
  forms: formCases,
  workers: workerCases,
  persons: personCases,
  unasked: unaskedCases,
  strangers: strangerCases,
  frames: frameCases,
};

/// `run` throws where its sentence does not hold; `only` names a browser that alone can do it; `isQuick` is for CI;
/// `isApart` is for one that would change what others find in the same browser context.
export async function runCases({ part, reader, browser, browserName, setting, isQuick, only, told }) {
  const chosen = PARTS[part]().filter((one) => (one.only ?? browserName) === browserName);
  for (const one of chosen) {
    if ((isQuick && !one.isQuick) || !one.name.includes(only)) continue;
    told(one.name, one.isApart ? await apart(one, browser, setting) : await together(one, reader));
  }
}

/// In a tab of its own.
async function together(one, reader) {
  await reader.takeTab();
  return oneCase(one, reader);
}

async function apart(one, browser, setting) {
  const reader = await Reader.arrive(browser, setting);
  try {
    await reader.signIn('ana');
    return await oneCase(one, reader);
  } catch (error) {
    return { replays: 0, problem: error.message };
  } finally {
    await reader.leave();
  }
}

async function oneCase({ run }, reader) {
  const { sigma } = reader.setting;
  const mark = sigma.mark();
  try {
    await within(CASE_SECONDS, 'the case', run(reader, reader.setting));
    return { replays: sigma.replaysSince(mark), problem: '' };
  } catch (error) {
    return { replays: sigma.replaysSince(mark), problem: error.message.slice(0, 600) };
  }
}

/// Waits until the embed is on show for this person after `act`; nothing may be used twice on the way.
export async function showsAfter(reader, act, { person = 'ana', count = 1 } = {}) {
  const { sigma } = reader.setting;
  const mark = sigma.mark();
  await act();
  const shown = await sigma.shows(mark, count).catch((error) => {
    throw new Error(`${error.message}; ${reader.describe()}`);
  });
  const others = shown.filter((one) => one.person !== `${person}@example.com`);
  if (others.length > 0) throw new Error(`it shows what is ${others[0].person}'s; ${reader.describe()}`);
}

/// Throws where the gateway has signed a URL, or Sigma has opened one, during `act`.
export async function mintsNothing(setting, act) {
  const { sigma } = setting;
  const [mark, before] = [sigma.mark(), await setting.minted()];
  const given = await act();
  await sigma.quiet(400);
  const count = (await setting.minted()) - before;
  const opened = sigma.openedSince(mark).length;
  if (count > 0 || opened > 0) throw new Error(`${count} URLs were signed, ${opened} opened, and nobody had asked`);
  return given;
}
