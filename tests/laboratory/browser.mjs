// A browser as far as a sign-in needs it: cookies by their paths, redirects, and forms that post themselves.

import { NAVIGATION } from '../shared/agent.mjs';
import { attribute, decode, fillForm } from '../shared/form.mjs';
import { request } from '../shared/http.mjs';
import { Jar } from '../shared/jar.mjs';

const STEPS_MAX = 16;

export class Browser {
  jar = new Jar();
  /// Every answer, in order.
  trail = [];

  /// One request; nothing is followed. `withCookies: false` is a POST of another site: `Lax` keeps them back.
  async ask(url, { method = 'GET', headers = NAVIGATION, form, withCookies = true } = {}) {
    const cookie = withCookies ? this.jar.header(url) : '';
    const answer = await request(url, { method, form, headers: { ...headers, ...(cookie ? { cookie } : {}) } });
    this.jar.keep(url, answer.headers['set-cookie']);
    this.trail.push({ ...answer, method, form });
    return answer;
  }

  /// Goes where a browser would go by itself, to the end.
  async open(url, options) {
    let answer = await this.ask(url, options);
    for (let step = 0; step < STEPS_MAX; step += 1) {
      const next = nextOf(answer);
      if (!next) return answer;
      answer = await this.ask(next.url, next.options);
    }
    throw new Error(`more than ${STEPS_MAX} steps:\n${this.told()}`);
  }

  /// The steps, for a failure; parameters are cut.
  told() {
    const short = (url) => (url.length > 130 ? `${url.slice(0, 130)}…` : url);
    return this.trail
      .map(({ method, url, status, headers }) => `${method} ${short(url)} -> ${status} ${reasonOf({ headers })}`)
      .join('\n');
  }

  /// Whether `url` would get a session of ours.
  hasSession(url) {
    return this.jar.value(url, '__Host-sg') !== undefined;
  }

  /// Whether the provider still knows the person.
  isKnownAt(tenant) {
    return this.jar.value(`${tenant}/authorize`, 'sso') !== undefined;
  }
}

export const reasonOf = (answer) => answer.headers['sigma-gateway'] ?? '';

/// Where the browser goes by itself from here: a redirect, a form that posts itself elsewhere, a page that goes on.
function nextOf(answer) {
  const { url, headers, text } = answer;
  if (headers.location) return { url: new URL(headers.location, url).href };
  if (!`${headers['content-type']}`.startsWith('text/html')) return undefined;
  return selfPosting(url, text) ?? goingOn(url, text);
}

function selfPosting(url, text) {
  const tag = (text.match(/<form\b[^>]*>/gi) ?? []).find((form) => /post/i.test(attribute(form, 'method') ?? ''));
  if (!tag || !/<script/i.test(text)) return undefined;
  const { action } = fillForm(text, tag, {});
  // Each, also where two have one name.
  const inputs = [...text.matchAll(/<input\b[^>]*>/gi)];
  const fields = inputs.map(([input]) => [attribute(input, 'name'), attribute(input, 'value') ?? '']);
  const target = new URL(action, url);
  if (target.origin === new URL(url).origin) return undefined;
  const headers = { ...NAVIGATION, origin: new URL(url).origin, 'sec-fetch-site': 'cross-site' };
  return { url: target.href, options: { method: 'POST', form: fields, headers, withCookies: false } };
}

/// The page between a `form_post` answer and the callback, however it goes on.
function goingOn(url, text) {
  const refresh = /http-equiv="?refresh"?[^>]*content="[^"]*url=([^"]+)"/i.exec(text)?.[1];
  const link = /href="([^"]*\/oauth2\/callback[^"]*)"/.exec(text)?.[1];
  const target = refresh ?? link;
  const headers = { ...NAVIGATION, 'sec-fetch-site': 'same-origin' };
  return target && { url: new URL(decode(target), url).href, options: { headers } };
}

/// What a page says, without its markup.
export const wordsOf = ({ text }) =>
  decode(text.replace(/<(style|script)[\s\S]*?<\/\1>/g, ' ').replace(/<[^>]+>/g, ' ')).replace(/\s+/g, ' ');

/// Where the links of a page lead.
export const linksOf = ({ text, url }) =>
  [...text.matchAll(/<a\b[^>]*>/gi)].map(([tag]) => new URL(attribute(tag, 'href') ?? '', url).href);
