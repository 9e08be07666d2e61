// What stands around the embed page: a gateway's answers, Sigma, and a site of strangers, each under a name of its own.
//
// The cases know a world by `origin`, `sigma`, `stranger`, `link(options)`, `visits`, `replays`, `asked`, `reports` and
// `answers`. A world in front of a real gateway gives the same.

import { json, redirect, serve } from '../shared/servers.mjs';
import { sleep } from '../shared/wait.mjs';
import { embedPage } from './template.mjs';
import { hostPage } from './host.mjs';
import { sigmaPage } from './sigma.mjs';
import { sdkFile } from './sdk.mjs';

const LIFE_SECONDS = 3600;
const SLOW_MS = 1500;
const REPLAYED =
  '<p>Replayed embed URL</p><script>parent.postMessage({type:"workbook:error",code:"EINVAL"},"*")</script>';

export class World {
  /// What the API answers next: a name of `ANSWERS`; the last one stays.
  answers = ['minted'];
  /// Whose URLs are made.
  person = 'ana@example.com';
  /// What the gateway says to who asks who they are, a name of `ANSWERS`; else it is `person`.
  whoIs = '';
  /// How often that was asked.
  whoAsked = 0;
  /// The server's clock against this machine's.
  clockSkewSeconds = 0;
  /// Each URL that Sigma was asked for: { at, url }.
  visits = [];
  /// How often Sigma was asked for a URL again.
  replays = 0;
  /// When the API was asked, and for what.
  asked = [];
  /// Bodies that reached `/sigma/api/events`.
  reports = [];
  /// How many embed pages a browser asked for ahead of time.
  ahead = 0;
  /// With this code Sigma refuses the URLs that are made now, or only the next one.
  fails = '';
  failsOnce = false;
  /// Where the URLs that are made now lead, whatever the link says.
  path = '';

  #used = new Set();
  #minted = 0;

  static async open(base, sigmaHost = 'sigma.localhost') {
    const world = new World();
    world.origin = `http://crm.localhost:${base}`;
    world.sigma = `http://${sigmaHost}:${base + 1}`;
    world.stranger = `http://stranger.localhost:${base + 2}`;
    const servers = await Promise.all([
      serve(base, (request, body) => world.#gateway(request, body)),
      serve(base + 1, (request) => world.#sigma(request)),
      serve(base + 2, (request) => page(hostPage(world, new URL(request.url, world.stranger)))),
    ]);
    world.close = () => Promise.all(servers.map((server) => server.stop()));
    return world;
  }

  forget() {
    Object.assign(this, {
      answers: ['minted'],
      person: 'ana@example.com',
      clockSkewSeconds: 0,
      whoIs: '',
      whoAsked: 0,
    });
    Object.assign(this, {
      visits: [],
      replays: 0,
      asked: [],
      reports: [],
      fails: '',
      failsOnce: false,
      path: '',
      ahead: 0,
    });
  }

  /// The stable link of an embed, with `renew`, `fit`, `controls` as configured, `life` in seconds, `path` at Sigma;
  /// `bare`: the page comes without a URL, `refused`: with a refusal, `lang`: in another language.
  link(options = {}) {
    return `/sigma/embed/revenue?${new URLSearchParams(options)}`;
  }

  #now() {
    return Math.floor(Date.now() / 1000) + this.clockSkewSeconds;
  }

  #mint(query) {
    this.#minted += 1;
    const now = this.#now();
    const expiresAt = now + Number(query.get('life') ?? LIFE_SECONDS);
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { sub: this.person, jti: `${this.#minted}`, iat: now, exp: expiresAt };
    const jwt = `${part({ alg: 'HS256' })}.${part(claims)}.c2lnbmF0dXJl`;
    const path = this.path || (query.get('path') ?? '/acme/workbook/Revenue-28xgywpg21TkRWtz3jVRCe');
    const more = [query.get('controls'), this.fails && `fails=${this.fails}`].filter(Boolean).map((pair) => `&${pair}`);
    if (this.failsOnce) this.fails = '';
    return { url: `${this.sigma}${path}?:jwt=${jwt}&:embed=true${more.join('')}`, expires_at: expiresAt };
  }

  #gateway(request, body) {
    const url = new URL(request.url, this.origin);
    if (url.pathname.startsWith('/sigma/embed/')) return this.#embed(url, request);
    if (url.pathname.startsWith('/sigma/api/embeds/')) return this.#api(request, url);
    if (url.pathname === '/sigma/api/events') {
      this.reports.push(JSON.parse(body));
      return json({}, 202);
    }
    if (url.pathname === '/oauth2/userinfo') return this.#who();
    if (url.pathname.startsWith('/npm/')) return sdkFile(url.pathname);
    if (url.pathname.startsWith('/oauth2/')) return page(`<p>Signing in, back to ${url.searchParams.get('rd')}</p>`);
    return page(hostPage(this, url));
  }

  #embed(url, request) {
    const query = url.searchParams;
    if (request.headers['sec-purpose']) this.ahead += 1;
    const config = {
      api: `/sigma/api/embeds/revenue${url.search}`,
      sigma: this.sigma,
      events: '/sigma/api/events',
      person: '/oauth2/userinfo',
      embed: 'revenue',
      title: 'Revenue & <costs>',
      renew: query.get('renew') ?? 'before',
      fit: query.has('fit'),
      now: this.#now(),
      minted: query.has('bare') ? null : this.#mint(query),
      refusal: query.has('refused') ? SIGNED_OUT : undefined,
    };
    return page(...embedPage(config, query.get('lang') ?? 'en'));
  }

  async #api(request, url) {
    this.asked.push({ at: Date.now(), method: request.method, with: request.headers['x-requested-with'] });
    const name = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
    const answer = await ANSWERS[name](() => this.#mint(url.searchParams));
    const date = new Date(this.#now() * 1000).toUTCString();
    return { ...answer, headers: { 'cache-control': 'no-store', date, ...answer.headers } };
  }

  async #who() {
    this.whoAsked += 1;
    return this.whoIs ? ANSWERS[this.whoIs]() : json({ email: this.person });
  }

  #sigma(request) {
    if (!request.url.includes(':jwt=')) return page(sigmaPage());
    const token = /:jwt=([^&]*)/.exec(request.url)[1];
    if (this.#used.has(token)) {
      this.replays += 1;
      return page(REPLAYED);
    }
    this.#used.add(token);
    this.visits.push({ at: Date.now(), url: request.url });
    return request.url.includes('silent') ? new Promise(() => {}) : page(sigmaPage());
  }
}

const SIGNED_OUT = {
  reason: 'not_signed_in',
  message: 'You are not signed in.',
  login_url: '/oauth2/start?rd=%2Fsigma%2Fapi',
};
const refused = (status, reason, message) => json({ reason, message, request_id: 'r1' }, status);

/// The API's answers, and those of what may stand in front of it.
const ANSWERS = {
  minted: (mint) => json(mint()),
  mintedLate: async (mint) => {
    const url = mint();
    await sleep(SLOW_MS);
    return json(url);
  },
  signedOut: () => json(SIGNED_OUT, 401),
  notMapped: () => refused(403, 'not_mapped', 'None of the rules gives you access to dashboards.'),
  unknown: () => refused(404, 'embed_unknown', 'There is no dashboard of this name.'),
  unreachable: () => refused(503, 'provider_unreachable', 'The sign-in service does not answer.'),
  redirect: () => redirect('http://stranger.localhost/sign-in'),
  html: () => page('<p>Please sign in</p>'),
  tooMany: () => ({ ...page('<h1>429 Too Many Requests</h1>'), status: 429 }),
  cut: () => ({ ...json({}), body: '{"url": "http:' }),
  badGateway: () => ({ ...page('<h1>502 Bad Gateway</h1>'), status: 502 }),
  foreign: () => json({ url: 'http://stranger.localhost/trap', expires_at: 4e9 }),
  slow: () => sleep(SLOW_MS).then(() => json(SIGNED_OUT, 401)),
  dead: () => Promise.reject(new Error('the connection ends')),
};

function page(body, headers = {}) {
  return { headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', ...headers }, body };
}
