// What stands in a form, and what a form led to, are after Back as they are without a gateway.

import { HOLDERS } from './form_pages.mjs';

const HOSTS = ['', 'cacheable', 'no-store', 'chunked', 'long'];
const BACK_SECONDS = 4;

export function formCases() {
  return HOSTS.flatMap((host) =>
    HOLDERS.map((holds) => ({
      name: `${host || 'plain'} form beside ${holds}: as without a gateway after Back`,
      isQuick: host === 'chunked' && holds !== 'slot',
      run: (reader, { where }) => asAlone(reader, where, `?holds=${holds}&host=${host}`),
    })),
  );
}

async function asAlone(reader, where, query) {
  const alone = await visit(reader, where.alone, query);
  // Firefox can lose the next command in a tab whose page came back from the back/forward cache.
  await reader.takeTab();
  const behind = await visit(reader, where.site, query);
  const [found, wanted] = [behind, alone].map((value) => JSON.stringify(value));
  if (found !== wanted) throw new Error(`behind the gateway ${found}\nalone              ${wanted}`);
}

/// Types, leaves, comes back; sends, leaves, comes back. Gives what was there then.
async function visit(reader, origin, query) {
  await reader.open(`${origin}/form${query}`);
  await reader.page.type('#subject', 'fourth quarter');
  await reader.page.type('#text', 'not sent yet');
  const typed = await awayAndBack(reader, '/form');
  await reader.takeTab();
  await reader.open(`${origin}/form${query}`);
  await reader.page.type('#subject', 'sent');
  await reader.click('form button');
  await reader.until('the result', () => reader.isAt('/form/result'));
  await reader.until('its fields', () => reader.page.$('#note'));
  await reader.page.type('#note', 'a note');
  const sent = await awayAndBack(reader, '/form/result');
  return { typed, sent };
}

async function awayAndBack(reader, path) {
  await reader.click('#leave');
  await reader.until('to be elsewhere', () => reader.isAt('/elsewhere'));
  await reader.play('history.go(-1)');
  const isLoaded = () => reader.page.evaluate("document.readyState === 'complete'");
  const isBack = async () => (await reader.isAt(path)) && isLoaded();
  const came = await reader.until('to be back', isBack, BACK_SECONDS).catch(() => false);
  if (!came) return 'does not come back';
  return reader.page.evaluate(() => ({
    fields: [...document.querySelectorAll('input, textarea')].map(({ id, value }) => `${id}: ${value}`),
    text: document.querySelector('#result')?.textContent ?? document.title,
  }));
}
