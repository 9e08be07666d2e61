// A person at a browser, who looks at a page with an embed; time and visibility of the embed page are ours to move.

import assert from 'node:assert/strict';
import { until, within } from '../shared/wait.mjs';

const LOOK_SECONDS = 5;

/// Runs first in every document. Checks come twenty times as often, so that a moved clock is seen at once.
function preload() {
  const { now } = Date;
  const { setInterval } = window;
  let [time, ahead] = [now, 0];
  Date.now = () => time() + ahead;
  window.advance = (seconds) => {
    ahead += seconds * 1000;
  };
  // From here on no time passes but what is advanced.
  window.stopTime = () => {
    const stopped = now();
    time = () => stopped;
  };
  window.setInterval = (act, milliseconds) => setInterval(act, milliseconds / 20);
  window.look = (isVisible) => {
    Object.defineProperty(document, 'visibilityState', {
      configurable: true,
      get: () => (isVisible ? 'visible' : 'hidden'),
    });
    document.dispatchEvent(new Event('visibilitychange'));
  };
  window.faults = [];
  addEventListener('error', (event) => faults.push(event.message));
  addEventListener('unhandledrejection', (event) => faults.push(String(event.reason)));
}

export class Reader {
  static async arrive(browser, world) {
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    await page.evaluateOnNewDocument(preload);
    return Object.assign(new Reader(), { browser, context, page, world });
  }

  async leave() {
    await this.context.close().catch(() => {});
  }

  /// Opens a page of the application with this link in a frame; `look` is what host.mjs knows.
  async open(link, look = {}, origin = this.world.origin) {
    const query = new URLSearchParams({ frame: new URL(link, this.world.origin).href, ...look });
    await this.page.goto(`${origin}/page?${query}`, { waitUntil: 'domcontentloaded' });
  }

  /// Opens it, and waits until Sigma is up.
  async see(link, look) {
    const before = this.world.visits.length;
    await this.open(link, look);
    await this.up(before + 1);
  }

  /// Waits until Sigma was asked `visits` times, and the last one is up and alone.
  async up(visits) {
    const { world } = this;
    await this.until(`${visits} visits of Sigma`, () => world.visits.length >= visits);
    await this.until('Sigma to be up', async () => {
      const isDone = await this.inSigma(() => window.isDone);
      return isDone && (await this.frames()).length === 1;
    });
    assert.equal(world.visits.length, visits);
    assert.equal(world.replays, 0);
  }

  /// The inner frames of the embed page.
  frames() {
    return this.inEmbed(() =>
      [...document.querySelectorAll('iframe')].map(({ name, className }) => ({ name, className })),
    );
  }

  /// What the embed page says, and which actions it offers.
  words() {
    return this.inEmbed(() => {
      const status = document.querySelector('[role=status]');
      const links = [...status.querySelectorAll('a')].map(({ textContent, href, target }) => [
        textContent,
        href,
        target,
      ]);
      const buttons = [...status.querySelectorAll('button')].map(({ textContent }) => textContent);
      return {
        text: status.textContent,
        links: Object.fromEntries(links.map(([label, ...to]) => [label, to])),
        buttons,
      };
    });
  }

  async says(pattern) {
    return this.until(`the words ${pattern}`, async () => {
      const words = await this.words();
      return pattern.test(words.text) && words;
    });
  }

  press(label) {
    return this.inEmbed((wanted) => {
      [...document.querySelectorAll('[role=status] button')].find((one) => one.textContent === wanted).click();
    }, label);
  }

  advance(seconds) {
    return this.inEmbed((by) => advance(by), seconds);
  }

  look(isVisible) {
    return this.inEmbed((is) => look(is), isVisible);
  }

  /// Sigma says something to the page around it.
  sigmaSays(message) {
    return this.inSigma((said) => say(said), message);
  }

  /// What the host's page heard, as { data, origin, isFrame, isOurRealm, ports }.
  heard() {
    return this.page.evaluate(() => heard);
  }

  /// Waits until the host's page has heard a message of this type; gives it.
  hears(type) {
    return this.until(`the host to hear ${type}`, async () =>
      (await this.heard()).findLast(({ data }) => data?.type === type),
    );
  }

  tell(message, ...more) {
    return this.page.evaluate((...call) => tell(...call), message, ...more);
  }

  sigmaHeard() {
    return this.inSigma(() => heard);
  }

  inEmbed(act, ...values) {
    return this.#inFrame((url) => url.includes('/sigma/embed/'), act, values);
  }

  inSigma(act, ...values) {
    return this.#inFrame((url) => url.startsWith(this.world.sigma), act, values);
  }

  async #inFrame(isWanted, act, values) {
    // The driver learns of a frame's address later than the server.
    const find = () => this.page.frames().findLast((one) => isWanted(one.url()));
    const frame = await until('such a frame', find, { seconds: LOOK_SECONDS });
    return within(LOOK_SECONDS, 'a look into a frame', frame.evaluate(act, ...values));
  }

  async until(what, condition, bounds) {
    try {
      return await until(what, condition, bounds);
    } catch (error) {
      const words = await this.words().catch(() => ({ text: '' }));
      const { visits, replays, asked } = this.world;
      const counts = `${visits.length} visits, ${replays} replays, ${asked.length} asked`;
      throw new Error(`${error.message}\n  ${counts}; the page says: ${words.text}`);
    }
  }

  /// Nothing that the embed page's script threw.
  async mustBeWell() {
    const faults = await this.inEmbed(() => window.faults ?? []).catch(() => []);
    assert.deepEqual(faults, []);
  }
}
