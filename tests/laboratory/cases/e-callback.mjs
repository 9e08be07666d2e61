// What comes back to /oauth2/callback. The provider's words are kept: in the audit line, and on the page when the
// answer belongs to an attempt of this browser.

import assert from 'node:assert/strict';
import { NAVIGATION } from '../../shared/agent.mjs';
import { linksOf, reasonOf, wordsOf } from '../browser.mjs';
import { hold, refused, signedIn, walk } from '../outcomes.mjs';

const back = (change) => (x) => {
  const url = new URL(x.query.get('redirect_uri'));
  change(url, x.query, x);
  x.say(302, '', { location: url.href });
  return true;
};
const failing = (error, description, more = {}) =>
  back((url, query) => {
    url.searchParams.set('error', error);
    if (description) url.searchParams.set('error_description', description);
    url.searchParams.set('state', query.get('state'));
    for (const [name, value] of Object.entries(more)) url.searchParams.set(name, value);
  });
const CROSS_SITE = { ...NAVIGATION, 'sec-fetch-site': 'cross-site' };

/// Starts a sign-in, and gives the state that the provider would send back.
async function begin(world, browser, path = '/a') {
  const start = await browser.ask(world.site + path);
  return new URL(start.headers.location).searchParams.get('state');
}

/// An answer page of ours, its audit line, and that no code was exchanged.
async function holdPage(world, answer, reason, status, detail) {
  assert.equal(`${answer.status} ${reasonOf(answer)}`, `${status} ${reason}`);
  const line = await world.audit('sign_in', (one) => one.result === reason);
  if (detail) assert.match(`${line.detail}`, detail);
  assert.equal(world.asked('/token').length, 0, 'a code is sent to the token endpoint');
}

const leadsBack = (answer) =>
  assert.ok(
    linksOf(answer).some((link) => link.includes('/oauth2/start')),
    'no way on',
  );

/// A callback that the browser brings, with what is asked of it.
const bringing = (query, reason, status, detail) => async (world, browser) => {
  const state = await begin(world, browser);
  const answer = await browser.open(`${world.site}/oauth2/callback?${query(state, world)}`);
  await holdPage(world, answer, reason, status, detail);
};

export default {
  'error-described': {
    about: 'access_denied with a description (Okta: user is not assigned): kept, and quoted on the page',
    report: 'oauth2-proxy/oauth2-proxy#3458, tailscale/tailscale#3334',
    authorize: failing('access_denied', 'User is not assigned to the client application.'),
    expect: refused('provider_refused', /access_denied.*User is not assigned to the client application/, {
      page: /User is not assigned to the client application/,
    }),
  },
  'error-vendor-code': {
    about: 'an error code of the vendor (Google admin_policy_enforced)',
    authorize: failing('admin_policy_enforced'),
    expect: refused('provider_refused', /admin_policy_enforced/, { page: /admin_policy_enforced/ }),
  },
  'error-markup': {
    about: 'a description with markup and a link: plain text, no element, no link',
    authorize: failing('access_denied', '<a href="https://evil.test">Call 555-0100</a><script>alert(1)</script>'),
    expect: refused('provider_refused', /Call 555-0100/, { notOnPage: /<a href="https:\/\/evil|<script>alert/ }),
  },
  'error-long': {
    about: 'a description of 5 000 characters: at most 200 on the page',
    authorize: failing('access_denied', 'word '.repeat(1000)),
    expect: refused('provider_refused', /word/, { page: /word/, notOnPage: /(word ){50}/ }),
  },
  'error-lines': {
    about: 'a description with line breaks and a NUL: one line in the log',
    authorize: failing('access_denied', 'first\r\nsecond\u0000third'),
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that none is there is what is asked
    expect: refused('provider_refused', /^(?!.*[\u0000-\u001f]).*first.*second/),
  },
  'error-code-odd': {
    about: 'an error code that is a sentence with markup',
    authorize: failing('<b>no</b> such "user"'),
    expect: refused('provider_refused', /no.*such/, { notOnPage: /<b>no/ }),
  },
  'error-uri': {
    about: 'an error_uri: no link of the page leads there',
    authorize: failing('access_denied', 'no', { error_uri: 'https://evil.test/help' }),
    expect: refused('provider_refused', /access_denied/, { notOnPage: /href="https:\/\/evil\.test/ }),
  },
  'error-foreign-words': {
    about: 'words of a stranger: a link with an error and a state that opens nothing shows none of them',
    visit: async (world, browser) => {
      const query =
        'error=access_denied&error_description=Call+555-0100+now&state=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
      const answer = await browser.open(`${world.site}/oauth2/callback?${query}`);
      await holdPage(world, answer, 'attempt_missing', 400);
      assert.doesNotMatch(answer.text, /555-0100/);
    },
  },
  'error-iss-wrong': {
    about: 'an error of another issuer: refused as such, and its words are not shown',
    authorize: failing('access_denied', 'Call 555-0100', { iss: 'https://other.test' }),
    expect: refused('token_iss', /other\.test/, { notOnPage: /555-0100/ }),
  },
  'error-login-required': {
    about: 'login_required although nobody asked silently',
    authorize: failing('login_required'),
    expect: refused('provider_refused', /login_required/),
  },
  'error-temporarily': {
    about: 'temporarily_unavailable',
    authorize: failing('temporarily_unavailable', 'Back at 10'),
    expect: refused('provider_refused', /temporarily_unavailable.*Back at 10/),
  },
  'callback-fragment': {
    about: 'the answer is in the fragment (response_mode=fragment by default): nothing arrives, and that is said',
    authorize: ({ query, say }) => {
      say(302, '', { location: `${query.get('redirect_uri')}#code=abc&state=${query.get('state')}` });
      return true;
    },
    expect: refused('state_mismatch', /(no|without) .?state|fragment/),
  },
  'callback-form-post': {
    about: 'the answer is a form_post that nobody configured: 405, and which methods are taken',
    visit: async (world, browser) => {
      const state = await begin(world, browser);
      const form = { code: 'abc', state };
      const url = `${world.site}/oauth2/callback`;
      const answer = await browser.ask(url, { method: 'POST', form, headers: CROSS_SITE, withCookies: false });
      assert.equal(`${answer.status} ${reasonOf(answer)}`, '405 method_not_allowed');
      assert.match(`${answer.headers.allow}`, /GET/, 'RFC 9110 15.5.6: a 405 has Allow');
    },
  },
  'state-space': {
    about: 'session_state, iss, scope, hd, authuser, prompt stand beside code and state',
    callback: (url, { issuer }) => {
      const more = {
        session_state: 'x.y',
        iss: issuer,
        scope: 'openid email',
        authuser: '0',
        hd: 'example.com',
        prompt: 'none',
      };
      for (const [name, value] of Object.entries(more)) url.searchParams.set(name, value);
    },
    expect: signedIn(),
  },
  'iss-slash': {
    about: 'iss parameter with a slash more than the issuer: the one found is named',
    callback: (url, { issuer }) => url.searchParams.set('iss', `${issuer}/`),
    expect: refused('token_iss', /iss-slash\//),
  },
  'iss-missing-announced': {
    about: 'metadata announces iss, the answer has none (a proxy strips it): missing, not another',
    discovery: (document) => ({ ...document, authorization_response_iss_parameter_supported: true }),
    expect: refused('token_iss', /(no|without|not name|missing).*iss/),
  },
  'iss-wrong-host': {
    about: 'iss is http where the issuer is https (Keycloak behind a proxy): the one found is named',
    callback: (url) => url.searchParams.set('iss', 'http://keycloak.internal/realms/corp'),
    expect: refused('token_iss', /keycloak\.internal/),
  },
  'iss-announced': {
    about: 'metadata announces iss, the answer has it',
    discovery: (document) => ({ ...document, authorization_response_iss_parameter_supported: true }),
    callback: (url, { issuer }) => url.searchParams.set('iss', issuer),
    expect: signedIn(),
  },
  'iss-empty': {
    about: 'iss is there and empty',
    callback: (url) => url.searchParams.set('iss', ''),
    expect: refused('token_iss', /iss/),
  },
  'iss-twice': {
    about: 'iss twice, both right',
    callback: (url, { issuer }) => {
      url.searchParams.append('iss', issuer);
      url.searchParams.append('iss', issuer);
    },
    expect: refused('state_mismatch', /iss.*twice/),
  },
  'param-twice': {
    about: 'the provider repeats state',
    callback: (url) => url.searchParams.append('state', url.searchParams.get('state')),
    expect: refused('state_mismatch', /state.*twice/),
  },
  'code-twice': {
    about: 'two codes',
    callback: (url) => url.searchParams.append('code', 'another'),
    expect: refused('state_mismatch', /code.*twice/),
  },
  'code-and-error': {
    about: 'a code and an error: an error is an error',
    callback: (url) => url.searchParams.set('error', 'access_denied'),
    expect: refused('provider_refused', /access_denied/),
  },
  'code-empty': {
    about: 'a right state and an empty code',
    visit: bringing((state) => `code=&state=${state}`, 'state_mismatch', 400, /code/),
  },
  'code-odd': {
    about: 'a code with every kind of character, form-encoded: it arrives at the token endpoint as it was',
    authorize: back((url, query, x) => {
      url.searchParams.set('code', 'a b+c/d=e&f%20g.~');
      url.searchParams.set('state', query.get('state'));
      x.state.asked = true;
    }),
    visit: async (world, browser) => {
      await walk(world, browser);
      assert.equal(world.asked('/token').at(-1).form.code, 'a b+c/d=e&f%20g.~');
    },
  },
  'access-token-in-query': {
    about: 'the answer of an implicit flow in the query: no code, so nobody is signed in',
    visit: bringing((state) => `access_token=abc&token_type=bearer&state=${state}`, 'state_mismatch', 400, /code/),
  },
  'code-long': {
    about: 'a callback of 3 000 bytes (Entra, ADFS with many claims)',
    callback: (url) => url.searchParams.set('session_state', 'z'.repeat(3000)),
    expect: signedIn(),
  },
  'code-12k': {
    about: 'a callback of 12 KiB',
    callback: (url) => url.searchParams.set('session_state', 'z'.repeat(12_000)),
    expect: signedIn(),
  },
  'code-20k': {
    about: 'a callback of 20 KiB: a page of ours',
    visit: async (world, browser) => {
      const state = await begin(world, browser);
      const answer = await browser.ask(`${world.site}/oauth2/callback?code=abc&state=${state}&x=${'z'.repeat(20_000)}`);
      assert.equal(`${answer.status} ${reasonOf(answer)}`, '400 bad_path');
    },
  },
  'unsolicited-code': {
    about: 'the provider began: a code nobody asked for, without state; the page has a way on',
    visit: async (world, browser) => {
      const answer = await browser.open(`${world.site}/oauth2/callback?code=abc`);
      await holdPage(world, answer, 'state_mismatch', 400, /state/);
      leadsBack(answer);
    },
  },
  'state-foreign': {
    about: "the attacker's code and state in the victim's browser, which has an attempt of its own",
    visit: bringing(() => `code=abc&state=${'B'.repeat(43)}`, 'attempt_missing', 400),
  },
  'state-cut': {
    about: 'state cut to half',
    visit: bringing((state) => `code=abc&state=${state.slice(0, 20)}`, 'attempt_missing', 400),
  },
  'state-long': {
    about: 'state of 8 KiB',
    visit: bringing(() => `code=abc&state=${'s'.repeat(8192)}`, 'attempt_missing', 400),
  },
  'initiate-get': {
    about: 'third-party initiated login (OIDC Core 4): it begins a sign-in of ours, and ends on our site',
    visit: async (world, browser) => {
      const query = new URLSearchParams({
        iss: world.tenant,
        login_hint: 'ana',
        target_link_uri: `${world.site}/reports/q3`,
      });
      const answer = await browser.open(`${world.site}/oauth2/start?${query}`, { headers: CROSS_SITE });
      assert.equal(`${answer.status} ${reasonOf(answer)}`, '200 ');
      assert.equal(new URL(answer.url).origin, world.site);
    },
  },
  'initiate-foreign': {
    about: 'the same with a target on another site: it ends on ours',
    visit: async (world, browser) => {
      const query = new URLSearchParams({
        iss: 'https://evil.test',
        target_link_uri: 'https://evil.test/',
        scope: 'admin',
      });
      const answer = await browser.open(`${world.site}/oauth2/start?${query}`, { headers: CROSS_SITE });
      assert.equal(new URL(answer.url).origin, world.site);
      assert.doesNotMatch(world.asked('/authorize').at(-1).query.scope, /admin/);
    },
  },
  'initiate-post': {
    about: 'the same as POST: 405, and which methods are taken',
    visit: async (world, browser) => {
      const options = { method: 'POST', form: { iss: world.tenant }, headers: CROSS_SITE, withCookies: false };
      const answer = await browser.ask(`${world.site}/oauth2/start`, options);
      assert.equal(`${answer.status} ${reasonOf(answer)}`, '405 method_not_allowed');
      assert.match(`${answer.headers.allow}`, /GET/, 'RFC 9110 15.5.6: a 405 has Allow');
    },
  },
  'callback-hygiene': {
    about: 'the answer to a callback is a redirect to a clean URL, kept by nobody, named to nobody',
    visit: async (world, browser) => {
      await hold(signedIn(), await walk(world, browser), world);
      const callback = browser.trail.find(({ url }) => url.includes('/oauth2/callback'));
      assert.equal(callback.status, 303);
      assert.match(callback.headers['cache-control'], /no-store/);
      assert.equal(callback.headers['referrer-policy'], 'no-referrer');
      assert.doesNotMatch(callback.headers.location, /code=|state=/);
      for (const line of callback.headers['set-cookie']) {
        assert.match(line, /^__Host-[^=]+=.*; ?(?=.*Path=\/)(?=.*Secure)(?=.*HttpOnly)(?=.*SameSite=Lax)/);
      }
    },
  },
  'back-button': {
    about: 'Back to the callback after the sign-in, and F5 on it',
    visit: async (world, browser) => {
      await walk(world, browser);
      const callback = browser.trail.find(({ url }) => url.includes('/oauth2/callback'));
      const again = await browser.open(callback.url);
      assert.equal(`${again.status} ${reasonOf(again)}`, '200 ');
      assert.equal(world.asked('/token').length, 1, 'the code is sent once');
    },
  },
  'back-button-expired': {
    about: 'Back to the callback after the session ended: the page says what may have happened, and has a way on',
    visit: async (world, browser) => {
      await walk(world, browser);
      const callback = browser.trail.find(({ url }) => url.includes('/oauth2/callback'));
      browser.jar.forgetHost(world.host);
      const again = await browser.open(callback.url);
      assert.equal(`${again.status} ${reasonOf(again)}`, '400 attempt_missing');
      leadsBack(again);
    },
  },
  'bookmarked-provider-page': {
    about: 'the login page of the provider was bookmarked: callback days later',
    visit: async (world, browser) => {
      const start = await browser.ask(`${world.site}/a`);
      browser.jar.forgetHost(world.host);
      const answer = await browser.open(start.headers.location);
      await holdPage(world, answer, 'attempt_missing', 400);
      leadsBack(answer);
      assert.match(wordsOf(answer), /Request: /);
    },
  },
  'code-replayed': {
    about: 'the same callback with its attempt, twice: one exchange, one session',
    visit: async (world, browser) => {
      const start = await browser.ask(`${world.site}/a`);
      const provided = await browser.ask(start.headers.location);
      const copy = browser.jar.copy();
      const first = await browser.open(provided.headers.location);
      assert.equal(first.status, 200);
      browser.jar = copy;
      const second = await browser.open(provided.headers.location);
      assert.equal(`${second.status} ${reasonOf(second)}`, '502 token_exchange');
      assert.ok(!browser.hasSession(world.site));
    },
  },
};
