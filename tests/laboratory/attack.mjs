// Cases with an id of an attack, each of them many attempts: the provider does one thing after the other, every time with
// a fresh browser, and none of it may end in a session.

import assert from 'node:assert/strict';
import { FRAME } from '../shared/agent.mjs';
import { Browser, reasonOf } from './browser.mjs';

/// What an attempt ended with, and whether the frame of its page would get an embed.
async function attempt(world) {
  const browser = new Browser();
  const end = await browser.open(`${world.site}/a`);
  const ends = `${end.status} ${reasonOf(end)}`.trim();
  if (browser.hasSession(world.site)) {
    const embed = await browser.ask(`${world.site}/sigma/embed/revenue`, { headers: FRAME });
    return { ends: `${ends} with a session`, isMinted: reasonOf(embed) === 'minted' };
  }
  return { ends, isMinted: false };
}

/// `ways`: what is tried, by name; a hook finds the one of the moment in `x.state.way`. Each ends with `expected`, or with
/// what `but` has for its name.
export const attack = (about, { ways, expected, but = {}, after, ...hooks }) => ({
  about,
  ...hooks,
  visit: async (world) => {
    const found = {};
    for (const [name, way] of Object.entries(ways)) {
      world.state.way = way;
      found[name] = (await attempt(world)).ends;
    }
    const wanted = Object.keys(ways).map((name) => [name, but[name] ?? expected]);
    assert.deepEqual(found, Object.fromEntries(wanted));
    const named = world.requests().filter(({ user, email }) => user !== '-' || email !== '-');
    assert.deepEqual(named, [], 'no request with a name reaches the application');
    await after?.(world);
  },
});

/// The same for what must not lead to an embed, whether somebody may sign in with it or not; `good` does lead to one.
export const noEmbed = (about, { ways, good, ...hooks }) => ({
  about,
  ...hooks,
  visit: async (world) => {
    world.state.way = good;
    assert.deepEqual(await attempt(world), { ends: '200 with a session', isMinted: true });
    for (const [name, way] of Object.entries(ways)) {
      world.state.way = way;
      const { ends, isMinted } = await attempt(world);
      assert.ok(/^(200|403)/.test(ends), `${name}: ${ends}`);
      assert.ok(!isMinted, `${name} got an embed: ${ends}`);
    }
  },
});

/// Ways that are values, each by its own text.
export const named = (values) => Object.fromEntries(values.map((value) => [JSON.stringify(value) ?? 'missing', value]));

/// The claim of this name is what is tried; `undefined`: it is not there.
export const claim = (name) => (all, x) => {
  const { way } = x.state;
  const { [name]: _, ...others } = all;
  return way === undefined ? others : { ...all, [name]: typeof way === 'function' ? way(all, x) : way };
};
