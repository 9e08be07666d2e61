// Heads as large as the gateway makes them: a session that is full of groups, and sign-ins that were begun in several
// tabs at once. A proxy whose buffers are smaller answers for the gateway, and no log line of the gateway's says so.

import assert from 'node:assert/strict';
import { NAVIGATION } from './client.mjs';
import { Browser, MANY, SITE } from './world.mjs';

const TABS = 5;
/// Nearly the longest address that is carried through a sign-in as it is.
const LONG = `/crm/report?filter=${'x'.repeat(1900)}`;

/// Somebody whose groups fill the session signs in, and is told of.
async function signsInWithManyGroups(world) {
  const browser = new Browser(world, 'many');
  const { answer, url } = await browser.signIn('/crm/');
  assert.deepEqual([answer.status, url], [200, `${SITE}/crm/`], `at ${url}`);
  const told = world.application.seen.at(-1).lines.find(([name]) => /^x-forwarded-groups$/i.test(name))?.[1];
  assert.ok(told?.split(',').length > MANY.groups.length / 2, `told of ${told}`);
  return `a cookie line of ${browser.cookies[0].length} bytes`;
}

/// A browser that opens its tabs again after a night: each begins a sign-in.
async function signsInInSeveralTabs(world) {
  const browser = new Browser(world, 'many');
  for (let tab = 0; tab < TABS; tab += 1) {
    const { status } = await browser.ask(`${LONG}&tab=${tab}`, NAVIGATION);
    assert.ok([302, 303].includes(status), `tab ${tab}: ${status}`);
    // With forward-auth the proxy leads to the gateway's own sign-in, which makes the cookie.
    if (world.recipe.isForwardAuth) await browser.ask(`/oauth2/start?rd=${encodeURIComponent(LONG)}${tab}`);
  }
  const size = browser.cookies[0].length;
  const { answer, url } = await browser.signIn('/crm/');
  assert.deepEqual([answer.status, url], [200, `${SITE}/crm/`], `at ${url}`);
  return `a cookie line of ${size} bytes`;
}

export const SIZES = {
  'a session full of groups': signsInWithManyGroups,
  'sign-ins begun in several tabs': signsInInSeveralTabs,
};
