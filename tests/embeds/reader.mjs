// A person who reads pages with embeds: signs in, opens pages, walks through the history.

import { reload, visit } from '../shared/browsers.mjs';
import { until, within } from '../shared/wait.mjs';

const STEP_SECONDS = 10;
const SIGN_IN_SECONDS = 25;

export class Reader {
  /// Comes with a browser context of its own.
  static async arrive(browser, setting) {
    const context = await within(60, 'a new browser context', browser.createBrowserContext());
    const page = await context.newPage();
    return new Reader({ context, page, setting });
  }

  constructor({ context, page, setting }) {
    Object.assign(this, { context, setting });
    this.use(page);
  }

  /// The tab that is looked at.
  use(page) {
    this.page = page;
    page.setDefaultTimeout(STEP_SECONDS * 1000);
    if (page.isWatched) return;
    page.isWatched = true;
    // "Send the form again?" and kin.
    page.on('dialog', (dialog) => dialog.dismiss().catch(() => {}));
  }

  async leave() {
    await within(10, 'the end of a context', this.context.close()).catch(() => {});
  }

  async signIn(name) {
    const { where, provider } = this.setting;
    provider.comes(name);
    await this.open(`${where.site}/elsewhere`);
    const isIn = async () => (await this.address()).href === `${where.site}/elsewhere`;
    await this.until(`${name} to be signed in`, () => this.#answered(isIn), SIGN_IN_SECONDS);
  }

  async signOut() {
    const { where, provider } = this.setting;
    provider.comes('');
    await this.open(`${where.site}/oauth2/sign_out`);
    const isOut = async () => {
      const { origin, pathname } = await this.address();
      if (pathname === '/end' || (await provider.asks(this.page))) return true;
      return origin === where.site && (await this.page.title()).startsWith('Signed out');
    };
    await this.until('the sign-out to end', () => this.#answered(isOut), SIGN_IN_SECONDS);
  }

  /// Answers the provider's page, unless it is over.
  async #answered(isOver) {
    if (await isOver()) return true;
    await this.setting.provider.answer(this.page);
    return false;
  }

  open(url) {
    return visit(this.page, url);
  }

  reload() {
    return reload(this.page);
  }

  /// What a script of the page does; it may end the page, so nothing is given back.
  async play(script) {
    await within(STEP_SECONDS, 'a script of the page', this.page.evaluate(`setTimeout(() => { ${script} })`));
  }

  /// Asks every document of the page that is of its origin, until one gives something. The driver's own list of frames
  /// is wrong once a page has come back from the back/forward cache.
  async inDocuments(act, argument = '') {
    const script = `(${walk})(${act}, ${JSON.stringify(argument)})`;
    return within(STEP_SECONDS, 'a look into the page', this.page.evaluate(script));
  }

  /// Clicks in whichever document of the page has such an element.
  async click(selector) {
    const press = (view, wanted) => {
      const found = view.document.querySelector(wanted);
      if (found) view.setTimeout(() => found.click());
      return Boolean(found);
    };
    await this.until(`${selector} to click`, () => this.inDocuments(press, selector));
  }

  /// Whether a frame of the page is at this path.
  hasFrame(path) {
    return this.inDocuments((view, wanted) => view !== top && view.location.pathname === wanted, path);
  }

  /// Reloads the frame that the application's page has made for an embed: the gateway's page, or Sigma's.
  async reloadFrame() {
    const reload = (view) => {
      const isEmbed = view !== top && /^\/(sigma\/embed|reports)\//.test(view.location.pathname);
      if (isEmbed) view.setTimeout(() => view.location.reload());
      return isEmbed;
    };
    if (await this.inDocuments(reload)) return;
    const isSigma = (frame) => frame.url().startsWith(this.setting.where.sigma);
    const frame = await this.until('a frame with an embed', () => this.page.frames().find(isSigma), 4);
    await frame.evaluate(() => void setTimeout(() => location.reload()));
  }

  /// One step in the history, until `hasArrived`. A restored page has no events to wait for.
  async step(by, hasArrived) {
    await this.play(`history.go(${by})`);
    await this.until(`history step ${by}`, hasArrived);
  }

  async isAt(path) {
    return (await this.address()).pathname === path;
  }

  /// As the page knows it: the driver does not notice when a page comes back from the back/forward cache.
  async address() {
    return new URL(await within(STEP_SECONDS, 'the address', this.page.evaluate('location.href')));
  }

  /// Opens a tab by `act`, and gives it.
  async newTab(act) {
    const [tab] = await within(
      STEP_SECONDS,
      'a new tab',
      Promise.all([new Promise((done) => this.page.once('popup', done)), act()]),
    );
    await tab.bringToFront();
    return tab;
  }

  /// Goes on in a new tab, the only one.
  async takeTab() {
    this.use(await this.context.newPage());
    await this.closeOthers();
  }

  /// Closes every other tab.
  async closeOthers() {
    for (const page of await this.context.pages()) if (page !== this.page) await page.close().catch(() => {});
    await this.page.bringToFront();
  }

  async until(what, condition, seconds = STEP_SECONDS) {
    try {
      return await until(what, condition, { seconds, every: 40 });
    } catch (error) {
      throw new Error(`${error.message}; ${this.describe()}`);
    }
  }

  /// Where everything stands. A signed URL is cut: it is a bearer secret.
  describe() {
    const addresses = this.page.frames().map((frame) => frame.url().replace(/(jwt=)[^&]*/, '$1…'));
    return `the page is at ${addresses.join(', with ')}`;
  }
}

/// Runs in the page: a document of another origin throws.
function walk(act, argument) {
  const visit = (view) => {
    try {
      const found = act(view, argument);
      if (found) return found;
    } catch {
      // It is out of reach.
    }
    for (let index = 0; index < view.frames.length; index += 1) {
      const found = visit(view.frames[index]);
      if (found) return found;
    }
    return false;
  };
  return visit(window);
}
