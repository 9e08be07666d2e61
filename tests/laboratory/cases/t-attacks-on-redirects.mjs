// Published attacks on redirects, by the ids of docs/THREATS.md and docs/ADVISORIES.md.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { FETCH, NAVIGATION } from '../../shared/agent.mjs';
import { Browser, reasonOf } from '../browser.mjs';

const FOREIGN = new URL('../../../src/identity/return_to/foreign.txt', import.meta.url);
const OF_THE_SITE = { ...NAVIGATION, 'sec-fetch-site': 'same-origin' };
const seen = (answer) => `${answer.status} ${reasonOf(answer)}`.trim();
const cookiesOf = (answer) => answer.headers['set-cookie'] ?? [];

/// What other gateways have led people to, by the ids of docs/ADVISORIES.md; `SITE` is the host of the site.
const PUBLISHED = {
  R01: ['//evil.test'],
  R02: ['/\\evil.test'],
  R03: ['/\t/evil.test', '\t//evil.test', '/\n/evil.test', '/\r/evil.test'],
  R04: ['/%0a/evil.test', '/%0d/evil.test', '/%09/evil.test'],
  R05: ['/ /evil.test', ' //evil.test'],
  R06: ['/\v/evil.test', '/\f/evil.test', '/\u0000/evil.test'],
  R07: ['/./\\evil.test', '/./../../\\evil.test', '/.//evil.test', '/x/..//evil.test'],
  R08: ['///evil.test', '////evil.test/%2f..', '/////evil.test'],
  R09: ['\\\\evil.test', '\\/evil.test', '/\\/evil.test'],
  R10: ['https:evil.test', 'https:/evil.test', 'https:///evil.test', 'http:evil.test'],
  R11: [
    'https://SITE@evil.test/',
    'https://evil.test\\@SITE/',
    'https://evil.test#@SITE',
    'https://evil.test?.SITE',
    '//SITE@evil.test',
  ],
  R12: ['https://evilSITE/', 'https://SITE.evil.test/', '//SITE.evil.test'],
  R13: ['https://SITE:8443/', 'http://SITE:1/', '//SITE:1/'],
  R14: ['https://EXAMPLE.com./', 'HTTPS://SITE./', '//SITE.'],
  R15: [
    'javascript:alert(1)',
    'java\r\nscript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'blob:x',
    'JaVaScRiPt:alert(1)',
  ],
  R16: ['\u3031evil.test', 'https://evil\u3002test', 'https://\u24d4vil.test'],
  R17: ['http://0xd83ad6ce/', 'http://3627734734/', 'http://[::ffff:216.58.214.206]/', '//3627734734/', '//[::1]/'],
  R18: [`/${'a'.repeat(9000)}`, `//evil.test/${'a'.repeat(9000)}`, `${'/'.repeat(3000)}evil.test`],
  R20: ['/oauth2/callback?code=x&state=y', '/oauth2/sign_out', '/oauth2/start?rd=/oauth2/start', '/OAuth2/sign_out'],
  R23: ['/\r\nSet-Cookie:x=1', '/\rSet-Cookie:x=1', '/\nSet-Cookie:x=1', '/%0d%0aSet-Cookie:x=1'],
};

/// What ends a header for some reader.
const HEADER_ENDS = [
  '%0d%0aX-Injected:1',
  '%0aX-Injected:1',
  '%0dX-Injected:1',
  '%0d%0a%0d%0a<script>alert(1)</script>',
  '%E5%98%8A%E5%98%8DX-Injected:1',
  '%00X-Injected:1',
  '%E2%80%A8X-Injected:1',
  '%C2%85X-Injected:1',
  '%ffX-Injected:1',
  '%250d%250aX-Injected:1',
  '%3Bset-cookie%3A%20injected%3D1',
];

function holdUninjected(world, answer, told) {
  assert.ok(answer.status < 500, `${told}: ${seen(answer)}`);
  assert.ok(!('x-injected' in answer.headers), `${told}: a header of the attacker`);
  for (const line of cookiesOf(answer)) assert.ok(!/^injected/i.test(line), `${told}: ${line}`);
  assert.doesNotMatch(answer.text, /<script>alert/, `${told}: markup of the attacker`);
  if (!answer.headers.location) return;
  assert.match(answer.headers.location, /^[\x21-\x7e]*$/, `${told}: ${JSON.stringify(answer.headers.location)}`);
  const { origin } = new URL(answer.headers.location, world.site);
  assert.ok([world.site, world.base].includes(origin), `${told}: it leads to ${origin}`);
}

/// Where a sign-in and a sign-out with this `rd` end.
async function endsOf(world, target) {
  const browser = new Browser();
  const rd = encodeURIComponent(target);
  const page = await browser.open(`${world.site}/oauth2/start?rd=${rd}`);
  const end = await browser.open(`${world.site}/oauth2/sign_out?rd=${rd}`, { headers: OF_THE_SITE });
  return { page, end };
}

export default {
  'rd-01': {
    about: 'published open redirects as `rd` of the sign-in and of the sign-out, raw and decoded: all end on the site',
    visit: async (world) => {
      const lines = fs.readFileSync(FOREIGN, 'utf8').split('\n').filter(Boolean);
      const decoded = lines.flatMap((line) => (/%[0-9a-f]{2}/i.test(line) ? [unescape(line)] : []));
      for (const target of [...lines, ...decoded]) {
        const browser = new Browser();
        const page = await browser.open(`${world.site}/oauth2/start?rd=${encodeURIComponent(target)}`);
        assert.equal(`${page.status} ${page.url}`, `200 ${world.site}/`, JSON.stringify(target));
        const end = await browser.open(`${world.site}/oauth2/sign_out?rd=${encodeURIComponent(target)}`, {
          headers: OF_THE_SITE,
        });
        assert.equal(new URL(end.url).origin, world.site, JSON.stringify(target));
        assert.ok(end.status < 500, `${target}: ${seen(end)}`);
      }
    },
  },
  'rd-01-published': {
    about: 'what other gateways have led people to (R01 to R23): the front page each time',
    visit: async (world) => {
      const host = new URL(world.site).hostname;
      for (const [id, targets] of Object.entries(PUBLISHED)) {
        for (const target of targets.map((text) => text.replaceAll('SITE', host))) {
          const told = `${id} ${JSON.stringify(target.slice(0, 60))}`;
          const { page, end } = await endsOf(world, target);
          assert.equal(`${page.status} ${page.url}`, `200 ${world.site}/`, told);
          assert.equal(new URL(end.url).origin, world.site, told);
          assert.ok(end.status < 500, `${told}: ${seen(end)}`);
        }
      }
    },
  },
  'rd-01-twice': {
    about: 'what is encoded twice, or looks like a slash to nobody but a person, stays a path of the site (R21, R16)',
    visit: async (world) => {
      for (const target of ['/%252f%252fevil.test', '%252f%252fevil.test', '/\u3031evil.test', '/\uff0fevil.test']) {
        const { page } = await endsOf(world, target);
        assert.equal(new URL(page.url).origin, world.site, target);
      }
    },
  },
  'rd-01-header': {
    about: 'no header of a request names the place, the host or the scheme of a redirect (R22, H20)',
    visit: async (world) => {
      const evil = 'https://evil.test/';
      const headers = Object.fromEntries(
        [
          'x-auth-request-redirect',
          'x-forwarded-uri',
          'x-original-url',
          'x-rewrite-url',
          'referer',
          'x-forwarded-prefix',
        ].map((name) => [name, evil]),
      );
      const forwarded = {
        'x-forwarded-host': 'evil.test',
        'x-forwarded-proto': 'javascript',
        forwarded: 'host=evil.test',
      };
      const browser = new Browser();
      const start = await browser.ask(`${world.site}/a`, { headers: { ...NAVIGATION, ...headers, ...forwarded } });
      const { searchParams } = new URL(start.headers.location);
      assert.equal(searchParams.get('redirect_uri'), `${world.site}/oauth2/callback`);
      const page = await browser.open(start.headers.location);
      assert.equal(`${page.status} ${page.url}`, `200 ${world.site}/a`);
      const out = await browser.ask(`${world.site}/oauth2/sign_out`, {
        headers: { ...OF_THE_SITE, ...headers, ...forwarded, referer: `${world.site}/a` },
      });
      assert.ok(!JSON.stringify([start.headers, out.headers, out.text]).includes('evil.test'));
    },
  },
  'rd-01-address': {
    about: 'nobody gets the address of a sign-in that leads to another site, as a script may ask for one (R24)',
    visit: async (world) => {
      for (const target of ['https://evil.test/', '//evil.test']) {
        const answer = await new Browser().ask(`${world.site}/a?rd=${encodeURIComponent(target)}&url=${target}`, {
          headers: FETCH,
        });
        const { login_url: address } = JSON.parse(answer.text);
        assert.equal(new URL(address, world.site).origin, world.site);
        const page = await new Browser().open(new URL(address, world.site).href);
        assert.equal(new URL(page.url).origin, world.site);
      }
    },
  },
  'rd-04': {
    about: 'what ends a header, in `rd`, in what a provider brings back, and in the request: no header of the attacker',
    visit: async (world) => {
      for (const value of HEADER_ENDS) {
        const addresses = [
          `/oauth2/start?rd=/a${value}`,
          `/oauth2/sign_out?rd=/a${value}`,
          `/a${value}`,
          `/a?x=${value}`,
          ...['code', 'state', 'error', 'error_description', 'iss'].map((name) => `/oauth2/callback?${name}=${value}`),
        ];
        for (const address of addresses) {
          const answer = await new Browser().ask(world.site + address, { headers: OF_THE_SITE });
          holdUninjected(world, answer, address);
        }
        const browser = new Browser();
        await browser.open(`${world.site}/oauth2/start?rd=/a${value}`);
        for (const answer of browser.trail.filter(({ url }) => url.startsWith(world.site)))
          holdUninjected(world, answer, `${value}, signed in`);
      }
    },
  },
};
