// A person at a browser: signs in and out, opens pages, looks at what the frame shows.

import { stats } from './demo.mjs';
import { reload, visit } from '../shared/browsers.mjs';
import { sleep, until, within } from '../shared/wait.mjs';

const REPLAYED = /replayed embed url|used already/i;
/// What may still follow a live frame (a second load, a late replay) follows within this.
const SETTLE_MILLISECONDS = 300;
const FRAME_SECONDS = 3;

/// One page in a browser context of its own, so that nothing is shared between cases.
export class Visitor {
  static async arrive(browser, demo, provider) {
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    return new Visitor(context, page, demo, provider);
  }

  constructor(context, page, demo, provider) {
    Object.assign(this, { context, page, demo, provider });
  }

  async leave() {
    await this.context.close().catch(() => {});
  }

  /// Opens a page by its address, as if it were typed.
  open(url) {
    return visit(this.page, url);
  }

  /// Opens `path` of a site, and signs in on the way.
  async signIn(site, person, path = '/') {
    await this.open(site + path).catch((error) => this.mustHaveMoved(error));
    await this.until('the provider asks who it is', () => this.origin() === this.provider.origin);
    await this.until(
      `${person} to be signed in at ${site}`,
      async () => {
        if (this.origin() === site && !this.path().startsWith('/oauth2/')) return true;
        if (this.origin() === this.provider.origin) await this.provider.answer(this.page, person);
        return false;
      },
      { seconds: 30, every: 250 },
    );
  }

  /// Follows the site's own sign-out, and the provider's, to the page that says so.
  async signOut(site) {
    await this.open(`${site}/`);
    await this.page.evaluate(() => void location.assign('/oauth2/sign_out')).catch(() => {});
    await this.until(
      'the sign-out to end',
      async () => {
        if (this.origin() === this.provider.origin) await this.provider.confirmSignOut(this.page);
        return this.origin() === site && /^Signed out/.test(await this.page.title());
      },
      { seconds: 20, every: 250 },
    );
  }

  /// Goes one step in the history. `goBack()` waits for events that a restored page does not have.
  async step(by, path) {
    await this.page.evaluate((steps) => void setTimeout(() => history.go(steps)), by).catch(() => {});
    await this.until(`history step ${by} to ${path}`, () => this.path() === path);
  }

  reload() {
    return reload(this.page);
  }

  /// Does something that shows an embed, and waits until a frame (or the page itself) shows it live for this person.
  /// `opensNew: false` is for a page that may come back from the back/forward cache with its frame still open.
  async seesEmbed(expected, action, { seconds = 20, opensNew = true, replaysMax = 0, mayAddressSigma = false } = {}) {
    const before = await stats(this.demo);
    await action();
    await this.until(
      `a live embed for ${expected.person}`,
      async () => {
        const now = await stats(this.demo);
        if (opensNew && now.opened <= before.opened) return false;
        const texts = await this.sigmaTexts();
        return texts.some((text) => isFor(text, expected)) && !texts.some((text) => REPLAYED.test(text));
      },
      { seconds },
    );
    await sleep(SETTLE_MILLISECONDS);
    const after = await stats(this.demo);
    const replays = after.replays - before.replays;
    if (replays > replaysMax)
      throw new Error(`${replays} replayed URL(s), at most ${replaysMax}\n${await this.describe()}`);
    const refused = refusals(after) - refusals(before) - replays;
    if (refused > 0) throw new Error(`Sigma refused: ${JSON.stringify(after.refused)}\n${await this.describe()}`);
    if (opensNew) checkVisit(after.visits?.at(-1), expected);
    if (this.page.url().includes('jwt=') && !mayAddressSigma) {
      throw new Error(`a signed URL is in the address bar\n${await this.describe()}`);
    }
  }

  /// What Sigma's documents show. The driver sometimes never gets into one of several frames of another site: such a
  /// frame has no text here, and the stand-in's counts still hold it to account.
  async sigmaTexts() {
    return Promise.all(this.sigmaFrames().map((frame) => textOf(frame).catch(() => '')));
  }

  /// The frames, the top one too, whose documents are Sigma's.
  sigmaFrames() {
    return this.page.frames().filter((frame) => frame.url().startsWith(this.demo.sigma));
  }

  async until(what, condition, bounds) {
    try {
      return await until(what, condition, bounds);
    } catch (error) {
      throw new Error(`${error.message}\n${await this.describe()}`);
    }
  }

  /// Where everything stands, for a failure's message. A signed URL is cut: it is a bearer secret.
  async describe() {
    const lines = [`page ${cut(this.page.url())}`];
    for (const frame of this.page.frames()) {
      const text = await textOf(frame).catch((error) => `(${error.message.split('\n')[0]})`);
      lines.push(`  frame ${cut(frame.url())}: ${JSON.stringify(text.slice(0, 240))}`);
    }
    const counted = await stats(this.demo).catch((error) => ({ error: error.message }));
    const { opened, replays, refused } = counted;
    lines.push(`  stats ${JSON.stringify({ opened, replays, refused, last: counted.visits?.at(-1) })}`);
    return lines.join('\n');
  }

  origin() {
    return new URL(this.page.url()).origin;
  }

  path() {
    return new URL(this.page.url()).pathname;
  }

  /// A `goto` that a redirect overtook is no failure; one that stayed where it was is.
  mustHaveMoved(error) {
    if (this.page.url() === 'about:blank') throw error;
  }
}

/// The visible text of a frame.
export function textOf(frame) {
  // biome-ignore lint/performance/useDomNodeTextContent: `textContent` has the hidden text and scripts too.
  const visible = () => document.body?.innerText ?? '';
  return within(FRAME_SECONDS, 'a look into a frame', frame.evaluate(visible));
}

export function isReplayed(text) {
  return REPLAYED.test(text);
}

function isFor(text, { person, teams }) {
  const others = ['Finance', 'Sales'].filter((team) => !teams.includes(team));
  const isTheirs = text.includes(`${person}@example.com`) && teams.every((team) => text.includes(team));
  return isTheirs && !others.some((team) => text.includes(team));
}

/// What Sigma was told must be what the person may see; the frame's text alone could be wrong in the same way.
function checkVisit(visit, { person, teams, accountType }) {
  if (!visit) throw new Error('the Sigma stand-in counted no visit');
  const found = JSON.stringify([visit.sub, visit.account_type, [...(visit.teams ?? [])].sort()]);
  const wanted = JSON.stringify([`${person}@example.com`, accountType, [...teams].sort()]);
  if (found !== wanted) throw new Error(`Sigma was told ${found}, not ${wanted}`);
}

function refusals({ refused = {} }) {
  return Object.values(refused).reduce((sum, count) => sum + count, 0);
}

function cut(url) {
  return url.replace(/(jwt=[^&]{0,12})[^&]*/, '$1…');
}
