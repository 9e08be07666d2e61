// WebKitGTK, Safari's engine, by its own WebDriver, on a screen of its own.

import { startChild } from './child.mjs';
import { request } from './http.mjs';
import { until } from './wait.mjs';

const MINI_BROWSER = '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser';
const CAPABILITIES = {
  acceptInsecureCerts: true,
  'webkitgtk:browserOptions': { binary: MINI_BROWSER, args: ['--automation'] },
};

/// Starts screen, driver and browser; `port` is the driver's, and names the screen.
export async function startWebKit(port) {
  const display = `:${port % 1000}`;
  const screen = startChild('Xvfb', [display, '-screen', '0', '1280x900x24', '-nolisten', 'tcp']);
  const env = { DISPLAY: display, WEBKIT_DISABLE_COMPOSITING_MODE: '1', LIBGL_ALWAYS_SOFTWARE: '1' };
  const webdriver = startChild('WebKitWebDriver', ['-p', String(port)], { env });
  const end = async () => {
    await webdriver.stop();
    await screen.stop();
  };
  try {
    const driver = await Driver.open(port);
    const stop = async () => {
      await driver.end().catch(() => {});
      await end();
    };
    return { driver, stop };
  } catch (error) {
    await end();
    throw error;
  }
}

/// One session of the driver; what is asked of it is a path and a body.
class Driver {
  static async open(port) {
    const base = `http://127.0.0.1:${port}`;
    const ready = async () => (await request(`${base}/status`)).status === 200;
    await until('the driver', ready, { seconds: 20 });
    const { sessionId } = await ask(`${base}/session`, { capabilities: { alwaysMatch: CAPABILITIES } });
    return new Driver(`${base}/session/${sessionId}`);
  }

  constructor(session) {
    this.session = session;
  }

  go(url) {
    return ask(`${this.session}/url`, { url });
  }
  do(what) {
    return ask(`${this.session}/${what}`, {});
  }
  get(what) {
    return ask(`${this.session}/${what}`);
  }
  play(script, args = []) {
    return ask(`${this.session}/execute/sync`, { script, args });
  }
  /// The script calls its last argument with what it gives.
  playUntilDone(script, args = []) {
    return ask(`${this.session}/execute/async`, { script, args });
  }
  end() {
    return request(this.session, { method: 'DELETE' });
  }

  /// The visible texts of all documents, frame in frame; the first is the page's own.
  async texts() {
    await ask(`${this.session}/frame`, { id: null });
    return this.textsFromHere();
  }

  async textsFromHere() {
    const found = [await this.play("return document.body?.innerText ?? ''")];
    const frames = await this.play('return window.frames.length');
    for (let id = 0; id < frames; id += 1) {
      await ask(`${this.session}/frame`, { id });
      found.push(...(await this.textsFromHere()));
      await this.do('frame/parent');
    }
    return found;
  }
}

async function ask(url, json) {
  const answer = await request(url, json ? { method: 'POST', json } : {});
  const { value } = JSON.parse(answer.text);
  if (value?.error) throw new Error(`${value.error}: ${value.message}`);
  return value;
}
