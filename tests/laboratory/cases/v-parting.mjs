// The end of a session: a sign-out needs to know who signs out and no more, and a round that finds somebody whom the
// rules do not take any more ends what they have.

import assert from 'node:assert/strict';
import { NAVIGATION } from '../../shared/agent.mjs';
import { sleep } from '../../shared/wait.mjs';
import { reasonOf, wordsOf } from '../browser.mjs';
import { holdSignedOut, walk } from '../outcomes.mjs';

const OURS = { ...NAVIGATION, 'sec-fetch-site': 'same-origin' };
const bare = ({ email, email_verified, groups, name, ...claims }) => claims;
const RECHECK = { own: true, session: 'recheck = "1s"' };
const aMoment = () => sleep(2200);
const later = (change) => (all, x) => (x.known.isSilent ? change(all, x) : all);

async function out(world, browser, query = '') {
  const { page } = await walk(world, browser);
  assert.equal(page.status, 200, `nobody is signed in: ${await world.told()}`);
  return browser.open(`${world.site}/oauth2/sign_out${query}`, { headers: OURS });
}
const ending = async (world, browser) => holdSignedOut(world, browser, await out(world, browser));
const refusedThen = (reason) => async (world, browser) => {
  await walk(world, browser);
  await aMoment();
  const first = await browser.open(`${world.site}/later`);
  assert.equal(reasonOf(first), reason, wordsOf(first).slice(0, 200));
  assert.ok(!browser.hasSession(world.site), 'the session goes on');
  const before = world.requests().length;
  const second = await browser.ask(`${world.site}/again`);
  assert.notEqual(second.status, 200);
  assert.equal(world.requests().length, before, 'the application is asked for somebody who may not sign in');
};

export default {
  'logout-overage': {
    about: 'the person is in too many groups by now: who signs out is known all the same',
    claims: later(({ groups, ...all }) => ({ ...all, hasgroups: true })),
    userinfo: ({ plain: { groups, ...rest } }) => rest,
    visit: ending,
  },
  'logout-outsider': {
    about: 'the address of the person is of another domain by now',
    claims: later((all) => ({ ...all, email: 'ana@elsewhere.test' })),
    visit: ending,
  },
  'logout-unverified': {
    about: 'the address of the person is not verified any more',
    claims: later((all) => ({ ...all, email_verified: false })),
    visit: ending,
  },
  'logout-thin': {
    about: 'the ID token names nobody but the person, and UserInfo is down: it is not needed to sign out',
    claims: bare,
    userinfo: (x) => (x.state.isDown ? x.say(503, '') : x.plain),
    visit: async (world, browser) => {
      const { page } = await walk(world, browser);
      assert.equal(page.status, 200);
      world.state.isDown = true;
      const before = world.asked('/userinfo').length;
      const end = await browser.open(`${world.site}/oauth2/sign_out`, { headers: OURS });
      holdSignedOut(world, browser, end);
      assert.equal(world.asked('/userinfo').length, before, 'UserInfo is asked at a sign-out');
    },
  },
  'logout-no-access-token': {
    about: 'the silent round brings an ID token alone, which names nobody but the person',
    claims: bare,
    tokenAnswer: ({ access_token, ...rest }, { known }) => (known.isSilent ? rest : { access_token, ...rest }),
    visit: ending,
  },
  'logout-with-state': {
    about: 'the provider comes back with parameters of its own',
    logout: ({ given, end }) => end(`${given.get('post_logout_redirect_uri')}?state=x&sid=7`),
    visit: ending,
  },
  'logout-with-error': {
    about: 'the provider comes back with an error',
    logout: ({ given, end }) => end(`${given.get('post_logout_redirect_uri')}?error=server_error&error_description=x`),
    visit: ending,
  },
  'logout-iss-other': {
    about: 'the silent round is answered by another issuer',
    callback: (url, { query }) => {
      if (query.get('prompt') === 'none') url.searchParams.set('iss', 'https://other.test');
    },
    visit: async (world, browser) => {
      const end = await out(world, browser);
      assert.equal(reasonOf(end), 'signed_out');
      const line = await world.audit('sign_out', (one) => one.result === 'token_iss');
      assert.match(line.detail, /other\.test/);
    },
  },
  'logout-form-post': {
    about: 'the silent round of a provider that posts its answers',
    identity: 'response_mode = "form_post"',
    visit: ending,
  },
  'logout-twice-at-once': {
    about: 'two tabs sign out at once: both end on a page of ours',
    visit: async (world, browser) => {
      await walk(world, browser);
      const one = await browser.ask(`${world.site}/oauth2/sign_out`, { headers: OURS });
      const two = await browser.ask(`${world.site}/oauth2/sign_out`, { headers: OURS });
      for (const each of [one, two]) {
        const end = each.headers.location ? await browser.open(each.headers.location) : each;
        assert.ok(end.status < 400, `${end.status} ${reasonOf(end)}`);
      }
      assert.ok(!browser.hasSession(world.site));
    },
  },
  'recheck-outsider': {
    ...RECHECK,
    about: 'recheck: the address is of another domain by now: the session ends',
    claims: later((all) => ({ ...all, email: 'ana@elsewhere.test' })),
    visit: refusedThen('outsider'),
  },
  'recheck-unverified': {
    ...RECHECK,
    about: 'recheck: the address is not verified any more: the session ends',
    claims: later((all) => ({ ...all, email_verified: false })),
    visit: refusedThen('email_unverified'),
  },
  'recheck-overage': {
    ...RECHECK,
    about: 'recheck: the groups are elsewhere by now: the session ends',
    claims: later(({ groups, ...all }) => ({ ...all, hasgroups: true })),
    userinfo: ({ plain: { groups, ...rest } }) => rest,
    visit: refusedThen('groups_overage'),
  },
  'recheck-too-large': {
    ...RECHECK,
    about: 'recheck: the groups that the rules read fit into no session any more: it ends',
    mapping: '{ groups = { glob = "CN=*" } }',
    claims: later((all) => ({ ...all, groups: Array.from({ length: 600 }, (_, i) => `CN=Group-${i},OU=x`) })),
    visit: refusedThen('session_too_large'),
  },
  'recheck-token-time': {
    ...RECHECK,
    about: 'recheck: the provider gives the token that it gave before: nobody vouches, and nobody says no',
    claims: later((all) => ({ ...all, iat: all.iat - 1200 })),
    visit: async (world, browser) => {
      await walk(world, browser);
      await aMoment();
      const first = await browser.open(`${world.site}/later`);
      assert.equal(reasonOf(first), 'token_time');
      assert.ok(browser.hasSession(world.site), 'a session ends by what does not verify');
    },
  },
  'recheck-form-post': {
    ...RECHECK,
    identity: 'response_mode = "form_post"',
    about: 'recheck: of a provider that posts its answers',
    visit: async (world, browser) => {
      await walk(world, browser);
      await aMoment();
      const end = await browser.open(`${world.site}/later?x=1`);
      assert.equal(`${end.status} ${reasonOf(end)} ${end.url}`, `200  ${world.site}/later?x=1`);
    },
  },
  'recheck-userinfo-down': {
    ...RECHECK,
    about: 'recheck: UserInfo is needed and down: a page, and the next one is no silent round',
    claims: bare,
    userinfo: (x) => (x.state.isDown ? x.say(503, '') : x.plain),
    visit: async (world, browser) => {
      await walk(world, browser);
      world.state.isDown = true;
      await aMoment();
      const end = await browser.open(`${world.site}/later`);
      assert.equal(`${end.status} ${reasonOf(end)}`, '502 userinfo_answer');
    },
  },
};
