// Sigma's place: opens each signed URL once, and knows from the documents themselves which of them are on show.
//
// A document tells when it is on show (also when it comes back from the back/forward cache) and when it is gone. So a
// check waits for what the reader sees, in frames that a driver cannot look into too.

import { createHmac, randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { html, json, serve } from './servers.mjs';
import { document } from './sigma_page.mjs';

const SHOWN_SECONDS = 12;
const GONE_SECONDS = 2;
/// What was replayed is mended within this, or not at all.
const MENDED_SECONDS = 3;
/// What still follows (a second load, a late replay) follows within this.
const QUIET_MILLISECONDS = 200;
/// Else a browser shows the first answer again after Back, and the second use goes unseen.
const NOT_KEPT = { 'cache-control': 'no-store' };

/// `secret` is that of the embed credentials.
export async function startSigma({ port, secret, createServer }) {
  const sigma = new Sigma(secret);
  const answer = async (request, body) => sigma.answer(request, body);
  const server = await serve(port, answer, createServer);
  return Object.assign(sigma, { stop: server.stop });
}

class Sigma extends EventEmitter {
  #secret;
  #used = new Set();
  #events = 0;
  /// The last word of each document: `{ isShown, order, person, at }`.
  #documents = new Map();
  #lastEventAt = 0;
  replays = [];
  opened = [];
  refused = [];
  /// Messages that arrived from the page around a document: `{ origin, data }`.
  heard = [];

  constructor(secret) {
    super();
    this.setMaxListeners(0);
    this.#secret = secret;
  }

  answer(request, body) {
    const url = new URL(request.url, 'http://sigma.localhost');
    if (url.pathname === '/told') return this.#told(JSON.parse(body));
    if (url.pathname === '/favicon.ico') return { status: 404 };
    return this.#open(url);
  }

  /// The point from which a check counts.
  mark() {
    return { events: this.#events, replays: this.replays.length, opened: this.opened.length, heard: this.heard.length };
  }

  replaysSince(mark) {
    return this.replays.length - mark.replays;
  }

  openedSince(mark) {
    return this.opened.slice(mark.opened);
  }

  heardSince(mark) {
    return this.heard.slice(mark.heard);
  }

  /// Documents that came on show after the mark, and are.
  shownSince(mark) {
    return [...this.#documents.values()].filter(({ isShown, order }) => isShown && order > mark.events);
  }

  /// The documents that are on show.
  onShow() {
    return [...this.#documents].filter(([, { isShown }]) => isShown).map(([id]) => id);
  }

  /// Waits until these are gone; a page that ends in haste may not have said so.
  async gone(ids) {
    const isGone = () => ids.every((id) => !this.#documents.get(id).isShown);
    await this.#until(
      isGone,
      () => false,
      GONE_SECONDS,
      () => '',
    ).catch(() => {});
  }

  /// Waits until `count` documents are on show that were not at the mark, and nothing more follows.
  async shows(mark, count = 1, seconds = SHOWN_SECONDS) {
    const isEnough = () => this.shownSince(mark).length >= count;
    const isStuck = () => this.replaysSince(mark) > 0 && Date.now() - this.#lastEventAt > MENDED_SECONDS * 1000;
    const end = Date.now() + seconds * 1000;
    // A page may take its frame away and bring it again.
    do {
      await this.#until(isEnough, isStuck, (end - Date.now()) / 1000, () => this.#describe(mark, count));
      await this.quiet();
    } while (!isEnough());
    return this.shownSince(mark);
  }

  /// Waits until nothing has happened here for a moment.
  async quiet(milliseconds = QUIET_MILLISECONDS) {
    for (;;) {
      const rest = this.#lastEventAt + milliseconds - Date.now();
      if (rest <= 0) return;
      await new Promise((done) => setTimeout(done, rest));
    }
  }

  #until(condition, isHopeless, seconds, describe) {
    const started = Date.now();
    return new Promise((done, fail) => {
      const end = (how) => {
        clearInterval(timer);
        this.off('event', look);
        how();
      };
      const look = () => {
        if (condition()) end(done);
        else if (isHopeless() || Date.now() - started > seconds * 1000) end(() => fail(new Error(describe())));
      };
      const timer = setInterval(look, 100);
      this.on('event', look);
      look();
    });
  }

  #describe(mark, count) {
    const { opened, replays } = this;
    const since = `${opened.length - mark.opened} opened, ${replays.length - mark.replays} replayed since then`;
    return `${this.shownSince(mark).length} of ${count} embeds on show (${since})`;
  }

  #happened() {
    this.#events += 1;
    this.#lastEventAt = Date.now();
    // After the change that the event is about.
    queueMicrotask(() => this.emit('event'));
    return this.#events;
  }

  #told({ id, person, sequence, what, message }) {
    const order = this.#happened();
    if (what === 'message') this.heard.push(message);
    const last = this.#documents.get(id);
    // A word that was overtaken by a later one of the same document is no news.
    if (what !== 'message' && (last?.sequence ?? -1) < sequence)
      this.#documents.set(id, { isShown: what === 'shown', order, person, sequence });
    return { status: 204, headers: { 'access-control-allow-origin': '*' } };
  }

  #open(url) {
    this.#happened();
    const token = url.search.match(/[?&]:jwt=([^&]+)/)?.[1];
    const claims = token && this.#verified(token);
    if (!claims) return this.#refuse(url, token ? 'signature' : 'no token');
    if (this.#used.has(claims.jti)) {
      this.replays.push(claims.jti);
      return { status: 401, ...html(document({ isReplay: true }), NOT_KEPT) };
    }
    this.#used.add(claims.jti);
    this.opened.push({ person: claims.sub, query: url.search, path: url.pathname });
    const seconds = claims.exp - Date.now() / 1000;
    return html(document({ id: randomBytes(8).toString('hex'), person: claims.sub, seconds }), NOT_KEPT);
  }

  #refuse(url, reason) {
    this.refused.push({ path: url.pathname, reason });
    return json({ refused: reason }, 400);
  }

  #verified(token) {
    const [head, payload, signature] = token.split('.');
    const wanted = createHmac('sha256', this.#secret).update(`${head}.${payload}`).digest('base64url');
    return signature === wanted && JSON.parse(Buffer.from(payload, 'base64url').toString());
  }
}
