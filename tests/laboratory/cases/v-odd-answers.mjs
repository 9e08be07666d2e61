// Answers of providers to a code, at the callback and at UserInfo, in which something is said in another way or in
// another place.

import assert from 'node:assert/strict';
import { NAVIGATION } from '../../shared/agent.mjs';
import { reasonOf } from '../browser.mjs';
import { sign } from '../keys.mjs';
import { refused, signedIn } from '../outcomes.mjs';

const a = (more) => (answer) => ({ ...answer, ...more });
const bare = ({ email, email_verified, groups, name, ...claims }) => claims;
const asked = (more) => signedIn({ userinfo: 1, ...more });
const signed =
  (change, header = {}) =>
  (x) => {
    const claims = change({ ...x.plain, iss: x.issuer, aud: 'gw', iat: x.now, exp: x.now + 60 }, x);
    const token = sign({ alg: 'RS256', kid: 'k1', ...header }, claims, x.pair, 'client-secret');
    x.say(200, token, { 'content-type': 'application/jwt' });
  };
/// The callback without these parameters, and with others.
const back = (without, parameters) => (url) => {
  for (const name of without) url.searchParams.delete(name);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
};

export default {
  'answer-description-alone': {
    about: 'error_description beside the tokens, and no error: nothing uses it',
    tokenAnswer: a({ error_description: 'Success' }),
    expect: signedIn(),
  },
  'answer-error-empty': {
    about: 'error and error_description are empty beside the tokens',
    tokenAnswer: a({ error: '', error_description: '' }),
    expect: signedIn(),
  },
  'answer-error-false': {
    about: 'error is false beside the tokens',
    tokenAnswer: a({ error: false }),
    expect: signedIn(),
  },
  'answer-error-and-tokens': {
    about: 'an error beside tokens is an error',
    tokenAnswer: a({ error: 'invalid_grant' }),
    expect: refused('token_exchange', /invalid_grant/),
  },
  'answer-description-alone-400': {
    about: 'status 400 with a description and no error: the words are kept',
    tokenRequest: ({ json }) => json({ error_description: 'client is disabled' }, 400),
    expect: refused('token_exchange', /400.*client is disabled/),
  },
  'answer-empty': {
    about: '200 with nothing',
    tokenRequest: ({ say }) => say(200, ''),
    expect: refused('token_exchange', /json/),
  },
  'answer-204': {
    about: '204',
    tokenRequest: ({ say }) => say(204, ''),
    expect: refused('token_exchange', /204/),
  },
  'answer-access-empty': {
    about: 'access_token is an empty text, and the ID token has an at_hash',
    tokenAnswer: a({ access_token: '' }),
    expect: signedIn(),
  },
  'answer-error-nested': {
    about: 'an error that is an object with a message',
    tokenRequest: ({ json }) => json({ error: { code: 400, message: 'bad' } }, 400),
    expect: refused('token_exchange', /400/),
  },
  'back-error-without-state': {
    about: 'an error without state: nobody knows of which attempt, and the words are kept in the audit line alone',
    callback: back(['code', 'state'], { error: 'access_denied', error_description: 'Your account is locked.' }),
    expect: refused('state_mismatch', /access_denied.*account is locked/, { notOnPage: /locked/ }),
  },
  'back-error-state-empty': {
    about: 'an error with an empty state',
    callback: back(['code'], { state: '', error: 'server_error', error_description: 'ORA-00942' }),
    expect: refused('state_mismatch', /server_error.*ORA-00942/, { notOnPage: /ORA/ }),
  },
  'back-error-state-twice': {
    about: 'an error with two states: the words are kept',
    callback: (url) => {
      url.searchParams.delete('code');
      url.searchParams.append('state', url.searchParams.get('state'));
      url.searchParams.set('error', 'access_denied');
    },
    expect: refused('state_mismatch', /state.*twice.*access_denied/),
  },
  'back-error-iss-missing': {
    about: 'metadata announces iss, an error comes without it: not shown, and kept in the audit line',
    discovery: (document) => ({ ...document, authorization_response_iss_parameter_supported: true }),
    callback: back(['code'], { error: 'access_denied', error_description: 'Your account is locked.' }),
    expect: refused('token_iss', /iss.*missing.*access_denied.*account is locked/, { notOnPage: /locked/ }),
  },
  'back-error-iss-other': {
    about: 'an error of another issuer: not shown, and kept in the audit line',
    callback: back(['code'], { error: 'access_denied', error_description: 'Call 0800', iss: 'https://other.test' }),
    expect: refused('token_iss', /other\.test.*access_denied.*Call 0800/, { notOnPage: /0800/ }),
  },
  'back-error-empty': {
    about: 'error and error_description are there and empty beside a code: nothing is said',
    callback: back([], { error: '', error_description: '' }),
    expect: signedIn(),
  },
  'back-error-empty-described': {
    about: 'an empty error with a description beside a code: a provider that complains is no provider that agrees',
    callback: back([], { error: '', error_description: 'something' }),
    expect: refused('provider_refused', /something/),
  },
  'back-description-alone': {
    about: 'a description without an error beside a code: nothing reads it',
    callback: back([], { error_description: 'ok' }),
    expect: signedIn(),
  },
  'back-description-twice': {
    about: 'two descriptions of one error: words decide nothing',
    callback: (url) => {
      url.searchParams.delete('code');
      url.searchParams.set('error', 'access_denied');
      url.searchParams.append('error_description', 'first');
      url.searchParams.append('error_description', 'second');
    },
    expect: refused('provider_refused', /access_denied.*first/),
  },
  'back-jarm': {
    about: 'the answer is a JWT (response_mode=jwt): there is no code, and it is said',
    callback: (url) => {
      url.searchParams.delete('code');
      url.searchParams.set('response', 'eyJ.eyJ.sig');
    },
    expect: refused('state_mismatch', /code/),
  },
  'back-unknown-twice': {
    about: 'parameters that nothing reads come twice',
    callback: (url) => {
      for (const name of ['session_state', 'scope', 'scope', 'session_state', 'foo[]', 'foo[]'])
        url.searchParams.append(name, 'x');
    },
    expect: signedIn(),
  },
  'back-latin1': {
    about: 'a description in Latin-1',
    authorize: ({ query, say }) => {
      const words = 'error=access_denied&error_description=Zugriff+verweigert+f%FCr+Sie';
      say(302, '', { location: `${query.get('redirect_uri')}?${words}&state=${query.get('state')}` });
      return true;
    },
    expect: refused('provider_refused', /access_denied.*verweigert/, { page: /verweigert/ }),
  },
  'back-head': {
    about: 'HEAD of the callback by a link checker: 405, and the code is not spent',
    visit: async (world, browser) => {
      const start = await browser.ask(`${world.site}/a`);
      const round = await browser.ask(start.headers.location);
      const head = await browser.ask(round.headers.location, { method: 'HEAD' });
      assert.equal(`${head.status} ${reasonOf(head)}`, '405 method_not_allowed');
      assert.equal(world.asked('/token').length, 0);
      const end = await browser.open(round.headers.location);
      assert.equal(`${end.status} ${reasonOf(end)}`, '200 ');
    },
  },
  'form-post-charset': {
    about: 'a form with a charset in its content type',
    identity: 'response_mode = "form_post"',
    visit: async (world, browser) => {
      const start = await browser.ask(`${world.site}/a`);
      const state = new URL(start.headers.location).searchParams.get('state');
      const posted = await browser.ask(`${world.site}/oauth2/callback`, {
        method: 'POST',
        form: { error: 'access_denied', state },
        headers: {
          ...NAVIGATION,
          'sec-fetch-site': 'cross-site',
          origin: 'null',
          'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
        },
        withCookies: false,
      });
      assert.equal(`${posted.status} ${reasonOf(posted)}`, '200 form_answer');
    },
  },
  'form-post-multipart': {
    about: 'a form as multipart: what is wrong is said',
    identity: 'response_mode = "form_post"',
    visit: async (world, browser) => {
      const posted = await browser.ask(`${world.site}/oauth2/callback`, {
        method: 'POST',
        form: { code: 'x', state: 'y' },
        headers: { ...NAVIGATION, 'sec-fetch-site': 'cross-site', 'content-type': 'multipart/form-data; boundary=x' },
        withCookies: false,
      });
      assert.equal(`${posted.status} ${reasonOf(posted)}`, '400 state_mismatch');
      const line = await world.audit('sign_in');
      assert.match(line.detail, /multipart/);
    },
  },
  'userinfo-error-200': {
    about: 'UserInfo answers 200 with an error: the words are kept',
    claims: bare,
    userinfo: ({ json }) => json({ error: 'invalid_token', error_description: 'token is not active' }),
    expect: refused('userinfo_answer', /200.*invalid_token.*not active/),
  },
  'userinfo-204': {
    about: 'UserInfo answers 204',
    claims: bare,
    userinfo: ({ say }) => say(204, ''),
    expect: refused('userinfo_answer', /204/),
  },
  'userinfo-empty': {
    about: 'UserInfo answers 200 with nothing',
    claims: bare,
    userinfo: ({ say }) => say(200, ''),
    expect: refused('userinfo_answer', /json/),
  },
  'userinfo-challenge-plain': {
    about: 'the challenge says the error without quotes (RFC 9110 11.2: a token)',
    claims: bare,
    userinfo: ({ say }) =>
      say(401, '', { 'www-authenticate': 'Bearer realm="r", error=invalid_token, error_description="it is old"' }),
    expect: refused('userinfo_answer', /401.*invalid_token.*it is old/),
  },
  'userinfo-challenge-order': {
    about: 'the description stands before the error, with blanks around =, in capitals, and with quotes in it',
    claims: bare,
    userinfo: ({ say }) =>
      say(401, '', {
        'www-authenticate': 'Bearer Error_Description = "the \\"email\\" scope", ERROR = "insufficient_scope"',
      }),
    expect: refused('userinfo_answer', /401.*insufficient_scope.*email.* scope/),
  },
  'userinfo-challenge-second': {
    about: 'two challenges, the second one says what is wrong',
    claims: bare,
    userinfo: ({ say }) =>
      say(401, '', { 'www-authenticate': ['Basic realm="error=\\"no\\""', 'Bearer error="invalid_token"'] }),
    expect: refused('userinfo_answer', /401.*invalid_token/),
  },
  'userinfo-jwt-expired': {
    about: 'a signed answer that ended ten minutes ago: how far off is said',
    claims: bare,
    userinfo: signed((all, { now }) => ({ ...all, exp: now - 600 })),
    expect: refused('token_time', /exp.*(600|59\d|60\d)s? ago/),
  },
  'userinfo-jwt-ahead': {
    about: 'a signed answer of a clock that is ten minutes ahead: how far off is said',
    claims: bare,
    userinfo: signed((all, { now }) => ({ ...all, iat: now + 600, exp: now + 900 })),
    expect: refused('token_time', /iat.*(600|59\d|60\d)s ahead/),
  },
  'userinfo-jwt-exp-text': {
    about: 'a signed answer whose end is a text',
    claims: bare,
    userinfo: signed((all, { now }) => ({ ...all, exp: `${now + 60}` })),
    expect: refused('token_time', /exp.*text/),
  },
  'userinfo-jwt-line-end': {
    about: 'a signed answer with a line end behind it',
    claims: bare,
    userinfo: (x) =>
      x.say(200, `${sign({ alg: 'RS256', kid: 'k1' }, x.plain, x.pair)}\r\n`, {
        'content-type': 'application/jwt;charset=utf-8',
      }),
    expect: asked(),
  },
  'userinfo-jwt-as-json': {
    about: 'a signed answer that calls itself JSON: not read as claims',
    claims: bare,
    userinfo: (x) =>
      x.say(200, sign({ alg: 'RS256', kid: 'k1' }, x.plain, x.pair), { 'content-type': 'application/json' }),
    expect: refused('userinfo_answer', /json/),
  },
  'userinfo-json-as-jwt': {
    about: 'JSON that calls itself a JWT: nobody has signed it',
    claims: bare,
    userinfo: ({ plain, json }) => json(plain, 200, { 'content-type': 'application/jwt' }),
    expect: refused('token_malformed', /segment/),
  },
  'userinfo-jwt-at': {
    about: 'an access token of the same person in place of UserInfo',
    claims: bare,
    userinfo: signed((all) => all, { typ: 'at+jwt' }),
    expect: refused('token_malformed', /typ/),
  },
  'userinfo-jwt-aud-more': {
    about: 'a signed answer for us and somebody else',
    claims: bare,
    userinfo: signed((all) => ({ ...all, aud: ['gw', 'other'] })),
    expect: refused('token_aud', /other/),
  },
  'userinfo-jwt-no-sub': {
    about: 'a signed answer of nobody',
    claims: bare,
    userinfo: signed(({ sub, ...all }) => all),
    expect: refused('token_sub', /userinfo/i),
  },
  'userinfo-verified-text': {
    about: 'email_verified is the text "true" at UserInfo',
    claims: bare,
    userinfo: ({ plain }) => ({ ...plain, email_verified: 'true' }),
    expect: refused('email_unverified', /email_verified.*text/),
  },
  'userinfo-verified-false': {
    about: 'email_verified is null in the ID token and false at UserInfo',
    claims: (all) => ({ ...all, email_verified: null }),
    userinfo: ({ plain }) => ({ ...plain, email_verified: false }),
    expect: refused('email_unverified', /email_verified.*false/),
  },
  'userinfo-not-to-unverify': {
    about: 'email_verified is false in the ID token: UserInfo is not asked to better it',
    identity: 'userinfo = "always"',
    claims: (all) => ({ ...all, email_verified: false }),
    expect: refused('email_unverified', /email_verified.*false/),
  },
  'userinfo-reference': {
    about: 'groups are a reference at UserInfo as well',
    claims: (all) => ({ ...bare(all), email: all.email, email_verified: true, _claim_names: { groups: 's' } }),
    userinfo: ({ plain: { groups, ...rest } }) => ({
      ...rest,
      _claim_names: { groups: 's' },
      _claim_sources: { s: {} },
    }),
    expect: refused('groups_overage', /reference/),
  },
  'userinfo-nonce-of-its-own': {
    about: 'UserInfo says iss, aud, exp and nonce in plain JSON: what a token says of itself is not its to say',
    claims: bare,
    userinfo: ({ plain }) => ({ ...plain, iss: 'https://other.test', aud: 'x', exp: 1, nonce: 'x', acr: 'gold' }),
    expect: asked(),
  },
  'userinfo-proto': {
    about: 'UserInfo has members that programs in JavaScript fear',
    claims: bare,
    userinfo: ({ plain, json }) =>
      json(`${JSON.stringify(plain).slice(0, -1)},"__proto__":{"groups":["admins"]},"constructor":1,"":2}`),
    expect: asked(),
  },
};
