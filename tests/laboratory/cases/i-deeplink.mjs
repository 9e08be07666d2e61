// Which deep links survive a sign-in: all that the gateway forwards.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { NAVIGATION } from '../../shared/agent.mjs';
import { Browser, linksOf, reasonOf, wordsOf } from '../browser.mjs';

/// What `path` becomes in a fresh browser, and that the application gets it as it was.
async function follow(world, path) {
  const end = await new Browser().open(world.site + path);
  const got = `${end.status} ${reasonOf(end)} ${end.url.slice(world.site.length)}`;
  return { got, forwarded: world.requests().at(-1)?.path, end };
}

const kept =
  (...paths) =>
  async (world) => {
    for (const path of paths) {
      const { got, forwarded } = await follow(world, path);
      assert.equal(got, `200  ${path}`, `${path} is lost`);
      assert.equal(forwarded, path, 'the application gets what was asked for');
    }
  };
const refusedAs =
  (reason, ...paths) =>
  async (world) => {
    for (const path of paths) assert.equal((await follow(world, path)).got, `400 ${reason} ${path}`);
  };
/// What is too long to be carried: a page says so, and its link leads to the path.
const cut = (path) => async (world, browser) => {
  const page = await browser.open(world.site + path);
  assert.match(wordsOf(page), /too long/);
  assert.deepEqual(linksOf(page), [`${world.site}/reports/q3`]);
  assert.equal((await browser.open(linksOf(page)[0])).status, 200);
};
/// A query whose bytes cannot be packed.
const noise = (bytes) => randomBytes(bytes).toString('base64url').slice(0, bytes);

export default {
  deeplinks: {
    about: 'deep links of legacy applications, each with a fresh browser',
    visit: kept(
      '/Reports/report/Sales%20Reports/Q3',
      '/My%20Documents/plan.docx',
      '/a%2Fb',
      '/a%20',
      '/r?name=Sales%20Reports',
      '/r/Sales+Reports',
      '/%E3%80%80x',
      '/a%C2%A0b',
      '/x%5Cy',
      '/caf%C3%A9/%C3%BC',
      '/a%2520b',
      `/r?f=${'a'.repeat(1995)}`,
      `/r?f=${'a'.repeat(1996)}`,
    ),
  },
  'deeplinks-not-forwarded': {
    about: 'a tab or a line break in the path: not forwarded, so not kept',
    visit: refusedAs('bad_path', '/a%09b', '/a/b%0A'),
  },
  'deeplink-space-query': {
    about: 'spaces and %20 in names and values',
    visit: kept('/Pages/Report.aspx?Item%20Path=%2FSales%20Reports&rs:Command=Render'),
  },
  'deeplink-unc': {
    about: 'a UNC path in the path and in the query',
    visit: kept('/open?path=%5C%5Cserver%5Cshare', '/%5C%5Cserver/share'),
  },
  'deeplink-double': {
    about: 'twice encoded, three times encoded',
    visit: kept('/a%252Fb', '/a%25252Fb', '/q?x=%252F%252Fevil.test'),
  },
  'deeplink-foreign-url': {
    about: 'a query that names another site: it is what was asked of us, and goes to the application alone',
    visit: kept('/go?to=https://other.test/x', '/go?to=//other.test', '/login?returnUrl=https%3A%2F%2Fother.test%2F'),
  },
  'deeplink-nbsp': {
    about: 'white space of Unicode in the path',
    visit: kept('/a%E2%80%AFb', '/%E2%80%83', '/%EF%BB%BFx'),
  },
  'deeplink-latin1': { about: 'a path that is not UTF-8', visit: kept('/caf%E9', '/%A0x') },
  'deeplink-empty-query': { about: 'an empty query, empty names', visit: kept('/a?&&=&', '/a?=x') },
  'deeplink-semicolons': {
    about: 'parameters of the path, a session of a Java application in it',
    visit: kept('/app/view.jsf;jsessionid=0A1B?cid=4'),
  },
  'deeplink-braces': {
    about: 'characters that browsers leave as they are',
    visit: kept('/a[1]/b', "/odata/Orders('A')?$filter=Name%20eq%20%27x%27"),
  },
  'deeplink-2048': { about: 'a place of 2 KiB', visit: kept(`/r?f=${noise(2042)}`) },
  'deeplink-7k-packs': {
    about: 'a place of 7 KiB that packs well',
    visit: kept(`/r?${'region=emea&'.repeat(580)}x=1`),
  },
  'deeplink-6k-noise': {
    about: 'a place of 6 KiB that does not pack: the path is kept, and a page says so',
    visit: cut(`/reports/q3?f=${noise(6000)}`),
  },
  'deeplink-12k-packs': {
    about: 'a place of 12 KiB that would pack: beyond the bound of 8 KiB, so the path alone',
    visit: cut(`/reports/q3?${'a=1&'.repeat(3000)}`),
  },
  'deeplink-rd-strict': {
    about: 'the same places as `rd`, which anybody can write: the check for foreign input stays',
    visit: async (world) => {
      for (const rd of [
        '//evil.test',
        '/\\evil.test',
        '/%5Cevil.test',
        'https://evil.test/',
        '/%09/evil.test',
        '/x?u=https://evil.test',
      ]) {
        const end = await new Browser().open(`${world.site}/oauth2/start?rd=${encodeURIComponent(rd)}`);
        assert.equal(end.url, `${world.site}/`, rd);
      }
    },
  },
  'deeplink-target-as-host': {
    about: 'the request target itself looks like another host: it stays on the site',
    visit: async (world) => {
      for (const path of ['//evil.test/%2f..', '/%5Cevil.test', '/.//evil.test', '///evil.test/']) {
        const browser = new Browser();
        const { status, headers } = await browser.ask(world.site + path, { headers: NAVIGATION });
        const end = status === 303 ? await browser.open(headers.location) : undefined;
        if (end) assert.equal(new URL(end.url).origin, world.site, path);
      }
    },
  },
};
