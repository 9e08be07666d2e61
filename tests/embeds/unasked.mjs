// Pages that nobody looks at yet: a URL is signed once a reader does, not before.

import { visit } from '../shared/browsers.mjs';
import { mintsNothing, showsAfter } from './cases.mjs';
import { LINK } from './ways.mjs';

const PAGE = '/way/hand-written';

export function unaskedCases() {
  return [
    {
      name: 'a host page that is rendered ahead of time shows the embed once it is entered, and mints nothing before',
      only: 'chromium',
      isQuick: true,
      run: (reader, setting) => entered(reader, setting, 'prerender', PAGE),
    },
    {
      name: 'a stable link that is rendered ahead of time shows the embed once it is entered, and mints nothing before',
      only: 'chromium',
      run: (reader, setting) => entered(reader, setting, 'prerender', LINK),
    },
    {
      name: 'a stable link that is fetched ahead of time shows the embed once it is entered, and mints nothing before',
      only: 'chromium',
      run: (reader, setting) => entered(reader, setting, 'prefetch', LINK),
    },
    { name: 'a link that the page lets prefetch mints nothing', run: prefetches },
    { name: 'an embed in a tab behind another waits until it is looked at', run: waitsBehind },
  ];
}

async function entered(reader, setting, kind, path) {
  const { site } = setting.where;
  await reader.open(`${site}/elsewhere`);
  const before = setting.application.requests.length;
  const asked = () =>
    setting.application.requests.slice(before).some((one) => one.path === path && one.purpose.includes('prefetch'));
  await mintsNothing(setting, async () => {
    await reader.page.evaluate(
      (rules) => {
        const script = document.createElement('script');
        script.type = 'speculationrules';
        script.textContent = JSON.stringify(rules);
        document.head.append(script);
      },
      { [kind]: [{ source: 'list', urls: [path], eagerness: 'immediate' }] },
    );
    // The application does not see who asks for the stable link.
    if (path === PAGE) await reader.until('the page to be rendered ahead of time', asked);
    await new Promise((done) => setTimeout(done, 1500));
  });
  // The driver takes a frame of the page that is entered for the page itself, so it is not asked where it is.
  await showsAfter(reader, () => reader.play(`location.href = ${JSON.stringify(path)}`));
}

async function prefetches(reader, setting) {
  await reader.open(`${setting.where.site}/elsewhere`);
  await mintsNothing(setting, () =>
    reader.page.evaluate(async (href) => {
      const link = Object.assign(document.createElement('link'), { rel: 'prefetch', href });
      const ended = new Promise((done) => {
        link.onload = done;
        link.onerror = done;
      });
      document.head.append(link);
      await Promise.race([ended, new Promise((done) => setTimeout(done, 3000))]);
    }, LINK),
  );
}

/// The page may have its first URL already, but it is used by nobody before the tab is looked at.
async function waitsBehind(reader, setting) {
  const { page } = reader;
  await reader.open(`${setting.where.site}/elsewhere`);
  const tab = await reader.newTab(() => reader.play(`window.open('/elsewhere?tab')`));
  await page.bringToFront();
  await visit(tab, setting.where.site + PAGE);
  await showsAfter(reader, () => tab.bringToFront());
}
