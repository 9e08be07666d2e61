// WebKitGTK, Safari's engine, by its own WebDriver: first view, reload, the page's own reload, Back, renewal. Over
// https, because it keeps no `Secure` cookie without.
//
//   node webkit.mjs [--binary PATH] [--port BASE]

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startWebKit } from '../shared/webkit.mjs';
import { Record } from './record.mjs';
import { startSetting } from './setting.mjs';
import { WAYS } from './ways.mjs';

const SESSION_SECONDS = 30;

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const { values: options } = parseArgs({
  options: {
    binary: { type: 'string', default: path.join(root, 'target/release/sigma-gateway') },
    only: { type: 'string', default: '' },
    port: { type: 'string', default: '23650' },
  },
});

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
let setting = null;
let browser = null;
try {
  const session = `${SESSION_SECONDS}s`;
  setting = await startSetting({ binary: options.binary, base, providerName: 'small', session, isSecure: true });
  browser = await startWebKit(base + 9);
  const { driver } = browser;
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
  await browser?.stop();
  await setting?.stop();
}
process.exit(record.sum() ? 0 : 1);
