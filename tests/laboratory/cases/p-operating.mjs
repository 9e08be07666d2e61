// What an operator sees: events of a provider that changes state, pages in the operator's words, people who leave.

import assert from 'node:assert/strict';
import { FETCH, NAVIGATION } from '../../shared/agent.mjs';
import { sleep } from '../../shared/wait.mjs';
import { Browser, reasonOf, wordsOf } from '../browser.mjs';
import { signedIn, hold, walk } from '../outcomes.mjs';

const RECHECK = { own: true, session: 'recheck = "1s"' };
const silent = (world) => world.asked('/authorize').filter(({ query }) => query.prompt === 'none').length;
const aMoment = () => sleep(2200);
const refusal = { claims: (all) => ({ ...all, aud: 'other' }) };
const pageIn = async (world, language) => {
  const browser = new Browser();
  const start = await browser.ask(`${world.site}/a`, { headers: { ...NAVIGATION, 'accept-language': language } });
  const provided = await browser.ask(start.headers.location);
  return browser.ask(provided.headers.location, { headers: { ...NAVIGATION, 'accept-language': language } });
};

export default {
  'provider-wrong-at-start': {
    about: 'a provider that is wrong when the gateway starts: one event line, and readiness says so',
    own: true,
    discovery: (_, { say }) => say(404, ''),
    visit: async (world) => {
      await world.event(/404/);
      await sleep(600);
      const lines = world.log.lines().filter((line) => line.kind === 'event' && JSON.stringify(line).includes('404'));
      assert.equal(lines.length, 1, 'one line, not one for each try');
    },
  },
  'provider-comes-back': {
    about: 'a provider that comes back: one event line says that too',
    own: true,
    discovery: (document, { state, say }) => (state.isUp ? document : say(503, '')),
    visit: async (world, browser) => {
      await world.event(/503/);
      world.state.isUp = true;
      await sleep(2100);
      await hold(signedIn(), await walk(world, browser), world);
      await world.event(/again|back|recover|usable|works|fetched/);
    },
  },
  'pages-contact': {
    ...refusal,
    about: '[pages] contact: the line of the operator is on the page',
    own: true,
    top: '[pages]\ncontact = "Call the help desk, 4711 <not an element>"',
    visit: async (world, browser) => {
      const { page } = await walk(world, browser);
      assert.match(wordsOf(page), /Call the help desk, 4711 <not an element>/);
    },
  },
  'pages-german': {
    ...refusal,
    about: 'a browser that prefers German reads German; the reason keeps its name',
    own: true,
    top: '[pages]\nlanguage = "browser"',
    visit: async (world) => {
      const page = await pageIn(world, 'de-AT,de;q=0.9,en;q=0.5');
      assert.equal(reasonOf(page), 'token_aud');
      assert.match(page.text, /<html lang="de"/);
    },
  },
  'pages-french': {
    ...refusal,
    about: 'one that prefers French reads French, one that asks for Danish English',
    own: true,
    top: '[pages]\nlanguage = "browser"',
    visit: async (world) => {
      assert.match((await pageIn(world, 'fr')).text, /<html lang="fr"/);
      assert.match((await pageIn(world, 'da')).text, /<html lang="en"/);
    },
  },
  'recheck-silent': {
    ...RECHECK,
    about: 'recheck: a navigation with an older session goes silently through the provider, and lands where it pointed',
    visit: async (world, browser) => {
      await hold(signedIn(), await walk(world, browser), world);
      await aMoment();
      const end = await browser.open(`${world.site}/later?x=1`);
      assert.equal(`${end.status} ${reasonOf(end)} ${end.url}`, `200  ${world.site}/later?x=1`);
      assert.equal(silent(world), 1);
    },
  },
  'recheck-left': {
    ...RECHECK,
    about: 'recheck: the provider says login_required: the session ends',
    visit: async (world, browser) => {
      await walk(world, browser);
      browser.jar.keep(`${world.tenant}/`, [`sso=; Path=/${world.name}; Max-Age=0`]);
      await aMoment();
      const before = world.requests().length;
      const start = await browser.ask(`${world.site}/later`);
      const round = await browser.ask(start.headers.location);
      const end = await browser.ask(round.headers.location);
      assert.ok(!browser.hasSession(world.site), `the session stays: ${end.status} ${reasonOf(end)}`);
      assert.equal(world.requests().length, before, 'the application is asked for somebody who has left');
    },
  },
  'recheck-groups': {
    ...RECHECK,
    about: 'recheck: a group that was taken away is gone for the embed as well',
    claims: (all, { state }) => ({ ...all, groups: state.isTaken ? [] : ['finance'] }),
    visit: async (world, browser) => {
      await hold(signedIn(), await walk(world, browser), world);
      world.state.isTaken = true;
      await aMoment();
      const { embed } = await walk(world, browser, '/later');
      assert.equal(`${embed.status} ${reasonOf(embed)}`, '403 not_mapped');
    },
  },
  'recheck-other-person': {
    ...RECHECK,
    about: 'recheck: another sub is a change of person',
    visit: async (world, browser) => {
      await walk(world, browser);
      browser.jar.keep(`${world.tenant}/`, [`sso=bob; Path=/${world.name}`]);
      await aMoment();
      await browser.open(`${world.site}/later`);
      assert.equal(world.requests().at(-1).user, 'u-bob');
    },
  },
  'recheck-one-round': {
    ...RECHECK,
    about: 'recheck: the provider ignores prompt=none and asks: at most one round, never a loop',
    authorize: ({ query }) => {
      query.delete('prompt');
      return false;
    },
    visit: async (world, browser) => {
      await walk(world, browser);
      await aMoment();
      const end = await browser.open(`${world.site}/later`);
      assert.equal(`${end.status} ${reasonOf(end)}`, '200 ');
      assert.equal(world.asked('/authorize').length, 2);
    },
  },
  'recheck-provider-down': {
    ...RECHECK,
    about: 'recheck: the token endpoint is down: nobody is signed in by it, and the page says so',
    tokenRequest: ({ state, say }) => {
      if (state.isDown) say(503, '');
    },
    visit: async (world, browser) => {
      await walk(world, browser);
      world.state.isDown = true;
      await aMoment();
      const end = await browser.open(`${world.site}/later`);
      assert.ok(end.status === 502 || end.status === 503, `${end.status} ${reasonOf(end)}`);
    },
  },
  'recheck-keeps-signed-in-at': {
    ...RECHECK,
    about: 'recheck: a round does not move the end of the session',
    visit: async (world, browser) => {
      await walk(world, browser);
      const ends = async () =>
        JSON.parse((await browser.ask(`${world.site}/oauth2/userinfo`, { headers: FETCH })).text).session_ends_at;
      const first = await ends();
      await aMoment();
      await browser.open(`${world.site}/later`);
      assert.equal(silent(world), 1);
      assert.equal(await ends(), first);
    },
  },
  'recheck-off': {
    about: 'without recheck nobody is asked again',
    own: true,
    visit: async (world, browser) => {
      await walk(world, browser);
      await aMoment();
      await browser.open(`${world.site}/later`);
      assert.equal(silent(world), 0);
    },
  },
};
