// The whole header set of each kind of answer of our own: no header more, none less, each with its value.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { Agent, FETCH, FRAME, NAVIGATION } from '../shared/agent.mjs';

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const WIRE = { date: / GMT$/, 'content-length': /^\d+$/ };
const CSP = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";
/// A page that leads to a sign-in hands the fragment of its address on, by the one script that its policy names.
const FRAGMENT = fs.readFileSync(new URL('../../src/reply/assets/fragment.js', import.meta.url));
const WITH_SIGN_IN = `${CSP}; script-src 'sha256-${createHash('sha256').update(FRAGMENT).digest('base64')}'`;
/// The page that asks before a sign-out has a form, which may lead to the provider.
const WITH_FORM = CSP.replace("form-action 'none'; ", '');
/// A page that its own policy makes a stranger (`sandbox`) shows why it has no embed.
const IN_ANY_FRAME = CSP.replace("; frame-ancestors 'self'", '');
const EMBED_PAGE = new RegExp(
  "^default-src 'none'; script-src 'nonce-([0-9a-f-]{36})'; style-src 'nonce-\\1'; connect-src 'self'; " +
    "frame-src http: https:; base-uri 'none'; form-action 'none'$",
);

const own = (why) => ({
  ...WIRE,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'sigma-gateway': why,
  'x-request-id': ID,
});
const page = (why, policy = why === 'confirm_sign_out' ? WITH_FORM : CSP) => ({
  ...own(why),
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': policy,
});
const embedPage = (why) => page(why, EMBED_PAGE);
/// The end of a tab's way; never a stable link, a redirect, or a frame.
const final = (why, policy) => ({ ...page(why, policy), 'cross-origin-opener-policy': 'same-origin' });
const json = (why) => ({ ...own(why), 'content-type': 'application/json' });
const moved = (why, location) => ({ ...own(why), location });
const asset = (type) => ({
  ...own('asset'),
  'content-type': `${type}; charset=utf-8`,
  'cache-control': 'public, max-age=300',
});
const admin = (type) => ({ ...WIRE, 'content-type': type, 'cache-control': 'no-store' });

const KEPT = 'HttpOnly; Secure; SameSite=Lax; Path=/';
const attributes = KEPT.split('; ').sort();
/// A script of the site may have put a cookie of our name into a partition: an end of the session ends that one too.
const PARTITIONED = 'HttpOnly; Secure; SameSite=None; Partitioned; Path=/';
const partitioned = (pair) => ({ pair, attributes: PARTITIONED.split('; ').sort() });
const SIGNED = /^https:\/\/app\.sigmacomputing\.com\/acme\/workbook\/[^?]+\?:jwt=[\w.-]+&:embed=true/;
const FOREIGN = { ...NAVIGATION, 'sec-fetch-site': 'cross-site' };

/// Each row: what it is, who asks (`ana`, `dan` or `nobody`), path, request, status, headers, cookies that are set.
function table({ control }) {
  const at = (name, who, path, headers, status, wanted, more = {}) => ({
    name,
    who,
    path,
    headers,
    status,
    wanted,
    ...more,
  });
  return [
    at('embed page', 'ana', '/sigma/embed/revenue', NAVIGATION, 200, embedPage('minted')),
    at('embed page in a frame', 'ana', '/sigma/embed/revenue', FRAME, 200, embedPage('minted')),
    at('embed page without a URL', 'ana', '/sigma/embed/revenue', FOREIGN, 200, embedPage('embed_page')),
    at('embed page for nobody', 'nobody', '/sigma/embed/revenue', FRAME, 401, embedPage('not_signed_in')),
    at('signed redirect at top level', 'ana', `/sigma/embed/${control}`, NAVIGATION, 303, moved('minted', SIGNED)),
    at('embed API', 'ana', '/sigma/api/embeds/revenue', FETCH, 200, json('minted')),
    at('embed route', 'ana', '/old-report', NAVIGATION, 200, embedPage('minted')),
    at('user information', 'ana', '/oauth2/userinfo', FETCH, 200, json('userinfo')),
    at('script', 'nobody', '/sigma/links.js', FETCH, 200, asset('text/javascript')),
    at('script, HEAD', 'nobody', '/sigma/links.js', FETCH, 200, asset('text/javascript'), { method: 'HEAD' }),
    at('style', 'nobody', '/sigma/style.css', FETCH, 200, asset('text/css')),
    at('event', 'ana', '/sigma/api/events', FETCH, 202, json('event'), { method: 'POST', body: '{}' }),
    at('sign-in', 'nobody', '/page', NAVIGATION, 303, moved('sign_in', /^http:\/\/127\.0\.0\.1:\d+\/authorize\?/), {
      cookies: [/^__Host-sg-l-[0-9a-f]+=[\w-]+$/],
    }),
    at(
      'sign-in by its endpoint',
      'nobody',
      '/oauth2/start?rd=/page',
      NAVIGATION,
      303,
      moved('sign_in', /\/authorize\?/),
      { cookies: [/^__Host-sg-l-[0-9a-f]+=[\w-]+$/] },
    ),
    at(
      'sign-out at the provider',
      'ana',
      '/oauth2/sign_out',
      { ...NAVIGATION, 'sec-fetch-site': 'same-origin' },
      303,
      moved('signed_out', /^http:\/\/127\.0\.0\.1:\d+\/authorize\?.*\bprompt=none\b/),
      {
        cookies: [
          /^__Host-sg-l-[0-9a-f]+=[\w-]+$/,
          /^__Host-sg=$/,
          partitioned(/^__Host-sg=$/),
          /^JSESSIONID=$/,
          /^JSESSIONID=$/,
        ],
      },
    ),
    at('sign-out asked from elsewhere', 'ana', '/oauth2/sign_out', FOREIGN, 200, final('confirm_sign_out')),
    at('sign-out in a frame', 'ana', '/oauth2/sign_out', FRAME, 200, page('confirm_sign_out')),
    at(
      'sign-out in a frame of another site',
      'ana',
      '/oauth2/sign_out',
      { ...FRAME, 'sec-fetch-site': 'cross-site' },
      200,
      page('confirm_sign_out'),
    ),
    at('sign-out by a form in a frame', 'ana', '/oauth2/sign_out', FRAME, 200, page('confirm_sign_out'), {
      method: 'POST',
      body: '',
    }),
    at(
      'sign-out fetched from elsewhere',
      'ana',
      '/oauth2/sign_out',
      { ...FETCH, 'sec-fetch-site': 'cross-site' },
      403,
      json('confirm_sign_out'),
    ),
    at('sign-out loaded ahead', 'ana', '/oauth2/sign_out', FETCH, 403, json('wrong_destination')),
    at(
      'sign-out by the ping of a link',
      'ana',
      '/oauth2/sign_out',
      { ...FETCH, 'sec-fetch-mode': 'no-cors', 'ping-to': '/', 'content-type': 'text/ping' },
      403,
      json('wrong_destination'),
      { method: 'POST', body: 'PING' },
    ),
    at('not signed in, frame', 'nobody', '/page', FRAME, 401, page('not_signed_in', WITH_SIGN_IN)),
    at('not signed in, form', 'nobody', '/page', NAVIGATION, 401, final('not_signed_in', WITH_SIGN_IN), {
      method: 'POST',
      body: 'a=1',
    }),
    at('not signed in, fetch', 'nobody', '/page', FETCH, 401, json('not_signed_in')),
    at(
      'not signed in, prefetch',
      'nobody',
      '/page',
      { ...NAVIGATION, 'sec-purpose': 'prefetch' },
      401,
      json('not_signed_in'),
    ),
    at('access denied', 'ana', '/admin/x', NAVIGATION, 403, final('access_denied', WITH_SIGN_IN)),
    at('access denied, frame', 'ana', '/admin/x', FRAME, 403, page('access_denied', WITH_SIGN_IN)),
    at('access denied, fetch', 'ana', '/admin/x', FETCH, 403, json('access_denied')),
    at('not mapped', 'dan', '/sigma/embed/revenue', FRAME, 403, page('not_mapped', WITH_SIGN_IN)),
    at('embed for others', 'ana', '/sigma/embed/closed', FRAME, 403, page('embed_not_allowed', WITH_SIGN_IN)),
    at('embed switched off', 'ana', '/sigma/embed/off', FRAME, 403, page('embed_disabled')),
    at('unknown embed', 'ana', '/sigma/embed/nothing', FRAME, 404, page('embed_unknown')),
    at(
      'embed as an image',
      'ana',
      '/sigma/embed/revenue',
      { ...FETCH, 'sec-fetch-dest': 'image' },
      403,
      json('wrong_destination'),
    ),
    at(
      'embed for another site',
      'ana',
      '/sigma/embed/revenue',
      { ...FRAME, 'sec-fetch-site': 'cross-site' },
      403,
      page('cross_site', IN_ANY_FRAME),
    ),
    at(
      'embed ahead of time',
      'ana',
      '/sigma/embed/revenue',
      { ...NAVIGATION, 'sec-purpose': 'prefetch' },
      200,
      embedPage('embed_page'),
    ),
    at('unknown path of ours', 'ana', '/sigma/nothing', NAVIGATION, 404, final('not_found')),
    at(
      'wrong method',
      'ana',
      '/oauth2/callback',
      NAVIGATION,
      405,
      { ...final('method_not_allowed'), allow: 'GET' },
      { method: 'POST', body: 'a=1' },
    ),
    at(
      'callback without its cookie',
      'nobody',
      '/oauth2/callback?code=x&state=y&iss=z',
      NAVIGATION,
      400,
      final('attempt_missing', WITH_SIGN_IN),
    ),
    at('body too large', 'ana', '/sigma/api/events', FETCH, 413, json('body_too_large'), {
      method: 'POST',
      body: 'x'.repeat(100_000),
    }),
    at('application too slow', 'ana', '/slow', NAVIGATION, 504, final('upstream_timeout')),
    at('application down', 'ana', '/page', NAVIGATION, 502, final('upstream_unreachable'), { site: 'down' }),
    at(
      'unknown host',
      'nobody',
      '/',
      NAVIGATION,
      421,
      { ...final('unknown_host'), connection: 'close' },
      { site: 'unknown' },
    ),
    at('malformed path', 'nobody', '/a%2fb/%00', NAVIGATION, 400, { ...final('bad_path'), connection: 'close' }),
    at('health', 'nobody', '/healthz', {}, 200, admin('text/plain'), { site: 'admin' }),
    at('readiness', 'nobody', '/readyz', {}, 200, admin('application/json'), { site: 'admin' }),
    at('metrics', 'nobody', '/metrics', {}, 200, admin('text/plain; charset=utf-8'), { site: 'admin' }),
    at('unknown path of the admin address', 'nobody', '/', {}, 404, admin('text/plain'), { site: 'admin' }),
    at('wrong method at the admin address', 'nobody', '/metrics', {}, 405, admin('text/plain'), {
      site: 'admin',
      method: 'POST',
      body: '',
    }),
  ];
}

export async function answersHaveTheirHeaders(checks, world) {
  const signedIn = {};
  for (const row of table(world)) {
    await checks.run(`[headers] ${row.name}: ${row.status} with exactly its headers`, async () => {
      const origin = world.sites[row.site ?? 'link'];
      const agent = await someone(world, signedIn, row, origin);
      const answer = await agent.ask(origin + row.path, { headers: row.headers, method: row.method, body: row.body });
      assert.equal(answer.status, row.status, answer.headers['sigma-gateway'] ?? answer.text.slice(0, 200));
      compare(answer, row);
    });
  }
}

/// Nobody is a new agent each time; the others sign in once for each site, and again after their sign-out.
async function someone(world, signedIn, { who, name }, origin) {
  if (who === 'nobody') return new Agent(world.hear);
  const key = `${who} ${origin} ${name.startsWith('sign-out at') ? name : ''}`;
  if (!signedIn[key]) {
    signedIn[key] = new Agent(world.hear);
    await signedIn[key].signIn(origin, who, '/oauth2/start?rd=/');
  }
  // Ends the count of sign-ins, which sets a cookie.
  await signedIn[key].ask(`${origin}/oauth2/userinfo`, { headers: FETCH });
  return signedIn[key];
}

function compare({ headers: { 'set-cookie': allCookies = [], ...headers } }, { wanted, cookies: wantedCookies = [] }) {
  // The first page with a session also ends the count of sign-in rounds; which row that is does not matter.
  const cookies = allCookies.filter((line) => !line.startsWith('__Host-sg-n=;'));
  assert.deepEqual(Object.keys(headers).sort(), Object.keys(wanted).sort());
  for (const [name, value] of Object.entries(wanted)) {
    if (value instanceof RegExp) assert.match(headers[name], value, name);
    else assert.equal(headers[name], value, name);
  }
  assert.equal(cookies.length, wantedCookies.length, `cookies: ${cookies.map((line) => line.split('=')[0])}`);
  for (const [index, line] of cookies.entries()) compareCookie(line, wantedCookies[index]);
}

function compareCookie(line, wanted) {
  const [pair, ...found] = line.split('; ');
  const { pair: name, attributes: expected } = wanted instanceof RegExp ? { pair: wanted, attributes } : wanted;
  assert.match(pair, name);
  if (!pair.startsWith('__Host-')) return; // the application's own cookies, expired
  assert.deepEqual(found.filter((one) => !one.startsWith('Max-Age=')).sort(), expected, pair.split('=')[0]);
  const [age, ...more] = found.filter((one) => one.startsWith('Max-Age='));
  assert.ok(age && more.length === 0, 'Max-Age');
  if (pair.endsWith('=')) assert.equal(age, 'Max-Age=0');
}
