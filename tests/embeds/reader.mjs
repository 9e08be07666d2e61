// A person who reads pages with embeds: signs in, opens pages, walks through the history.

import { until, within } from '../shared/wait.mjs';

const STEP_SECONDS = 10;

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
    await this.open(`${where.site}/elsewhere`).catch(() => {});
    await this.until(`${name} to be signed in`, async () => {
      if (this.url.origin === where.site && this.url.pathname === '/elsewhere') return true;
      await provider.answer(this.page);
      return false;
    });
  }

  async signOut() {
    const { where, provider } = this.setting;
    provider.comes('');
    await this.open(`${where.site}/oauth2/sign_out`).catch(() => {});
    await this.until('the sign-out to end', async () => {
      const isDone = this.url.pathname !== '/oauth2/sign_out';
      if (isDone && (this.url.origin === where.site || this.url.pathname === '/end')) return true;
      await provider.answer(this.page);
      return false;
    });
  }

  get url() {
    return new URL(this.page.url());
  }

  async open(url) {
    await this.page.goto(url, { waitUntil: 'domcontentloaded' });
  }

  reload() {
    return this.page.reload({ waitUntil: 'domcontentloaded' });
  }

  /// What a script of the page does; it may end the page, so nothing is given back.
  async play(script) {
    await within(STEP_SECONDS, 'a script of the page', this.page.evaluate(`setTimeout(() => { ${script} })`));
  }

  /// Clicks in whichever document of the page has such an element.
  async click(selector) {
    const press = (wanted) => {
      const found = document.querySelector(wanted);
      if (found) setTimeout(() => found.click());
      return Boolean(found);
    };
    await this.until(`${selector} to click`, async () => {
      for (const frame of this.page.frames()) {
        if (!this.isOurs(frame)) continue;
        if (await within(3, 'a look into a frame', frame.evaluate(press, selector)).catch(() => false)) return true;
      }
      return false;
    });
  }

  isOurs(frame) {
    return [this.setting.where.site, this.setting.where.alone].some((origin) => frame.url().startsWith(`${origin}/`));
  }

  /// One step in the history, until `hasArrived`. A restored page has no events to wait for.
  async step(by, hasArrived) {
    await this.play(`history.go(${by})`);
    await this.until(`history step ${by}`, hasArrived);
  }

  isAt(path) {
    return this.url.pathname === path;
  }

  /// The frame of the application's page that has Sigma in it: Sigma's own, or the gateway's around it.
  hostFrame() {
    let found = this.page.frames().find((frame) => frame.url().startsWith(this.setting.where.sigma));
    const isGateways = (frame) => this.isOurs(frame) && /^\/(sigma|reports)\//.test(new URL(frame.url()).pathname);
    while (found?.parentFrame() && isGateways(found.parentFrame())) found = found.parentFrame();
    return found;
  }

  frameAt(path) {
    return this.page.frames().find((frame) => this.isOurs(frame) && new URL(frame.url()).pathname === path);
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
