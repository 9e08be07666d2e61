// A reader with hands: real keys and clicks on a screen. The driver only opens pages, and looks.

import { until, within } from '../shared/wait.mjs';
import { Reader } from './reader.mjs';

const LOOK_SECONDS = 2;
const MENU_TRIES = 3;
const AGAIN_SECONDS = 5;
const STEP_KEYS = { '-1': 'alt+Left', 1: 'alt+Right' };
/// The only tab of a window, in both browsers.
const TAB = { x: 100, y: 20 };

export class Hands extends Reader {
  /// Takes the browser as it stands: with its own profile, not a context that ends with it.
  static async take({ browser, setting, screen }) {
    const context = browser.defaultBrowserContext();
    const page = await until('a tab', async () => (await context.pages())[0]);
    await screen.takeKeyboard();
    return Object.assign(new Hands({ context, page, setting }), { screen });
  }

  async click(selector) {
    const place = await this.until(`${selector} to click`, () => this.page.evaluate(placeOf, selector));
    await this.screen.click(place);
    await this.screen.rest();
  }

  /// Firefox passes over the key while a tab that was just restored settles: then its reader presses it again.
  async step(by, hasArrived) {
    const key = STEP_KEYS[by];
    await this.screen.press(key);
    const isThere = await this.until(key, hasArrived, AGAIN_SECONDS).catch(() => false);
    if (isThere) return;
    await this.screen.press(key);
    await this.until(`${key} to lead there`, hasArrived);
  }

  /// Presses what loads the page anew.
  async reloadBy(key) {
    await this.page.evaluate('window.isOld = true');
    await this.screen.press(key);
    await this.until(`${key} to load the page anew`, () => this.page.evaluate('window.isOld !== true'));
  }

  /// Goes on in a duplicate of the tab, by the tab's menu.
  async duplicate() {
    await this.closeOthers();
    await this.#goesOn(async (hasTab) => {
      for (let left = MENU_TRIES - 1; ; left -= 1) {
        await this.screen.choose(TAB, 'd');
        const isDone = await until('the duplicate', hasTab, { seconds: 4 }).catch((error) => {
          if (left === 0) throw error;
        });
        if (isDone) return this.screen.rest();
        await this.screen.press('Escape');
      }
    });
  }

  /// Closes the tab, and goes on in it when it has been opened again.
  async reopen() {
    const { page } = this;
    const { sigma } = this.setting;
    // A window ends with its last tab.
    await this.context.newPage();
    await page.bringToFront();
    let mark = null;
    await this.#goesOn(async () => {
      await this.screen.press('ctrl+w');
      await this.until('the tab to close', () => page.isClosed());
      mark = sigma.mark();
      await this.screen.press('ctrl+shift+t');
    });
    return { mark };
  }

  /// Goes on in the tab that `act` brings, which must be this tab's heir: with its history and its storage.
  async #goesOn(act) {
    const { href } = await this.address();
    const mark = String(Math.random());
    await this.page.evaluate((text) => sessionStorage.setItem('tab', text), mark);
    const known = new Set(await this.context.pages());
    const heir = async () => (await this.context.pages()).find((page) => !known.has(page));
    await act(heir);
    this.use(await this.until('another tab', heir));
    const isHeir = (...wanted) =>
      location.href === wanted[0] && sessionStorage.getItem('tab') === wanted[1] && history.length > 1;
    await this.until('the same page, history and storage there', () => this.page.evaluate(isHeir, href, mark));
  }

  /// Goes on in the next tab of the window.
  async nextTab() {
    const before = await this.#inFront();
    await this.screen.press('ctrl+Next');
    const other = async () => {
      const page = await this.#inFront();
      return page !== before && page;
    };
    this.use(await this.until('the next tab', other));
  }

  /// Waits until the tab in front is at this address.
  async isBefore(url) {
    const isThere = async () => (await (await this.#inFront())?.evaluate('location.href')) === url;
    await this.until(`${url} in front`, isThere);
  }

  async #inFront() {
    for (const page of await this.context.pages()) {
      const look = page.evaluate("document.visibilityState === 'visible'");
      if (await within(LOOK_SECONDS, 'a look at a tab', look).catch(() => false)) return page;
    }
    return null;
  }
}

/// Runs in the page: where on the screen the middle of an element is.
function placeOf(selector) {
  const found = document.querySelector(selector);
  if (!found) return null;
  const { x, y, width, height } = found.getBoundingClientRect();
  const left = window.mozInnerScreenX ?? screenX + (outerWidth - innerWidth) / 2;
  const top = window.mozInnerScreenY ?? screenY + outerHeight - innerHeight;
  return { x: left + x + width / 2, y: top + y + height / 2 };
}
