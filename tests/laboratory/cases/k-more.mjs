// What did not fit elsewhere: reloads, private keys, issuers of old, sizes.

import assert from 'node:assert/strict';
import { sleep, until } from '../../shared/wait.mjs';
import { Browser, linksOf, reasonOf } from '../browser.mjs';
import { refused, signedIn, walk } from '../outcomes.mjs';

const end = async (world) => {
  const { page } = await walk(world, new Browser());
  return `${page.status} ${reasonOf(page)}`.trim();
};
const each = (change) => (set) => ({ keys: set.keys.map(change) });

export default {
  'endpoint-moved': {
    about: 'the provider moved its token endpoint; its document says so; SIGHUP fetches it anew',
    own: true,
    discovery: (document, { state }) =>
      state.isMoved ? { ...document, token_endpoint: `${document.token_endpoint}2` } : document,
    any: ({ json, state }, at) => {
      if (at !== '/token' || !state.isMoved) return false;
      json({ error: 'not_found' }, 404);
      return true;
    },
    visit: async (world) => {
      assert.equal(await end(world), '200');
      world.state.isMoved = true;
      assert.equal(await end(world), '502 token_exchange');
      world.reload();
      await until('the new endpoint to be used', async () => (await end(world)) === '200', { seconds: 5, every: 250 });
    },
  },
  'sighup-document-broken': {
    about: 'SIGHUP while the document is broken: the old one is used on, and an event says why',
    own: true,
    discovery: (document, { state, say }) => (state.isBroken ? say(200, '<html>') : document),
    visit: async (world) => {
      assert.equal(await end(world), '200');
      world.state.isBroken = true;
      world.reload();
      await world.event(/json/);
      await sleep(200);
      assert.equal(await end(world), '200');
    },
  },
  'session-too-large': {
    about: '600 groups, all matched by a glob: which claim it is is said',
    mapping: '{ groups = { glob = "CN=*" } }',
    claims: (all) => ({ ...all, groups: Array.from({ length: 600 }, (_, i) => `CN=Group-${i},OU=x`) }),
    expect: refused('session_too_large', /groups/),
  },
  'wrong-account': {
    about: 'a route that the account may not have: the page offers to sign in as somebody else, and the provider asks',
    site: '[[site.route]]\npath = "/"\naccess = { when = { hd = ["example.com"] } }',
    discovery: ({ end_session_endpoint, ...document }) => document,
    claims: (all) => ({ ...all, hd: 'other.test' }),
    visit: async (world, browser) => {
      const { page } = await walk(world, browser);
      assert.equal(`${page.status} ${reasonOf(page)}`, '403 access_denied');
      const link = linksOf(page).find((href) => href.includes('/oauth2/start'));
      assert.ok(link, 'no link to sign in as somebody else');
      await browser.open(link);
      assert.match(`${world.asked('/authorize').at(-1).query.prompt}`, /^(select_account|login)$/);
    },
  },
  'access-denied-names': {
    about: 'a refusal carries names and kinds of what a rule looked for, and no values',
    site: '[[site.route]]\npath = "/"\naccess = { when = { department = ["bi"] } }',
    claims: (all) => ({ ...all, department: ['secret-project'] }),
    visit: async (world, browser) => {
      const { page } = await walk(world, browser);
      assert.equal(`${page.status} ${reasonOf(page)}`, '403 access_denied');
      const line = await world.audit('refusal', (one) => one.reason === 'access_denied');
      assert.match(`${line.detail}`, /department/);
      assert.equal(line.email, 'ana@example.com');
      assert.doesNotMatch(JSON.stringify(line), /secret-project/);
    },
  },
  'access-denied-values': {
    about: 'the values too, where the operator has switched that on: of the sign-in, and of what the rule asked',
    own: true,
    top: '[log]\nclaims = true',
    site: '[[site.route]]\npath = "/"\naccess = { when = { department = ["bi"] } }',
    claims: (all) => ({ ...all, department: ['secret-project'], shoe_size: 43 }),
    visit: async (world, browser) => {
      const { page } = await walk(world, browser);
      assert.equal(`${page.status} ${reasonOf(page)}`, '403 access_denied');
      const { claims } = await world.audit('claims');
      assert.match(claims.join('\n'), /department: \["secret-project"\]/);
      assert.doesNotMatch(claims.join('\n'), /shoe_size/, 'no rule reads it');
      const line = await world.audit('refusal', (one) => one.reason === 'access_denied');
      assert.match(line.claims.join('\n'), /department: asked for "bi"/);
      assert.doesNotMatch(page.text, /secret-project/);
    },
  },
  'jwk-nulls': {
    about: 'key_ops []: no operation is allowed with this key; which key is said',
    jwks: each((one) => ({ ...one, key_ops: [] })),
    expect: refused('provider_documents', /k1/),
  },
  'jwk-alg-null': { about: 'alg null', jwks: each((one) => ({ ...one, alg: null })), expect: signedIn() },
  'jwk-x5c-null': {
    about: 'x5c, x5u null only',
    jwks: each((one) => ({ ...one, x5c: null, x5u: null })),
    expect: signedIn(),
  },
  'jwk-private': {
    about: 'the set shows the private key (a misconfigured provider): it is not used, and it is said',
    jwks: (set, { pair }) => ({
      keys: set.keys.map((one) => ({ ...one, ...pair.privateKey.export({ format: 'jwk' }) })),
    }),
    expect: refused('provider_documents', /private/),
  },
  'token-refresh-nonce': {
    about: 'nonce given back with a blank behind it',
    claims: (all) => ({ ...all, nonce: `${all.nonce} ` }),
    expect: refused('token_nonce', /not that|different|another/),
  },
  'iss-token-http': {
    about: 'token iss is http on another host (Keycloak frontend URL): it is named',
    claims: (all) => ({ ...all, iss: 'http://keycloak.internal:8080/realms/corp' }),
    expect: refused('token_iss', /keycloak\.internal:8080\/realms\/corp/),
  },
  'google-bare-iss': {
    about: 'token iss "accounts.google.com" without scheme (old Google): it is named',
    claims: (all) => ({ ...all, iss: 'accounts.google.com' }),
    expect: refused('token_iss', /accounts\.google\.com/),
  },
};
