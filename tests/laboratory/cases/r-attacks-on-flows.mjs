// Published attacks on sign-ins and sessions, by the ids of docs/THREATS.md.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { FETCH, FRAME, NAVIGATION } from '../../shared/agent.mjs';
import { Browser, reasonOf } from '../browser.mjs';
import { base64url, payloadOf } from '../keys.mjs';
import { walk } from '../outcomes.mjs';

const SESSION = '__Host-sg';
const seen = (answer) => `${answer.status} ${reasonOf(answer)}`.trim();
const parametersOf = (answer) => new URL(answer.headers.location).searchParams;
const nameOf = (line) => line.split('=')[0];
const cookiesOf = (answer) => answer.headers['set-cookie'] ?? [];
const sha256 = (text) => base64url(crypto.createHash('sha256').update(text).digest());
const OF_THE_SITE = { ...NAVIGATION, 'sec-fetch-site': 'same-origin' };

/// A browser of somebody who is signed in.
async function signedInBrowser(world, person = 'ana') {
  world.state.person = person;
  const browser = new Browser();
  const page = await browser.open(`${world.site}/a`);
  assert.equal(seen(page), '200', await world.told());
  return browser;
}

/// What a fetch gets that carries exactly this cookie.
async function withCookie(world, value, name = SESSION) {
  const answer = await new Browser().ask(`${world.site}/a`, { headers: { ...FETCH, cookie: `${name}=${value}` } });
  return seen(answer);
}

/// Every attribute of the prefix, no `Domain`, and no more than a browser keeps.
function holdAttributes(line) {
  const [pair, ...attributes] = line.split(';').map((part) => part.trim());
  assert.match(pair, /^__Host-sg[^=]*=/, line);
  const names = attributes.map((attribute) => attribute.toLowerCase());
  const sameSite = names.includes('partitioned') ? 'samesite=none' : 'samesite=lax';
  for (const wanted of ['secure', 'httponly', sameSite, 'path=/']) assert.ok(names.includes(wanted), line);
  assert.ok(!names.some((name) => name.startsWith('domain')), line);
  assert.ok(Buffer.byteLength(pair) <= 4096, `${Buffer.byteLength(pair)} bytes`);
}

/// Who asks, and what they must not get: a way to the provider, or a cookie.
const NO_NAVIGATIONS = {
  fetch: { headers: FETCH },
  'XMLHttpRequest of an old browser': { headers: { accept: 'text/html', 'x-requested-with': 'XMLHttpRequest' } },
  'a program that wants JSON': { headers: { accept: 'application/json' } },
  image: { headers: { ...NAVIGATION, accept: 'image/*', 'sec-fetch-dest': 'image', 'sec-fetch-mode': 'no-cors' } },
  script: { headers: { ...NAVIGATION, accept: '*/*', 'sec-fetch-dest': 'script', 'sec-fetch-mode': 'no-cors' } },
  frame: { headers: FRAME },
  prefetch: { headers: { ...NAVIGATION, 'sec-purpose': 'prefetch' } },
  prerender: { headers: { ...NAVIGATION, 'sec-purpose': 'prefetch;prerender' } },
  POST: { method: 'POST', headers: NAVIGATION, form: { a: 'b' } },
  'POST of nothing': { method: 'POST', headers: { ...NAVIGATION, 'content-length': '0' } },
  PUT: { method: 'PUT', headers: FETCH, form: { a: 'b' } },
  DELETE: { method: 'DELETE', headers: FETCH },
  HEAD: { method: 'HEAD', headers: NAVIGATION },
  'OPTIONS of a preflight': {
    method: 'OPTIONS',
    headers: { ...FETCH, origin: 'https://evil.test', 'access-control-request-method': 'POST' },
  },
  WebSocket: {
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    },
  },
};

/// Who somebody is by other products, by a token, or by an address: never by ours.
const NAMES_OF_OTHERS = {
  'an ALB': { 'x-amzn-oidc-identity': 'u-ana', 'x-amzn-oidc-data': 'TOKEN', 'x-amzn-oidc-accesstoken': 'TOKEN' },
  'an ALB and its signer': { 'x-amzn-oidc-data': 'TOKEN', 'x-amzn-oidc-signer': 'arn:aws:elasticloadbalancing:x' },
  IAP: {
    'x-goog-iap-jwt-assertion': 'TOKEN',
    'x-goog-authenticated-user-email': 'accounts.google.com:ana@example.com',
  },
  Cloudflare: { 'cf-access-jwt-assertion': 'TOKEN', 'cf-access-authenticated-user-email': 'ana@example.com' },
  'the cookie of Cloudflare': { cookie: 'CF_Authorization=TOKEN' },
  'oauth2-proxy': {
    'x-forwarded-user': 'u-ana',
    'x-forwarded-email': 'ana@example.com',
    'x-auth-request-user': 'u-ana',
  },
  'a bearer token': { authorization: 'Bearer TOKEN' },
  'a bearer token in other letters': { authorization: 'bearer  TOKEN ' },
  'a password': { authorization: `Basic ${Buffer.from('ana:TOKEN').toString('base64')}` },
};

export default {
  'lf-02': {
    about: 'a state that is missing, empty, or of nobody; a code in two places; a state of 64 kB',
    visit: async (world) => {
      const ways = {
        'no state': () => '?code=x',
        'an empty one': () => '?code=x&state=',
        'the first half': (state) => `?code=x&state=${state.slice(0, state.length / 2)}`,
        'one letter more': (state) => `?code=x&state=${state}A`,
        'other letters': (state) => `?code=x&state=${state.toUpperCase()}`,
        'of nobody': () => `?code=x&state=${crypto.randomBytes(32).toString('base64url')}`,
        'the first of two': (state) => `?code=x&state=${state}&state=x`,
        'the second of two': (state) => `?code=x&state=x&state=${state}`,
        'escaped twice': (state) => `?code=x&st%61te=${state}&state=${state}`,
        'two codes': (state) => `?code=x&code=y&state=${state}`,
        '64 kB': () => `?code=x&state=${'a'.repeat(64_000)}`,
        'an array of it': (state) => `?code=x&state[]=${state}`,
      };
      for (const [told, query] of Object.entries(ways)) {
        const browser = new Browser();
        const state = parametersOf(await browser.ask(`${world.site}/a`)).get('state');
        const answer = await browser.ask(`${world.site}/oauth2/callback${query(state)}`);
        assert.ok(answer.status >= 400 && answer.status < 500, `${told}: ${seen(answer)}`);
        assert.ok(!browser.hasSession(world.site), told);
      }
      const browser = new Browser();
      const state = parametersOf(await browser.ask(`${world.site}/a`)).get('state');
      const both = await browser.ask(`${world.site}/oauth2/callback?code=x&state=${state}`, {
        method: 'POST',
        form: { code: 'y', state },
      });
      assert.equal(both.status, 405);
      assert.equal(world.asked('/token').length, 0, 'a code is sent to the token endpoint');
    },
  },
  'lf-03': {
    about: "a victim's code in the attacker's own attempt: the provider refuses the verifier",
    visit: async (world) => holdInjectedCode(world, '502 token_exchange'),
  },
  'lf-03-lax': {
    about: 'the same at a provider that looks at no verifier: the nonce is of another attempt',
    tokenRequest: ({ provider, form }) => {
      const known = provider.codes.get(form.get('code'));
      if (known) known.challenge = sha256(form.get('code_verifier') ?? '');
    },
    visit: async (world) => holdInjectedCode(world, '403 token_nonce'),
  },
  'lf-04': {
    about: 'fifty sign-ins: S256 each time, and no state, nonce or challenge twice, in no address of ours',
    visit: async (world) => {
      const found = [];
      for (let round = 0; round < 50; round += 1) {
        const query = parametersOf(await new Browser().ask(`${world.site}/a`));
        assert.equal(query.get('code_challenge_method'), 'S256');
        assert.match(query.get('code_challenge'), /^[A-Za-z0-9_-]{43}$/);
        found.push(query.get('state'), query.get('nonce'), query.get('code_challenge'));
      }
      assert.equal(new Set(found).size, 150);
      await walk(world, new Browser());
      const [{ form }] = world.asked('/token');
      assert.match(form.code_verifier, /^[A-Za-z0-9._~-]{43,128}$/);
      const everything = JSON.stringify(world.lines()) + JSON.stringify(world.asked().map(({ query }) => query));
      assert.ok(!everything.includes(form.code_verifier), 'the verifier is in an address or in the log');
    },
  },
  'lf-10': {
    about: 'only a top-level GET is sent to the provider: nobody else gets a redirect or a cookie, and no body is read',
    visit: async (world) => {
      for (const [told, options] of Object.entries(NO_NAVIGATIONS)) {
        const answer = await new Browser().ask(`${world.site}/a`, options);
        assert.ok([401, 403].includes(answer.status), `${told}: ${seen(answer)}`);
        assert.equal(answer.headers.location, undefined, told);
        assert.deepEqual(cookiesOf(answer), [], told);
      }
      const page = await new Browser().ask(`${world.site}/a`);
      assert.equal(page.status, 303);
      assert.deepEqual(world.requests(), [], 'the application is asked before anybody is signed in');
    },
  },
  'lf-15': {
    about: 'a session that somebody put there before: the one after a sign-in is new, and of who signed in',
    visit: async (world) => {
      const attacker = await signedInBrowser(world, 'bob');
      const theirs = attacker.jar.value(world.site, SESSION);
      for (const planted of [theirs, 'forged', `${theirs.slice(0, -4)}AAAA`]) {
        world.state.person = 'ana';
        const browser = new Browser();
        browser.jar.keep(world.site, [`${SESSION}=${planted}; Path=/; Secure`]);
        await browser.open(`${world.site}/oauth2/start?rd=/after`);
        assert.notEqual(browser.jar.value(world.site, SESSION), planted);
        const { user, email, cookie } = world.requests().at(-1);
        assert.deepEqual({ user, email, cookie }, { user: 'u-ana', email: 'ana@example.com', cookie: '' });
      }
    },
  },
  'tv-21': {
    about: 'names and tokens of other products, a bearer token, a token in an address: they sign nobody in',
    visit: async (world) => {
      const browser = await signedInBrowser(world);
      const token = world.provider.issued.findLast((one) => payloadOf(one).iss === world.tenant);
      const before = world.requests().length;
      for (const [told, headers] of Object.entries(NAMES_OF_OTHERS)) {
        const all = JSON.parse(JSON.stringify(headers).replaceAll('TOKEN', token));
        const answer = await new Browser().ask(`${world.site}/a`, { headers: { ...FETCH, ...all } });
        assert.equal(seen(answer), '401 not_signed_in', told);
        if (headers.cookie) continue;
        // `bob` in every header, and ana's session: ana.
        const others = JSON.parse(JSON.stringify(all).replaceAll('ana', 'bob'));
        assert.equal(
          (await browser.ask(`${world.site}/b`, { headers: { ...NAVIGATION, ...others } })).status,
          200,
          told,
        );
        const { user, email } = world.requests().at(-1);
        assert.deepEqual({ user, email }, { user: 'u-ana', email: 'ana@example.com' }, told);
      }
      for (const name of ['access_token', 'id_token', 'token', 'jwt']) {
        const answer = await new Browser().ask(`${world.site}/c?${name}=${token}`, { headers: FETCH });
        assert.equal(seen(answer), '401 not_signed_in', name);
      }
      assert.ok(world.requests().every(({ path }) => !path.startsWith('/c')));
      assert.equal(
        world.requests().length,
        before + Object.values(NAMES_OF_OTHERS).filter((one) => !one.cookie).length,
      );
    },
  },
  'cs-01': {
    about: 'every cookie from the first request to the sign-out has each attribute of its prefix',
    visit: async (world) => {
      const browser = await signedInBrowser(world);
      await browser.open(`${world.site}/oauth2/start?rd=/again`);
      await browser.open(`${world.site}/oauth2/sign_out`, { headers: OF_THE_SITE });
      const ours = browser.trail.filter(({ url }) => url.startsWith(world.site));
      const lines = ours.flatMap(cookiesOf);
      assert.ok(lines.length >= 6, `${lines.length} cookies`);
      lines.forEach(holdAttributes);
      for (const answer of ours) {
        // A new session ends the one before first: of two lines of a name the last one counts, everywhere.
        const whole = cookiesOf(answer).filter((line) => !/Partitioned/i.test(line));
        const again = whole.filter((line, at) => whole.slice(0, at).some((other) => nameOf(other) === nameOf(line)));
        assert.ok(
          again.every((line) => !/Max-Age=0/i.test(line)),
          `${answer.url}: ${whole.join('\n')}`,
        );
        assert.ok(again.length <= 1, `${answer.url}: ${whole.join('\n')}`);
      }
      assert.ok(!browser.hasSession(world.site), 'the end of a session is one for a browser');
    },
  },
  'cs-02': {
    about: 'a session that is changed in a byte, cut, made longer, of another kind: signed out, each time the same',
    visit: async (world) => {
      const good = (await signedInBrowser(world)).jar.value(world.site, SESSION);
      assert.equal(await withCookie(world, good), '200');
      const raw = Buffer.from(good, 'base64url');
      const flipped = Array.from(raw, (_, at) => {
        const copy = Buffer.from(raw);
        copy[at] ^= 1 << (at % 8);
        return copy.toString('base64url');
      });
      const cut = [1, 2, 16, 17, raw.length >> 1, raw.length - 1].map((bytes) =>
        raw.subarray(0, bytes).toString('base64url'),
      );
      const odd = [
        '',
        'A',
        '!!!',
        `${good}A`,
        `${good}=`,
        good + good,
        'x'.repeat(8000),
        '%00',
        '"',
        `${good}.${good}`,
      ];
      const found = new Map();
      for (const value of [...flipped, ...cut, ...odd]) found.set(await withCookie(world, value), value);
      assert.deepEqual([...found.keys()], ['401 not_signed_in']);
    },
  },
  'cs-02-nonce': {
    about: 'no two sessions of the same person are sealed with the same nonce',
    visit: async (world) => {
      const nonces = new Set();
      for (let round = 0; round < 20; round += 1) {
        const value = (await signedInBrowser(world)).jar.value(world.site, SESSION);
        // Version, the id of the key, the nonce: decision 0003.
        nonces.add(Buffer.from(value, 'base64url').subarray(5, 17).toString('hex'));
      }
      assert.equal(nonces.size, 20);
    },
  },
  'cs-03': {
    about: 'the cookie of an attempt is no session, and a session no attempt',
    visit: async (world) => {
      const browser = await signedInBrowser(world);
      const session = browser.jar.value(world.site, SESSION);
      const start = await new Browser().ask(`${world.site}/a`);
      const [name, value] = cookiesOf(start)[0].split(';')[0].split('=');
      assert.match(name, /^__Host-sg-l-/);
      assert.equal(await withCookie(world, value), '401 not_signed_in');
      const url = `${world.site}/oauth2/callback?code=x&state=${parametersOf(start).get('state')}`;
      const answer = await new Browser().ask(url, { headers: { ...NAVIGATION, cookie: `${name}=${session}` } });
      assert.ok(answer.status === 400 && world.asked('/token').length === 1, seen(answer));
    },
  },
};

/// The victim's answer is caught on its way, and played into an attempt of the attacker's.
async function holdInjectedCode(world, ends) {
  const [victim, attacker] = [new Browser(), new Browser()];
  const caught = parametersOf(await victim.ask((await victim.ask(`${world.site}/a`)).headers.location));
  world.state.person = 'bob';
  const own = parametersOf(await attacker.ask(`${world.site}/a`));
  const callback = `${world.site}/oauth2/callback?code=${caught.get('code')}&state=${own.get('state')}`;
  assert.equal(seen(await attacker.open(callback)), ends);
  assert.ok(!attacker.hasSession(world.site));
  const [{ form }] = world.asked('/token');
  assert.equal(sha256(form.code_verifier), own.get('code_challenge'), "the verifier is the attacker's own");
  assert.deepEqual(world.requests(), []);
}
