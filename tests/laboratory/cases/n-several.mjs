// Several providers on one site: a page to choose, and no answer of one in the attempt of the other (RFC 9207,
// RFC 9700 4.4).

import assert from 'node:assert/strict';
import { linksOf, reasonOf, wordsOf } from '../browser.mjs';

const both = { signIn: (name) => [name, `${name}-other`], tenants: { other: { identity: 'label = "Partners"' } } };
const withLabel = { ...both, identity: 'label = "Employees"' };

/// Begins at one of the two.
async function choose(world, browser, which) {
  const page = await browser.ask(`${world.site}/reports/q3`);
  const link = linksOf(page).find((href) => new URL(href).searchParams.get('provider') === which);
  assert.ok(link, `no link to ${which}: ${page.status} ${reasonOf(page)}`);
  return browser.ask(link);
}

export default {
  'several-page': {
    ...withLabel,
    about: 'nobody has chosen yet: a page with both labels, and no request to a provider',
    visit: async (world, browser) => {
      const page = await browser.ask(`${world.site}/reports/q3`);
      assert.equal(page.status, 200);
      for (const label of ['Employees', 'Partners']) assert.ok(wordsOf(page).includes(label), label);
      assert.equal(world.provider.asked(`${world.name}-other`, '/authorize').length, 0);
    },
  },
  'several-second': {
    ...withLabel,
    about: 'the second is chosen: signed in there, back where it began',
    visit: async (world, browser) => {
      const chosen = await choose(world, browser, `${world.name}-other`);
      const end = await browser.open(new URL(chosen.headers.location, chosen.url).href);
      assert.equal(`${end.status} ${reasonOf(end)} ${end.url}`, `200  ${world.site}/reports/q3`);
      const line = await world.audit('sign_in', (one) => one.result === 'signed_in');
      assert.equal(line.provider, `${world.name}-other`);
    },
  },
  'several-remembered': {
    ...withLabel,
    about: 'the last choice is remembered, and can be changed',
    visit: async (world, browser) => {
      const chosen = await choose(world, browser, `${world.name}-other`);
      await browser.open(new URL(chosen.headers.location, chosen.url).href);
      browser.jar.keep(world.site, ['__Host-sg=; Path=/; Max-Age=0']);
      const again = await browser.open(`${world.site}/reports/q4`);
      if (reasonOf(again)) assert.ok(wordsOf(again).indexOf('Partners') < wordsOf(again).indexOf('Employees'));
      else assert.equal(world.provider.asked(`${world.name}-other`, '/authorize').length, 2);
    },
  },
  'several-by-query': {
    ...withLabel,
    about: '?provider= goes straight there',
    visit: async (world, browser) => {
      const end = await browser.open(`${world.site}/oauth2/start?provider=${world.name}-other&rd=/x`);
      assert.equal(`${end.status} ${reasonOf(end)} ${end.url}`, `200  ${world.site}/x`);
      assert.equal(world.asked('/authorize').length, 0);
    },
  },
  'several-unknown': {
    ...withLabel,
    about: '?provider= of another site, or of nobody: the page to choose, and nothing of what was written in it',
    visit: async (world, browser) => {
      for (const which of ['ok', '<b>x</b>', '../corp']) {
        const page = await browser.ask(`${world.site}/oauth2/start?provider=${encodeURIComponent(which)}`);
        assert.ok(!page.headers.location, which);
        assert.doesNotMatch(page.text, /<b>x/);
      }
    },
  },
  'several-mixed-up': {
    ...both,
    about: 'begun at the first, answered by the second, which names itself: refused, and no code is sent',
    tenants: { other: { callback: (url, { issuer }) => url.searchParams.set('iss', issuer) } },
    visit: async (world, browser) => {
      const chosen = await choose(world, browser, world.name);
      const asked = new URL(chosen.headers.location, chosen.url);
      asked.pathname = asked.pathname.replace(world.name, `${world.name}-other`);
      const end = await browser.open(asked.href);
      assert.equal(`${end.status} ${reasonOf(end)}`, '403 token_iss');
      const codes = [world.name, `${world.name}-other`].flatMap((name) => world.provider.asked(name, '/token'));
      assert.equal(codes.length, 0);
    },
  },
  'several-mixed-up-silent': {
    ...both,
    about: 'the same without iss: the code goes to the first alone, which does not know it',
    tenants: { other: {} },
    visit: async (world, browser) => {
      const chosen = await choose(world, browser, world.name);
      const asked = new URL(chosen.headers.location, chosen.url);
      asked.pathname = asked.pathname.replace(world.name, `${world.name}-other`);
      const end = await browser.open(asked.href);
      assert.equal(`${end.status} ${reasonOf(end)}`, '502 token_exchange');
      assert.ok(!browser.hasSession(world.site));
      assert.equal(world.provider.asked(`${world.name}-other`, '/token').length, 0);
    },
  },
  'several-same-sub': {
    ...both,
    about: 'the same sub at both is two persons: changing the provider is a change of person',
    visit: async (world, browser) => {
      await browser.open(`${world.site}/oauth2/start?provider=${world.name}&rd=/x`);
      const one = browser.jar.value(world.site, '__Host-sg');
      await browser.open(`${world.site}/oauth2/start?provider=${world.name}-other&rd=/x`);
      assert.notEqual(browser.jar.value(world.site, '__Host-sg'), one);
      const line = await world.audit('sign_in', (entry) => entry.provider === `${world.name}-other`);
      assert.equal(line.result, 'signed_in');
    },
  },
  'several-one-down': {
    ...withLabel,
    about: 'one provider is down: the other works, and the page to choose is there',
    discovery: (_, { say }) => say(503, ''),
    visit: async (world, browser) => {
      const page = await browser.ask(`${world.site}/reports/q3`);
      assert.equal(page.status, 200);
      const end = await browser.open(`${world.site}/oauth2/start?provider=${world.name}-other&rd=/x`);
      assert.equal(`${end.status} ${reasonOf(end)}`, '200 ');
    },
  },
};
