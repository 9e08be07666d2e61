// A person at a browser, in plain HTTP: cookies, redirects, forms, and the Sec-Fetch headers of each.

import { fillForm } from '../shared/form.mjs';
import { openStream, request, shown } from '../shared/http.mjs';
import { Jar } from '../shared/jar.mjs';
import { PASSWORD } from './people.mjs';

const REDIRECTS_MAX = 20;

export class Visitor {
  constructor(world) {
    this.world = world;
    this.jar = new Jar();
    /// The addresses of the last navigation, in their order.
    this.trail = [];
  }

  /// Opens an address as if it were typed, and follows redirects; stops before `until(url)`. A path is one of the
  /// site's.
  open(address, { until } = {}) {
    return this.#navigate(this.#siteUrl(address), { until });
  }

  /// Follows a link in a page of the site.
  follow(address, { until } = {}) {
    return this.#navigate(this.#siteUrl(address), { from: this.world.where.site, until });
  }

  /// Sends the form of a page, with the values that the person adds.
  send(page, values, { until } = {}) {
    const { action, fields } = fillForm(page.text, '<form', values);
    const target = new URL(action, page.url).href;
    return this.#navigate(target, { from: new URL(page.url).origin, form: fields, until });
  }

  /// Signs in on the way to `path`; gives the page in the end (or where `until` stops).
  async signIn(person, path = '/dashboard', { until } = {}) {
    const page = await this.askToSignIn(path);
    return this.send(page, { username: person, password: PASSWORD }, { until });
  }

  /// Opens `path`, and gives the provider's page that asks who it is.
  async askToSignIn(path = '/dashboard') {
    const page = await this.open(path);
    if (!this.isAsked(page)) throw new Error(`expected to be asked to sign in, got ${describe(page)}`);
    return page;
  }

  isAsked(page) {
    return page.url?.startsWith(new URL(this.world.provider.issuer).origin) && /name="?password/.test(page.text ?? '');
  }

  /// What a script in a page of the site fetches.
  fetch(path) {
    return this.#send(this.#siteUrl(path), {
      dest: 'empty',
      mode: 'cors',
      site: 'same-origin',
      accept: 'application/json',
    });
  }

  /// What a frame in a page of the site loads.
  frame(path) {
    return this.#send(this.#siteUrl(path), {
      dest: 'iframe',
      mode: 'navigate',
      site: 'same-origin',
      accept: 'text/html',
    });
  }

  /// An event stream that a script in a page of the site keeps open.
  stream(path) {
    const url = this.#siteUrl(path);
    const headers = { accept: 'text/event-stream', 'sec-fetch-dest': 'empty', 'sec-fetch-site': 'same-origin' };
    return openStream(url, { ...headers, cookie: this.jar.header(url) });
  }

  /// How often the last navigation was at the provider.
  roundsOfTrail() {
    const { origin } = new URL(this.world.provider.issuer);
    return this.trail.filter((url) => url.startsWith(origin)).length;
  }

  cookie(name) {
    return this.jar.value(`${this.world.where.site}/`, name);
  }

  /// The provider does not know this browser any more.
  forgetProvider() {
    this.jar.forgetHost(new URL(this.world.provider.issuer).hostname);
  }

  /// Sends a form of a page of the site.
  post(path, form) {
    const at = { dest: 'document', mode: 'navigate', site: 'same-origin', accept: 'text/html' };
    return this.#send(this.#siteUrl(path), { ...at, form, from: this.world.where.site });
  }

  #siteUrl(address) {
    return new URL(address, this.world.where.site).href;
  }

  /// A top-level visit. Fetch Metadata: `none` while typed, else one foreign hop makes the rest `cross-site`.
  async #navigate(start, { from, form, until }) {
    let url = start;
    let sent = form;
    let isForeign = false;
    this.trail = [];
    for (let hop = 0; hop < REDIRECTS_MAX; hop += 1) {
      this.trail.push(url);
      if (until?.(url)) return { url, status: 0, headers: {}, text: '' };
      isForeign ||= from !== undefined && new URL(url).origin !== from;
      const site = from === undefined ? 'none' : isForeign ? 'cross-site' : 'same-origin';
      const page = await this.#send(url, {
        dest: 'document',
        mode: 'navigate',
        site,
        accept: 'text/html',
        form: sent,
        from,
      });
      if (![301, 302, 303, 307].includes(page.status)) return page;
      url = new URL(page.headers.location, url).href;
      sent = undefined;
    }
    throw new Error(`more than ${REDIRECTS_MAX} redirects, at last to ${shown(url)}`);
  }

  async #send(url, { dest, mode, site, accept, form, from }) {
    const headers = { accept, 'sec-fetch-dest': dest, 'sec-fetch-mode': mode, 'sec-fetch-site': site };
    const isForeignForm = form !== undefined && new URL(from).hostname !== new URL(url).hostname;
    const cookie = this.jar.header(url, { isForeignForm });
    if (cookie) headers.cookie = cookie;
    if (form) headers.origin = from;
    const page = await request(url, { method: form ? 'POST' : 'GET', headers, form });
    this.jar.keep(url, page.headers['set-cookie']);
    return page;
  }
}

/// Where the provider sends the browser back to, with its answer.
export const isCallback = (url) => new URL(url).pathname === '/oauth2/callback';

/// A page in one line, for a failure's message; without query, which may hold a secret.
export function describe({ url, status, headers, text }) {
  const why = headers['sigma-gateway'] ? ` sigma-gateway: ${headers['sigma-gateway']}` : '';
  const words = text
    .replace(/<(style|script)[\s\S]*?<\/\1>|<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return `${status} ${shown(url)}${why} ${JSON.stringify(words.slice(0, 300))}`;
}
