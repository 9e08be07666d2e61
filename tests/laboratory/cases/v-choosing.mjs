// Choosing among providers by an address, and what a link may say about it.

import assert from 'node:assert/strict';
import { sleep } from '../../shared/wait.mjs';
import { linksOf, reasonOf, wordsOf } from '../browser.mjs';

const both = {
  signIn: (name) => [name, `${name}-other`],
  tenants: { other: { identity: 'label = "Partners"', domains: ['partners.test', 'sub.example.com'] } },
  identity: 'label = "Employees"',
  site: 'ask_email = true',
};
const at = (world, query) => `${world.site}/oauth2/start?${query}&rd=/x`;
/// With which of the two a sign-in begins; `undefined`: the page asks.
async function begins(world, browser, query) {
  const answer = await browser.ask(at(world, query));
  if (reasonOf(answer) === 'choose_provider') return undefined;
  assert.equal(answer.status, 303, `${answer.status} ${reasonOf(answer)}`);
  return new URL(answer.headers.location).pathname.split('/')[1].slice(world.name.length);
}

export default {
  'choose-address': {
    ...both,
    about: 'addresses in every spelling that people type, and some that are none',
    visit: async (world, browser) => {
      const found = {};
      const typed = [
        'ana@example.com',
        'Ana@EXAMPLE.com',
        ' ana@example.com ',
        'ana@partners.test',
        'ana@sub.example.com',
        'ana@notexample.com',
        'ana@example.com@partners.test',
        'partners.test',
        '@partners.test',
        'ana@',
        '',
        'ana@example.com,bo@partners.test',
      ];
      for (const address of typed)
        found[address] = await begins(world, browser, `email=${encodeURIComponent(address)}`);
      assert.deepEqual(found, {
        'ana@example.com': '',
        'Ana@EXAMPLE.com': '',
        ' ana@example.com ': '',
        'ana@partners.test': '-other',
        'ana@sub.example.com': '-other',
        'ana@notexample.com': undefined,
        'ana@example.com@partners.test': '-other',
        'partners.test': undefined,
        '@partners.test': '-other',
        'ana@': undefined,
        '': undefined,
        'ana@example.com,bo@partners.test': '-other',
      });
    },
  },
  'choose-unknown-address': {
    ...both,
    about: 'an address of nobody: the page says so, and has nothing of it',
    visit: async (world, browser) => {
      const page = await browser.ask(at(world, 'email=%3Cscript%3Emallory@evil.test'));
      assert.equal(page.status, 200);
      assert.doesNotMatch(page.text, /mallory|evil\.test/);
      assert.equal(linksOf(page).filter((href) => href.includes('provider=')).length, 2);
    },
  },
  'choose-both-said': {
    ...both,
    about: 'a provider and an address: the name is the clearer word',
    visit: async (world, browser) => {
      const begun = await begins(world, browser, `provider=${world.name}-other&email=ana@example.com`);
      assert.equal(begun, '-other');
    },
  },
  'choose-twice': {
    ...both,
    about: 'two providers in one link: the first counts, whichever that is it is one of ours',
    visit: async (world, browser) => {
      assert.equal(await begins(world, browser, `provider=${world.name}&provider=${world.name}-other`), '');
      assert.equal(await begins(world, browser, `provider=nobody&provider=${world.name}-other`), undefined);
    },
  },
  'choose-case': {
    ...both,
    about: 'a provider in other letters is none',
    visit: async (world, browser) => {
      assert.equal(await begins(world, browser, `provider=${world.name.toUpperCase()}`), undefined);
    },
  },
  'choose-parameter-of-the-application': {
    ...both,
    about: 'provider and email in an address of the application are its own',
    visit: async (world, browser) => {
      const page = await browser.ask(`${world.site}/report?provider=${world.name}-other&email=ana@partners.test`);
      assert.equal(reasonOf(page), 'choose_provider', 'it begins a sign-in');
      const link = linksOf(page).find((href) => href.includes(`provider=${world.name}&`));
      const end = await browser.open(link);
      assert.equal(end.url, `${world.site}/report?provider=${world.name}-other&email=ana@partners.test`);
    },
  },
  'choose-refused-first': {
    ...both,
    tenants: { other: { ...both.tenants.other, claims: (all) => ({ ...all, email: 'ana@partners.test' }) } },
    claims: (all) => ({ ...all, email_verified: false }),
    about: 'refused at the first: the way on asks again with whom',
    visit: async (world, browser) => {
      const refused = await browser.open(at(world, `provider=${world.name}`));
      assert.equal(reasonOf(refused), 'email_unverified');
      const on = linksOf(refused).find((href) => href.includes('/oauth2/start'));
      const page = await browser.ask(on);
      assert.equal(reasonOf(page), 'choose_provider', wordsOf(page).slice(0, 200));
      const link = linksOf(page).find((href) => href.includes('-other'));
      const end = await browser.open(link);
      assert.equal(`${end.status} ${reasonOf(end)}`, '200 ');
      assert.equal(new URL(end.url).pathname, '/x');
    },
  },
  'choose-sign-out-of-second': {
    ...both,
    tenants: { other: { ...both.tenants.other, claims: (all) => ({ ...all, email: 'ana@partners.test' }) } },
    about: 'signed in with the second: the sign-out is of the second',
    visit: async (world, browser) => {
      await browser.open(at(world, `provider=${world.name}-other`));
      const end = await browser.open(`${world.site}/oauth2/sign_out`);
      assert.ok(end.status < 400);
      assert.ok(!browser.isKnownAt(`${world.tenant}-other`), 'it is signed in there still');
      assert.equal(world.asked('/logout').length, 0, 'the first is asked');
    },
  },
  'choose-over-recheck': {
    ...both,
    own: true,
    session: 'recheck = "1s"',
    about: 'recheck: a link to another provider is no silent round at the one of the session',
    visit: async (world, browser) => {
      await browser.open(at(world, `provider=${world.name}`));
      await sleep(2200);
      assert.equal(await begins(world, browser, `provider=${world.name}-other`), '-other');
      assert.equal(await begins(world, browser, 'email=bo@partners.test'), '-other');
      assert.equal(await begins(world, browser, 'email=bo@nobody.test'), undefined);
      assert.equal(await begins(world, browser, `provider=${world.name}`), '');
    },
  },
};
