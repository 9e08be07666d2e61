// What browsers do around a sign-in.

import assert from 'node:assert/strict';
import { FETCH, NAVIGATION } from '../../shared/agent.mjs';
import { request } from '../../shared/http.mjs';
import { Browser, linksOf, reasonOf, wordsOf } from '../browser.mjs';
import { walk } from '../outcomes.mjs';

const land = (answer) => `${answer.status} ${reasonOf(answer) || 'app'} at ${answer.url}`;
const keeps = (path) => async (world, browser) => {
  const end = await browser.open(world.site + path);
  assert.equal(land(end), `200 app at ${world.site}${path}`, await world.told());
};
const lands = (world, path) => `200 app at ${world.site}${path}`;
const isAttempt = (line) => line.startsWith('__Host-sg-l');

/// Many tabs of one browser that begin at once: no request has a cookie yet, all answers are kept.
async function tabsAtOnce(world, browser, count) {
  const urls = Array.from({ length: count }, (_, i) => `${world.site}/tab${i}`);
  const answers = await Promise.all(urls.map((url) => request(url, { headers: NAVIGATION })));
  for (const answer of answers) browser.jar.keep(answer.url, answer.headers['set-cookie']);
  return answers.map(({ headers }) => headers.location);
}

export default {
  'link-query': {
    about: 'deep link with an encoded query',
    report: 'goauthentik/authentik#25043, oauth2-proxy/oauth2-proxy#695',
    visit: keeps('/r/a%20b%2Fc/?x=1&x=2&u=https%3A%2F%2Fother.test%2F&q=%C3%A9+%26&empty=&flag'),
  },
  'link-1900': { about: 'deep link of 1 900 bytes', visit: keeps(`/r?f=${'a'.repeat(1890)}`) },
  'link-encoded-slashes': {
    about: 'paths with // inside, ;v=1, @, |, %5c, odd percents',
    visit: async (world) => {
      const paths = [
        '/a//b',
        '/a;v=1/b;jsessionid=9',
        '/user/@ana',
        '/a?next=//x.test/y',
        '/x%5cy',
        '/a|b',
        '/%E4',
        '/a?x=%zz',
        '/a?b=c%20d',
      ];
      const ends = [];
      for (const path of paths) ends.push(land(await new Browser().open(world.site + path)));
      assert.deepEqual(
        ends,
        paths.map((path) => lands(world, path)),
      );
    },
  },
  'link-fragment': {
    about: 'a fragment: no Location of ours has one, so the browser carries its own on',
    visit: async (world, browser) => {
      await browser.open(`${world.site}/app`);
      const locations = browser.trail.map(({ headers }) => headers.location).filter(Boolean);
      assert.equal(locations.length, 3);
      assert.ok(!locations.some((location) => location.includes('#')));
    },
  },
  'post-lost': {
    about: 'the session ended while a form was filled in: the page signs in beside it',
    visit: async (world, browser) => {
      const headers = {
        ...NAVIGATION,
        'sec-fetch-site': 'same-origin',
        origin: world.site,
        referer: `${world.site}/edit?id=7`,
      };
      const answer = await browser.ask(`${world.site}/save`, { method: 'POST', form: { a: '1' }, headers });
      assert.equal(`${answer.status} ${reasonOf(answer)}`, '401 not_signed_in');
      assert.match(answer.text, /<a [^>]*href="\/oauth2\/start[^>]*target="_blank"/);
      assert.equal(world.requests().length, 0);
    },
  },
  'fetch-401': {
    about: 'a fetch without a session: 401, and where to sign in',
    visit: async (world, browser) => {
      const headers = { ...FETCH, accept: 'application/json', referer: `${world.site}/dash?tab=2` };
      const answer = await browser.ask(`${world.site}/api/x`, { headers });
      assert.equal(`${answer.status} ${reasonOf(answer)}`, '401 not_signed_in');
      assert.equal(JSON.parse(answer.text).login_url, '/oauth2/start?rd=%2Fdash%3Ftab%3D2');
    },
  },
  'tabs-two-last-first': {
    about: 'two tabs at the login page; the first one signs in, then the second',
    report: 'vouch/vouch-proxy#349, #167, oauth2-proxy/oauth2-proxy#611, #817',
    visit: async (world, browser) => {
      const [one, two] = [await browser.ask(`${world.site}/one`), await browser.ask(`${world.site}/two`)];
      assert.equal(land(await browser.open(one.headers.location)), lands(world, '/one'));
      assert.equal(land(await browser.open(two.headers.location)), lands(world, '/two'));
    },
  },
  'tabs-expired-csrf': {
    about:
      'two tabs; the second comes back after its attempt ended, while signed in: the application, no page of errors',
    report: 'oauth2-proxy/oauth2-proxy#1888',
    visit: async (world, browser) => {
      const [one, two] = [await browser.ask(`${world.site}/one`), await browser.ask(`${world.site}/two`)];
      await browser.open(one.headers.location);
      const session = browser.jar.value(world.site, '__Host-sg');
      browser.jar.forgetHost(world.host);
      browser.jar.keep(world.site, [`__Host-sg=${session}; Path=/; Secure`]);
      assert.equal(land(await browser.open(two.headers.location)), lands(world, '/'));
    },
  },
  'tabs-8-serial': {
    about:
      '8 tabs restored one after the other: at most five attempts are kept; oldest and newest end in the application',
    visit: async (world, browser) => {
      const tabs = [];
      for (let i = 0; i < 8; i += 1) tabs.push(await browser.ask(`${world.site}/tab${i}`));
      const attempts = browser.jar.header(world.site).split('; ').filter(isAttempt);
      assert.equal(attempts.length, 5);
      assert.equal(land(await browser.open(tabs[7].headers.location)), lands(world, '/tab7'));
      assert.match(land(await browser.open(tabs[0].headers.location)), /^200 app at /);
    },
  },
  'tabs-30-parallel': {
    about: '30 tabs restored at once: the newest and the oldest each land where they pointed',
    visit: async (world, browser) => {
      const tabs = await tabsAtOnce(world, browser, 30);
      assert.equal(land(await browser.open(tabs[29])), lands(world, '/tab29'));
      assert.equal(land(await browser.open(tabs[0])), lands(world, '/tab0'));
    },
  },
  'tabs-40-parallel': {
    about: '40 tabs restored at once (no cookie yet in any request); the newest signs in, and the browser recovers',
    visit: async (world, browser) => {
      const tabs = await tabsAtOnce(world, browser, 40);
      assert.equal(land(await browser.open(tabs[39])), lands(world, '/tab39'));
      assert.equal(land(await browser.open(`${world.site}/next`)), lands(world, '/next'));
      assert.equal((await browser.ask(`${world.site}/api`, { headers: FETCH })).status, 200);
    },
  },
  'cookie-refused': {
    about: 'the browser keeps no cookie: a page that says so, after one round',
    visit: async (world) => {
      let answer = await request(`${world.site}/a`, { headers: NAVIGATION });
      let steps = 0;
      for (; answer.headers.location && steps < 20; steps += 1) {
        answer = await request(new URL(answer.headers.location, answer.url).href, { headers: NAVIGATION });
      }
      assert.equal(`${answer.status} ${reasonOf(answer)} ${steps}`, '400 attempt_missing 2');
      assert.match(wordsOf(answer), /cookies are blocked/);
    },
  },
  'cookie-session-refused': {
    about: 'the browser keeps small cookies and drops the session: a page after three rounds',
    visit: async (world, browser) => {
      let answer = await browser.ask(`${world.site}/a`);
      for (let steps = 0; answer.headers.location && steps < 30; steps += 1) {
        browser.jar.keep(world.site, ['__Host-sg=; Path=/; Max-Age=0']);
        answer = await browser.ask(new URL(answer.headers.location, answer.url).href);
      }
      assert.equal(`${answer.status} ${reasonOf(answer)}`, '400 login_loop');
    },
  },
  'head-request': {
    about: 'HEAD of a protected page by a link checker: 401, and no sign-in',
    visit: async (world, browser) => {
      const answer = await browser.ask(`${world.site}/a`, { method: 'HEAD' });
      assert.equal(`${answer.status} ${reasonOf(answer)}`, '401 not_signed_in');
      assert.equal(browser.jar.header(world.site), '');
    },
  },
  'office-link': {
    about: 'a link in Excel or Outlook: Office asks first without cookies, and hands the last URL to the browser',
    visit: async (world, browser) => {
      const headers = { accept: '*/*', 'user-agent': 'Mozilla/4.0 (compatible; ms-office; MSOffice 16)' };
      const office = await new Browser().open(`${world.site}/r/7?x=1`, { headers });
      assert.equal(land(office), `401 not_signed_in at ${world.site}/r/7?x=1`);
      assert.equal(land(await browser.open(office.url)), lands(world, '/r/7?x=1'));
    },
  },
  'other-host': {
    about: 'the site is asked by its number (bookmarked by IP): a page that names no application',
    visit: async (world, browser) => {
      const answer = await browser.ask(`http://127.0.0.1:${world.places.gateway}/`);
      assert.equal(`${answer.status} ${reasonOf(answer)}`, '421 unknown_host');
    },
  },
  xfh: {
    about: 'X-Forwarded-Host, -Proto, -Port of anybody do not move the way back',
    visit: async (world, browser) => {
      const headers = {
        ...NAVIGATION,
        'x-forwarded-host': 'crm.example.com',
        'x-forwarded-proto': 'https',
        'x-forwarded-port': '443',
      };
      const answer = await browser.ask(`${world.site}/`, { headers });
      const asked = new URL(answer.headers.location).searchParams.get('redirect_uri');
      assert.equal(asked, `${world.site}/oauth2/callback`);
    },
  },
  prefetch: {
    about: 'a prefetch begins no sign-in',
    visit: async (world, browser) => {
      const answer = await browser.ask(`${world.site}/a`, { headers: { ...NAVIGATION, 'sec-purpose': 'prefetch' } });
      assert.ok(!answer.headers.location, 'a redirect for a prefetch');
      assert.equal(browser.jar.header(world.site), '');
    },
  },
  'second-person': {
    about: 'somebody signs in over the session of somebody else: nothing of the first one stays',
    visit: async (world, browser) => {
      await walk(world, browser);
      const first = browser.jar.value(world.site, '__Host-sg');
      world.state.person = 'bob';
      await browser.open(`${world.site}/oauth2/start?rd=/after`);
      assert.notEqual(browser.jar.value(world.site, '__Host-sg'), first);
      const { user, email } = world.requests().at(-1);
      assert.deepEqual({ user, email }, { user: 'u-bob', email: 'bob@example.com' });
    },
  },
  'wrong-account-page': {
    about: 'the page of a refused sign-in offers to sign in as somebody else, which asks the provider to ask',
    claims: (all, { state }) => ({ ...all, email: state.isRight ? 'ana@example.com' : 'ana@other.test' }),
    visit: async (world, browser) => {
      const { page } = await walk(world, browser);
      assert.equal(`${page.status} ${reasonOf(page)}`, '403 outsider');
      const [link] = linksOf(page).filter((href) => href.includes('/oauth2/start'));
      assert.ok(link, 'no link to sign in as somebody else');
      world.state.isRight = true;
      const end = await browser.open(link);
      assert.match(`${world.asked('/authorize').at(-1).query.prompt}`, /^(select_account|login)$/);
      assert.equal(land(end), lands(world, '/reports/q3?region=emea'), 'back to what was wanted');
    },
  },
  'no-embed-page': {
    about: 'the page of an embed that somebody may not have offers to sign in as somebody else',
    claims: (all) => ({ ...all, groups: ['staff'] }),
    visit: async (world, browser) => {
      const { embed } = await walk(world, browser);
      assert.equal(`${embed.status} ${reasonOf(embed)}`, '403 not_mapped');
      assert.ok(linksOf(embed).some((href) => href.includes('/oauth2/start')));
      assert.match(wordsOf(embed), /\d\d:\d\d/, 'the time is on the page');
    },
  },
  'page-time': {
    about: 'a page of a refused sign-in carries the time and the id of its request',
    claims: (all) => ({ ...all, aud: 'other' }),
    visit: async (world, browser) => {
      const { page } = await walk(world, browser);
      assert.match(wordsOf(page), /\d\d:\d\d/);
      assert.match(wordsOf(page), /Request: [0-9a-f-]{36}/);
    },
  },
};
