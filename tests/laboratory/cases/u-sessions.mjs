// Rounds about a session that come too late, get lost, or find a provider that does not answer: no session that was not
// asked for, and no browser that goes round and round.

import assert from 'node:assert/strict';
import { sleep } from '../../shared/wait.mjs';
import { reasonOf } from '../browser.mjs';
import { walk } from '../outcomes.mjs';

const RECHECK = { own: true, session: 'recheck = "1s"' };
const aMoment = () => sleep(2200);
const isSilent = ({ query }) => query.get('prompt') === 'none';
/// Back to the gateway, with these parameters in place of an answer.
const back = ({ query, say }, parameters) => {
  const location = `${query.get('redirect_uri')}?${new URLSearchParams(parameters)}`;
  say(302, '', { location });
  return true;
};

export default {
  'recheck-after-sign-out': {
    ...RECHECK,
    about: 'recheck: who signs out while a round is on its way stays signed out',
    identity: 'sign_out = { form = "local" }',
    visit: async (world, browser) => {
      await walk(world, browser);
      await aMoment();
      const start = await browser.ask(`${world.site}/later`);
      const round = await browser.ask(start.headers.location);
      await browser.ask(`${world.site}/oauth2/sign_out`);
      assert.ok(!browser.hasSession(world.site));
      const end = await browser.open(round.headers.location);
      assert.equal(`${end.status} ${reasonOf(end)}`, '200 signed_out');
      assert.ok(!browser.hasSession(world.site), 'the round brings the session back');
    },
  },
  'recheck-state-lost': {
    ...RECHECK,
    about: 'recheck: the provider loses state in the silent round: a page, and no loop',
    authorize: (x) => isSilent(x) && back(x, { code: 'c', state: 'another' }),
    visit: async (world, browser) => {
      await walk(world, browser);
      await aMoment();
      const end = await browser.open(`${world.site}/later`);
      assert.equal(`${end.status} ${reasonOf(end)}`, '400 attempt_missing');
      const next = await browser.open(`${world.site}/later`);
      assert.equal(`${next.status} ${reasonOf(next)}`, '200 ', 'the next page is a silent round again');
    },
  },
  'recheck-error-without-state': {
    ...RECHECK,
    about: 'recheck: the provider says no, and loses state with it: a page, and the next one is no silent round',
    authorize: (x) => isSilent(x) && back(x, { error: 'login_required' }),
    visit: async (world, browser) => {
      await walk(world, browser);
      await aMoment();
      const end = await browser.open(`${world.site}/later`);
      assert.equal(`${end.status} ${reasonOf(end)}`, '400 state_mismatch');
      const next = await browser.open(`${world.site}/later`);
      assert.equal(`${next.status} ${reasonOf(next)}`, '200 ');
    },
  },
  'recheck-server-error': {
    ...RECHECK,
    about: 'recheck: the provider answers every silent round with server_error: the next page is none of them',
    authorize: (x) => isSilent(x) && back(x, { error: 'server_error', state: x.query.get('state') }),
    visit: async (world, browser) => {
      await walk(world, browser);
      await aMoment();
      const first = await browser.open(`${world.site}/later`);
      assert.equal(reasonOf(first), 'provider_refused');
      const second = await browser.open(`${world.site}/later`);
      assert.equal(`${second.status} ${reasonOf(second)}`, '200 ');
    },
  },
  'recheck-ignored-cookies': {
    ...RECHECK,
    about: 'recheck: a browser that takes no cookies any more ends on a page',
    visit: async (world, browser) => {
      await walk(world, browser);
      await aMoment();
      browser.jar.keep = () => {};
      const end = await browser.open(`${world.site}/later`);
      assert.equal(`${end.status} ${reasonOf(end)}`, '400 attempt_missing');
    },
  },
};
