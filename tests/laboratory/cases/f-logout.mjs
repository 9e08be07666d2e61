// Sign-out. Every one ends on a page of ours or of the application, with the provider's session ended where it can be.

import assert from 'node:assert/strict';
import { NAVIGATION } from '../../shared/agent.mjs';
import { reasonOf, wordsOf } from '../browser.mjs';
import { payloadOf } from '../keys.mjs';
import { holdSignedOut, walk } from '../outcomes.mjs';

const OURS = { ...NAVIGATION, 'sec-fetch-site': 'same-origin' };
const PUBLIC = '[[site.route]]\npath = "/public/"\naccess = "public"';
const noEndpoint = ({ end_session_endpoint, ...document }) => document;

/// Signs in, then out; gives the last page.
async function out(world, browser, { query = '', between } = {}) {
  const { page } = await walk(world, browser);
  assert.equal(page.status, 200, `nobody is signed in: ${await world.told()}`);
  await between?.();
  return browser.open(`${world.site}/oauth2/sign_out${query}`, { headers: OURS });
}

const ending = (more) => async (world, browser) => holdSignedOut(world, browser, await out(world, browser, more), more);

/// A sign-out endpoint that takes only a hint which is an ID token for us, of the person, and a known way back.
const wantsHint =
  (refuse) =>
  ({ given, end, json, now }) => {
    const hint = given.get('id_token_hint');
    const claims = hint && payloadOf(hint);
    const isGood = claims?.aud === 'gw' && claims.sub === 'u-ana' && claims.exp > now - 600;
    if (!isGood) return refuse({ json });
    return end(given.get('post_logout_redirect_uri'));
  };

/// The steps of a sign-out: our cookie ends in the first answer, whatever follows.
function firstAnswerEndsTheSession(browser) {
  const first = browser.trail.find(({ url }) => url.includes('/oauth2/sign_out'));
  const lines = first.headers['set-cookie'] ?? [];
  assert.ok(
    lines.some((line) => /^__Host-sg=;.*Max-Age=0/i.test(line)),
    'the first answer ends the session',
  );
}

export default {
  'logout-plain': {
    about: 'a provider that follows RP-Initiated Logout 1.0 to the letter',
    visit: async (world, browser) => {
      const end = await out(world, browser);
      holdSignedOut(world, browser, end);
      firstAnswerEndsTheSession(browser);
    },
  },
  'logout-cognito': {
    about: 'Cognito: /logout wants client_id and logout_uri',
    report: 'ITfoxtec/FoxIDs#961, gardner/react-oauth2-pkce#32, AxaFrance/oidc-client#1173',
    identity: (b) => `sign_out = { form = "cognito", url = "${b}/logout" }`,
    logout: ({ given, end, say }) =>
      given.get('client_id') === 'gw' && given.get('logout_uri')
        ? end(given.get('logout_uri'))
        : say(400, "Required String parameter 'redirect_uri' is not present"),
    visit: ending(),
  },
  'logout-okta': {
    about: 'Okta: id_token_hint is required',
    report: 'mogenius/renovate-operator#691, oauth2-proxy/oauth2-proxy#884, OpenIDC/mod_auth_openidc#908',
    logout: wantsHint(({ json }) => json({ errorSummary: "The 'id_token_hint' is required." }, 400)),
    visit: ending(),
  },
  'logout-keycloak': {
    about: 'Keycloak: without a hint it asks "do you want to log out?"; with one it does not ask',
    logout: wantsHint(({ json }) => json({ question: 'Do you want to log out?' })),
    visit: ending(),
  },
  'logout-hint-fresh': {
    about: 'the hint is from a silent round at sign-out: prompt=none, and no token is kept for it',
    visit: async (world, browser) => {
      const end = await out(world, browser);
      holdSignedOut(world, browser, end);
      const silent = world.asked('/authorize').filter(({ query }) => query.prompt === 'none');
      assert.equal(silent.length, 1, 'one silent round');
      const [asked] = world.asked('/logout');
      const hint = asked.form.id_token_hint ?? asked.query.id_token_hint;
      // Other cases issue what is no token.
      const own = (token) => {
        try {
          return payloadOf(token).iss === world.tenant;
        } catch {
          return false;
        }
      };
      const last = world.provider.issued.filter(own).at(-1);
      assert.equal(hint, last, 'the hint is the ID token of the silent round');
    },
  },
  'logout-hint-by-post': {
    about: 'the ID token goes by form POST, so that it is in no address, no history and no log',
    visit: async (world, browser) => {
      await out(world, browser);
      const [asked] = world.asked('/logout');
      assert.equal(asked.method, 'POST');
      const addresses = browser.trail.map(({ url }) => url).join('\n');
      assert.ok(!world.provider.issued.some((token) => addresses.includes(token)), 'a token is in an address');
    },
  },
  'logout-round-is-no-session': {
    about: 'the answer of the silent round, played again at the callback of a sign-in, makes no session',
    visit: async (world, browser) => {
      await out(world, browser);
      const rounds = browser.trail.filter(({ url }) => url.includes('/oauth2/') && url.includes('code='));
      assert.equal(rounds.length, 2, 'the sign-in and the silent round');
      const again = await browser.open(rounds[1].url);
      assert.ok(!browser.hasSession(world.site), `a session from a sign-out: ${again.status}`);
    },
  },
  'logout-other-person': {
    about: 'somebody else is signed in at the provider by now: the token is not handed over, our page ends it',
    visit: async (world, browser) => {
      const between = () => browser.jar.keep(`${world.tenant}/`, ['sso=bob; Path=/logout-other-person']);
      const end = await out(world, browser, { between });
      holdSignedOut(world, browser, end, { providerEnds: false });
      const handed = world.asked('/logout').map(({ form, query }) => form.id_token_hint ?? query.id_token_hint);
      assert.deepEqual(handed.filter(Boolean), [], 'the token of another person');
    },
  },
  'logout-provider-session-gone': {
    about: 'the session at the provider has ended: the silent round says login_required, our page ends it',
    visit: async (world, browser) => {
      const end = await out(world, browser, {
        between: () => browser.jar.keep(`${world.tenant}/`, ['sso=; Path=/logout-provider-session-gone; Max-Age=0']),
      });
      holdSignedOut(world, browser, end);
      assert.equal(reasonOf(end), 'signed_out');
    },
  },
  'logout-round-lies': {
    about: 'the silent round brings a token with another nonce: our page ends it, and the log says why',
    claims: (all, { known }) => (known.isSilent ? { ...all, nonce: 'another' } : all),
    visit: async (world, browser) => {
      const end = await out(world, browser);
      assert.equal(reasonOf(end), 'signed_out');
      assert.ok(!browser.hasSession(world.site));
      assert.equal(
        world.asked('/logout').filter(({ form, query }) => form.id_token_hint ?? query.id_token_hint).length,
        0,
      );
    },
  },
  'logout-token-down': {
    about: 'the token endpoint is down at sign-out: our page ends it, within seconds',
    tokenRequest: ({ state, json }) => {
      if (state.isDown) json({ error: 'server_error' }, 503);
    },
    visit: async (world, browser) => {
      const end = await out(world, browser, {
        between: () => {
          world.state.isDown = true;
        },
      });
      assert.equal(reasonOf(end), 'signed_out');
      assert.ok(!browser.hasSession(world.site));
    },
  },
  'logout-consent': {
    about: 'the silent round brings consent_required: our page ends it',
    authorize: ({ query, say }) => {
      if (query.get('prompt') !== 'none') return false;
      say(302, '', { location: `${query.get('redirect_uri')}?error=consent_required&state=${query.get('state')}` });
      return true;
    },
    visit: async (world, browser) => {
      const end = await out(world, browser);
      assert.equal(reasonOf(end), 'signed_out');
      assert.ok(!browser.hasSession(world.site));
    },
  },
  'logout-ignores-prompt': {
    about:
      'the provider does not know prompt=none and shows its login page: the person is signed out here all the same',
    authorize: ({ query, say }) => {
      if (query.get('prompt') !== 'none') return false;
      say(200, '<title>Sign in</title>', { 'content-type': 'text/html' });
      return true;
    },
    visit: async (world, browser) => {
      await out(world, browser);
      firstAnswerEndsTheSession(browser);
      assert.ok(!browser.hasSession(world.site));
    },
  },
  'logout-several-accounts': {
    about: 'several accounts are signed in at the provider (Entra): prompt=none works where the person is named',
    authorize: ({ query, say }) => {
      if (query.get('prompt') !== 'none' || query.get('login_hint') === 'ana@example.com') return false;
      const back = `${query.get('redirect_uri')}?error=account_selection_required&state=${query.get('state')}`;
      say(302, '', { location: back });
      return true;
    },
    visit: ending(),
  },
  'logout-none': {
    about: 'no end_session_endpoint (Google, GitLab): our page says that the provider may still know the person',
    discovery: noEndpoint,
    visit: async (world, browser) => {
      const end = await out(world, browser);
      holdSignedOut(world, browser, end, { providerEnds: false });
      assert.match(wordsOf(end), /sign-in service may still know you/);
    },
  },
  'logout-local': {
    about: 'sign_out = { form = "local" }: the provider is left alone although it has an endpoint',
    identity: 'sign_out = { form = "local" }',
    visit: async (world, browser) => {
      const end = await out(world, browser);
      holdSignedOut(world, browser, end, { providerEnds: false });
      assert.equal(world.asked('/logout').length, 0);
    },
  },
  'logout-url': {
    about: 'sign_out with an address that no document names',
    identity: (b) => `sign_out = { form = "rp-initiated", url = "${b}/logout" }`,
    discovery: noEndpoint,
    visit: ending(),
  },
  'logout-endpoint-query': {
    about: 'end_session_endpoint has a query of its own: it is kept',
    discovery: (document) => ({ ...document, end_session_endpoint: `${document.end_session_endpoint}?p=b2c` }),
    logout: ({ given, end, say }) =>
      given.get('p') === 'b2c' ? end(given.get('post_logout_redirect_uri')) : say(400, 'no p'),
    visit: ending(),
  },
  'logout-rd-none': {
    about: 'no end_session_endpoint, and rd=/public/bye',
    discovery: noEndpoint,
    site: PUBLIC,
    visit: async (world, browser) => {
      const end = await out(world, browser, { query: '?rd=/public/bye' });
      holdSignedOut(world, browser, end, { providerEnds: false });
      assert.equal(end.url, `${world.site}/public/bye`);
    },
  },
  'logout-rd': {
    about: 'rd=/public/bye where the provider has an endpoint: there, or on our page',
    site: PUBLIC,
    visit: ending({ query: '?rd=/public/bye' }),
  },
  'logout-rd-provider': {
    about:
      "rd = the provider's own logout URL, as users of other proxies have it: no open redirect, and no new sign-in",
    discovery: noEndpoint,
    visit: async (world, browser) => {
      const rd = encodeURIComponent(`${world.tenant}/logout?logout_uri=x`);
      holdSignedOut(world, browser, await out(world, browser, { query: `?rd=${rd}` }), { providerEnds: false });
    },
  },
  'logout-twice': {
    about: 'sign out, and sign out again (second tab): our page, and nobody at a page of errors',
    logout: wantsHint(({ json }) => json({ errorSummary: "The 'id_token_hint' is required." }, 400)),
    visit: async (world, browser) => {
      await out(world, browser);
      const again = await browser.open(`${world.site}/oauth2/sign_out`, { headers: OURS });
      assert.equal(new URL(again.url).origin, world.site);
      assert.equal(reasonOf(again), 'signed_out');
    },
  },
  'logout-loop': {
    about: 'the provider comes back to /, its own session still there: nobody is signed in again without being asked',
    logout: ({ given, say }) => say(302, '', { location: given.get('post_logout_redirect_uri') }),
    visit: async (world, browser) => {
      const end = await out(world, browser);
      holdSignedOut(world, browser, end, { providerEnds: false });
    },
  },
  'logout-cross-site': {
    about: 'another site links to the sign-out: the person confirms first',
    visit: async (world, browser) => {
      await walk(world, browser);
      const headers = { ...NAVIGATION, 'sec-fetch-site': 'cross-site' };
      const answer = await browser.ask(`${world.site}/oauth2/sign_out`, { headers });
      assert.equal(`${answer.status} ${reasonOf(answer)}`, '200 confirm_sign_out');
      assert.ok(browser.hasSession(world.site));
    },
  },
};
