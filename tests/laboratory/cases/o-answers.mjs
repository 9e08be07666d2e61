// `response_mode` and `authorization`: answers by form POST, and parameters that are added.

import assert from 'node:assert/strict';
import { NAVIGATION } from '../../shared/agent.mjs';
import { reasonOf } from '../browser.mjs';
import { hold, refused, signedIn, walk } from '../outcomes.mjs';

const FORM = 'response_mode = "form_post"';
const CROSS_SITE = { ...NAVIGATION, 'sec-fetch-site': 'cross-site', origin: 'http://127.0.0.1' };
const post = (browser, world, form, options = {}) =>
  browser.ask(`${world.site}/oauth2/callback`, {
    method: 'POST',
    form,
    headers: CROSS_SITE,
    withCookies: false,
    ...options,
  });
const lastAsked = (world) => world.asked('/authorize').at(-1).query;

export default {
  'form-post': {
    about: 'response_mode = "form_post" (Apple, ADFS): the POST brings no cookie, and the person is signed in',
    identity: FORM,
    visit: async (world, browser) => {
      await hold(signedIn(), await walk(world, browser), world);
      assert.equal(lastAsked(world).response_mode, 'form_post');
      const posted = browser.trail.find(({ method, url }) => method === 'POST' && url.includes('/oauth2/callback'));
      assert.ok(posted, 'the answer came by POST');
      assert.match(`${posted.headers['cache-control']}`, /no-store/);
      const set = (posted.headers['set-cookie'] ?? []).join('\n');
      assert.doesNotMatch(set, /__Host-sg=[^;]/, 'a session from a cross-site POST');
    },
  },
  'form-post-error': {
    about: 'an error by form POST: kept as by GET (Apple user_cancelled_authorize)',
    identity: FORM,
    callback: (url) => {
      url.searchParams.delete('code');
      url.searchParams.set('error', 'user_cancelled_authorize');
    },
    expect: refused('provider_refused', /user_cancelled_authorize/, { page: /user_cancelled_authorize/ }),
  },
  'form-post-apple-user': {
    about: 'Apple sends `user` beside the code at the first sign-in: passed over',
    identity: FORM,
    callback: (url) => url.searchParams.set('user', '{"name":{"firstName":"Ana"}}'),
    expect: signedIn(),
  },
  'form-post-uninvited': {
    about: 'a POST of another site with its own code and state: no session, no exchange',
    identity: FORM,
    visit: async (world, browser) => {
      const first = await post(browser, world, { code: 'abc', state: 'B'.repeat(43) });
      assert.doesNotMatch((first.headers['set-cookie'] ?? []).join('\n'), /__Host-sg=[^;]/);
      assert.equal(world.asked('/token').length, 0);
    },
  },
  'form-post-too-large': {
    about: 'a POST of 20 KiB: 413',
    identity: FORM,
    visit: async (world, browser) => {
      const answer = await post(browser, world, { code: 'a'.repeat(20_000), state: 'x' });
      assert.equal(`${answer.status} ${reasonOf(answer)}`, '413 body_too_large');
    },
  },
  'form-post-twice': {
    about: 'state twice in the form',
    identity: FORM,
    callback: (url) => url.searchParams.append('state', url.searchParams.get('state')),
    expect: refused('state_mismatch', /state.*twice/),
  },
  'form-post-type': {
    about: 'a POST of JSON: not read',
    identity: FORM,
    visit: async (world, browser) => {
      const headers = { ...CROSS_SITE, 'content-type': 'application/json' };
      const answer = await post(browser, world, { code: 'abc', state: 'x' }, { headers });
      assert.ok(answer.status >= 400, `${answer.status}`);
    },
  },
  'form-post-provider-ignores': {
    about: 'the provider answers by query all the same: taken',
    identity: FORM,
    authorize: ({ query }) => {
      query.delete('response_mode');
      return false;
    },
    expect: signedIn(),
  },
  'authorization-added': {
    about: 'authorization = { prompt, hd }: added to every sign-in',
    identity: 'authorization = { prompt = "select_account", hd = "example.com" }',
    visit: async (world, browser) => {
      await hold(signedIn(), await walk(world, browser), world);
      const { prompt, hd } = lastAsked(world);
      assert.deepEqual({ prompt, hd }, { prompt: 'select_account', hd: 'example.com' });
    },
  },
  'authorization-ours': {
    about: 'what we ask is asked once, by our values: S256, code, a nonce, no state of the operator',
    visit: async (world, browser) => {
      await hold(signedIn(), await walk(world, browser), world);
      const asked = new URL(browser.trail.find(({ url }) => url.includes('/authorize')).url).searchParams;
      for (const name of ['state', 'nonce', 'code_challenge', 'client_id', 'redirect_uri', 'response_type', 'scope']) {
        assert.equal(asked.getAll(name).length, 1, name);
      }
      assert.equal(asked.get('code_challenge_method'), 'S256');
      assert.match(asked.get('code_challenge'), /^[\w-]{43}$/);
    },
  },
  'authorization-encoded': {
    about: 'a value with every kind of character is encoded',
    identity: 'authorization = { claims = \'{"id_token":{"groups":null}}\', acr_values = "a&b=c d" }',
    visit: async (world, browser) => {
      await hold(signedIn(), await walk(world, browser), world);
      const { claims, acr_values } = lastAsked(world);
      assert.deepEqual({ claims, acr_values }, { claims: '{"id_token":{"groups":null}}', acr_values: 'a&b=c d' });
    },
  },
};
