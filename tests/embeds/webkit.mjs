// WebKitGTK, Safari's engine, by its own WebDriver: first view, reload, the page's own reload, Back, renewal. Over
// https, because it keeps no `Secure` cookie without.
//
//   node webkit.mjs [--binary PATH] [--port BASE]

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startChild } from '../shared/child.mjs';
import { request } from '../shared/http.mjs';
import { until } from '../shared/wait.mjs';
import { Record } from './record.mjs';
import { startSetting } from './setting.mjs';
import { WAYS } from './ways.mjs';

const MINI_BROWSER = '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser';
const SESSION_SECONDS = 30;
const CAPABILITIES = {
  acceptInsecureCerts: true,
  'webkitgtk:browserOptions': { binary: MINI_BROWSER, args: ['--automation'] },
};

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const { values: options } = parseArgs({
  options: {
    binary: { type: 'string', default: path.join(root, 'target/release/sigma-gateway') },
    only: { type: 'string', default: '' },
    port: { type: 'string', default: '23650' },
  },
});

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
  play(script) {
    return ask(`${this.session}/execute/sync`, { script, args: [] });
  }
  end() {
    return request(this.session, { method: 'DELETE' });
  }
}

async function ask(url, json) {
  const answer = await request(url, { method: 'POST', json });
  const { value } = JSON.parse(answer.text);
  if (value?.error) throw new Error(`${value.error}: ${value.message}`);
  return value;
}

/// The actions, in their order; each ends where the embed must be on show again.
const STEPS = {
  first: ({ driver, url }) => driver.go(url),
  reload: ({ driver }) => driver.do('refresh'),
  'own reload': ({ driver }) => driver.play('setTimeout(() => location.reload())'),
  async back({ driver, setting }) {
    const { sigma, where } = setting;
    const left = sigma.onShow();
    await driver.go(`${where.site}/elsewhere`);
    await sigma.gone(left);
    const mark = sigma.mark();
    await driver.play('setTimeout(() => history.back())');
    return { mark };
  },
  renewal: () => ({ seconds: SESSION_SECONDS + 15 }),
};

async function oneWay(driver, setting, way) {
  const { sigma, where } = setting;
  const seen = [];
  for (const [action, act] of Object.entries(STEPS)) {
    let mark = sigma.mark();
    let problem = '';
    try {
      const given = await act({ driver, setting, url: where.site + way.path });
      mark = given?.mark ?? mark;
      await sigma.shows(mark, way.frames, given?.seconds);
    } catch (error) {
      problem = error.message;
    }
    seen.push({ way: way.name, host: '', action, replays: sigma.replaysSince(mark), problem });
  }
  return seen;
}

const record = new Record();
const base = Number(options.port);
const display = `:${base % 1000}`;
const xvfb = startChild('Xvfb', [display, '-screen', '0', '1280x900x24', '-nolisten', 'tcp']);
const env = { DISPLAY: display, WEBKIT_DISABLE_COMPOSITING_MODE: '1', LIBGL_ALWAYS_SOFTWARE: '1' };
const webdriver = startChild('WebKitWebDriver', ['-p', String(base + 9)], { env });
let setting = null;
let driver = null;
try {
  const session = `${SESSION_SECONDS}s`;
  setting = await startSetting({ binary: options.binary, base, providerName: 'small', session, isSecure: true });
  driver = await Driver.open(base + 9);
  setting.provider.comes('ana');
  await driver.go(`${setting.where.site}/elsewhere`);
  const chosen = WAYS.filter(({ name }) =>
    ['slot', 'hand-written', 'route', 'createElement', 'top level'].includes(name),
  );
  for (const way of chosen.filter(({ name }) => name.includes(options.only)))
    record.cell('webkit', await oneWay(driver, setting, way));
} catch (error) {
  record.failed('webkit', error);
} finally {
  await driver?.end().catch(() => {});
  await webdriver.stop();
  await xvfb.stop();
  await setting?.stop();
}
process.exit(record.sum() ? 0 : 1);
