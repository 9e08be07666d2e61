// Attacks on a provider's documents and by way of them, floods, and what is left of a session after a sign-out, by the ids
// of docs/THREATS.md.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import zlib from 'node:zlib';
import { FETCH, FRAME, NAVIGATION } from '../../shared/agent.mjs';
import { Browser, reasonOf } from '../browser.mjs';
import { hold, refused, signedIn, walk } from '../outcomes.mjs';

const seen = (answer) => `${answer.status} ${reasonOf(answer)}`.trim();
const ROUNDS = 12;

/// What a provider may say of how long its keys are good for; none of it moves a bound of ours.
const CACHES = ['no-store', 'max-age=0', 'max-age=-1', 'max-age=315360000', 'max-age=1e9', 'public, immutable'];
const cached =
  (value) =>
  (keys, { json }) =>
    json(keys, 200, { 'cache-control': value, expires: '0' });

/// Signs in some times; says how often the keys were fetched for it.
async function fetchesOf(world, rounds, ends) {
  const before = world.asked('/jwks').length;
  for (let round = 0; round < rounds; round += 1) {
    const page = await new Browser().open(`${world.site}/a`);
    assert.equal(seen(page), ends);
  }
  return world.asked('/jwks').length - before;
}

export default {
  'ds-01': {
    about: 'a flood of key names that nobody knows costs one fetch, and nobody else their sign-in',
    header: (header, { state }) => ({ ...header, kid: state.kid?.() ?? header.kid }),
    visit: async (world, browser) => {
      await hold(signedIn(), await walk(world, browser), world);
      world.state.kid = () => crypto.randomBytes(8).toString('hex');
      assert.ok((await fetchesOf(world, ROUNDS, '403 token_key')) <= 1, 'one fetch for the flood');
      world.state.kid = () => 'the same each time';
      assert.equal(await fetchesOf(world, ROUNDS, '403 token_key'), 0);
      world.state.kid = undefined;
      assert.equal(await fetchesOf(world, 1, '200'), 0, 'the keys that were there are kept');
    },
  },
  'ds-02': {
    about: 'the provider goes down: whoever is signed in stays so, and whoever is not is told when to come again',
    any: ({ state, res }) => {
      if (state.isDown) res.destroy();
      return state.isDown;
    },
    visit: async (world, browser) => {
      await hold(signedIn(), await walk(world, browser), world);
      const other = new Browser();
      const provided = await other.ask((await other.ask(`${world.site}/a`)).headers.location);
      world.state.isDown = true;
      const { page, embed } = await walk(world, browser);
      assert.equal(`${seen(page)} ${embed.status}`, '200 200');
      const answer = await other.open(provided.headers.location);
      assert.equal(seen(answer), '503 provider_unreachable');
      assert.match(answer.headers['retry-after'], /^\d+$/);
      assert.ok(!other.hasSession(world.site));
    },
  },
  'ds-02-at-start': {
    about: 'the provider was never up: a sign-in is told when to come again, and public pages are served',
    any: ({ say }) => {
      say(500, '');
      return true;
    },
    site: '[[site.route]]\npath = "/public/"\naccess = "public"',
    visit: async (world, browser) => {
      const answer = await browser.open(`${world.site}/a`);
      assert.equal(seen(answer), '503 provider_unreachable');
      assert.match(answer.headers['retry-after'], /^\d+$/);
      assert.equal(seen(await browser.open(`${world.site}/public/a`)), '200');
    },
  },
  'ds-02-parallel': {
    about: 'sixty people at once at a provider that takes a second: at most one fetch of its document and its keys',
    discovery: async (document) => {
      await new Promise((done) => setTimeout(done, 1000));
      return document;
    },
    visit: async (world) => {
      const endpoints = ['/.well-known/openid-configuration', '/jwks'];
      const counts = () => endpoints.map((at) => world.asked(at).length);
      const before = counts();
      const starts = Array.from({ length: 60 }, () => new Browser().ask(`${world.site}/a`));
      for (const answer of await Promise.all(starts)) assert.equal(answer.status, 303, seen(answer));
      counts().forEach((count, at) => {
        assert.ok(count - before[at] <= 1, `${endpoints[at]}: ${count - before[at]}`);
      });
    },
  },
  'ds-03-keys-redirect': {
    about: 'the keys are at a redirect: not followed',
    jwks: (_, { say, base, name }) => say(302, '', { location: `${base}/${name}/elsewhere` }),
    visit: async (world, browser) => {
      const { page } = await walk(world, browser);
      assert.equal(seen(page), '503 provider_documents');
      assert.equal(world.asked('/elsewhere').length, 0);
    },
  },
  'ds-03-keys-file': {
    about: 'jwks_uri is a file of ours',
    discovery: (document) => ({ ...document, jwks_uri: 'file:///etc/hostname' }),
    expect: refused('provider_documents', /jwks_uri.*file:/),
  },
  'ds-03-token-elsewhere': {
    about: 'token_endpoint is plain http on another host: the secret goes nowhere',
    discovery: (document) => ({ ...document, token_endpoint: 'http://idp.evil.test/token' }),
    expect: refused('provider_documents', /token_endpoint.*evil/),
  },
  'ds-04-oct': {
    about: 'the set has shared secrets, and the token a MAC by one of them',
    jwks: ({ keys }, { tenant }) => ({
      keys: [{ kty: 'oct', kid: 'k1', alg: 'HS256', k: Buffer.from(tenant.secret).toString('base64url') }, ...keys],
    }),
    secret: 'a-shared-secret-of-the-key-set',
    header: (header) => ({ ...header, alg: 'HS256' }),
    expect: refused('token_alg', /HS256/),
  },
  'ds-04-gzip': {
    about: 'the keys are compressed although nobody asked for it, and unpack to 100 MiB',
    jwks: (_, { say }) =>
      say(200, zlib.gzipSync(Buffer.alloc(100 << 20)), {
        'content-type': 'application/json',
        'content-encoding': 'gzip',
      }),
    expect: refused('provider_documents'),
  },
  'ds-04-many': {
    about: '10 000 keys',
    jwks: ({ keys: [one] }) => ({ keys: Array.from({ length: 10_000 }, (_, at) => ({ ...one, kid: `other${at}` })) }),
    expect: refused('provider_documents', /larger/),
  },
  'ds-04-certificates': {
    about: 'a key with a megabyte of certificates',
    jwks: ({ keys: [one] }) => ({ keys: [{ ...one, x5c: ['A'.repeat(1 << 20)] }] }),
    expect: refused('provider_documents', /larger/),
  },
  ...Object.fromEntries(
    CACHES.map((value, at) => [
      `ds-04-cache-${at + 1}`,
      {
        about: `the keys say Cache-Control: ${value}: five sign-ins, one fetch`,
        jwks: cached(value),
        visit: async (world) => {
          await fetchesOf(world, 1, '200');
          assert.equal(await fetchesOf(world, 4, '200'), 0);
        },
      },
    ]),
  ),
  'lo-02': {
    about: 'a copy of a session outlives the sign-out, as documented: until its end, `not_before` or `[[revoke]]`',
    visit: async (world, browser) => {
      await walk(world, browser);
      const copy = new Browser();
      copy.jar = browser.jar.copy();
      await browser.open(`${world.site}/oauth2/sign_out`, {
        headers: { ...NAVIGATION, 'sec-fetch-site': 'same-origin' },
      });
      assert.ok(!browser.hasSession(world.site));
      assert.equal(seen(await browser.ask(`${world.site}/a`, { headers: FETCH })), '401 not_signed_in');
      assert.equal(seen(await copy.ask(`${world.site}/a`, { headers: FETCH })), '200');
    },
  },
  'lo-03': {
    about: 'there are no endpoints for the back and the front channel: whoever asks them signs nobody out',
    visit: async (world, browser) => {
      await walk(world, browser);
      const before = world.requests().length;
      const query = `?iss=${encodeURIComponent(world.tenant)}&sid=1`;
      for (const name of ['backchannel_logout', 'frontchannel_logout', 'backchannel', 'logout', 'slo']) {
        const posted = await browser.ask(`${world.site}/oauth2/${name}`, {
          method: 'POST',
          headers: { accept: '*/*' },
          form: { logout_token: 'AAAA.AAAA.AAAA' },
          withCookies: false,
        });
        assert.equal(posted.status, 404, `${name}: ${seen(posted)}`);
        const framed = await browser.ask(`${world.site}/oauth2/${name}${query}`, {
          headers: { ...FRAME, 'sec-fetch-site': 'cross-site' },
        });
        assert.equal(framed.status, 404, `${name}: ${seen(framed)}`);
        assert.deepEqual(framed.headers['set-cookie'] ?? [], []);
      }
      assert.equal(world.requests().length, before, 'the application is asked for paths of ours');
      assert.equal(seen(await browser.ask(`${world.site}/a`, { headers: FETCH })), '200');
    },
  },
};
