// Other origins: none gets an embed, nothing that they say is taken for Sigma's.

import assert from 'node:assert/strict';
import { mintsNothing, showsAfter } from './cases.mjs';

const PAGE = '/way/hand-written';

export function strangerCases() {
  const origins = ['stranger', 'sibling'];
  return [
    ...origins.map((origin) => ({
      name: `a host page of another origin (${origin}) gets no embed in its frame`,
      isQuick: origin === 'sibling',
      run: (reader, setting) => hostElsewhere(reader, setting, setting.where[origin]),
    })),
    ...origins.map((origin) => ({
      name: `a frame of another origin (${origin}) in a page of the application gets no embed`,
      run: (reader, setting) => framedElsewhere(reader, setting, setting.where[origin]),
    })),
    {
      name: 'what a frame of another origin says reaches neither Sigma nor the host as from Sigma',
      isQuick: true,
      run: speaksBeside,
    },
    { name: 'a popup that another origin opened tells it nothing, and Sigma hears nothing of it', run: opensPopup },
  ];
}

async function hostElsewhere(reader, setting, origin) {
  await mintsNothing(setting, async () => {
    await reader.open(`${origin}/host`);
    await reader.until('the frame to be answered', () =>
      reader.page.evaluate(() => document.readyState === 'complete'),
    );
  });
  assert.deepEqual(await heardBy(reader.page), [], 'the other origin was told something');
}

async function framedElsewhere(reader, setting, origin) {
  await reader.open(`${setting.where.site}/elsewhere`);
  await mintsNothing(setting, () =>
    reader.page.evaluate(async (src) => {
      const frame = Object.assign(document.createElement('iframe'), { src });
      const loaded = new Promise((done) => frame.addEventListener('load', done));
      document.body.append(frame);
      await loaded;
    }, `${origin}/framed`),
  );
}

const heardBy = (page) => page.evaluate(() => window.heard);

const LISTEN = `window.heard = [];
addEventListener('message', ({ origin, data }) => heard.push({ origin, data }));`;

async function speaksBeside(reader, setting) {
  const { where, sigma } = setting;
  await showsAfter(reader, () => reader.open(where.site + PAGE));
  const mark = sigma.mark();
  await reader.page.evaluate(LISTEN);
  await reader.page.evaluate(async (src) => {
    const frame = Object.assign(document.createElement('iframe'), { src });
    const loaded = new Promise((done) => frame.addEventListener('load', done));
    document.body.append(frame);
    await loaded;
  }, `${where.stranger}/speaker`);
  const speaker = await reader.until('the speaker', () =>
    reader.page.frames().find((frame) => frame.url().startsWith(where.stranger)),
  );
  await speaker.evaluate('speak()');
  await reader.until('the host to hear the forger', async () => (await heardBy(reader.page)).length > 0);
  await sigma.quiet(500);
  const heard = await heardBy(reader.page);
  const forged = heard.filter(({ data }) => data?.forged);
  assert.deepEqual(
    [...new Set(forged.map(({ origin }) => origin))],
    [where.stranger],
    'a forged word has another origin',
  );
  assert.deepEqual([...new Set(forged.map(({ data }) => data.forged))], ['to the host'], 'a forged word was passed on');
  // The stand-in hears what is posted into its own window by whoever; the gateway's page must add nothing to that.
  const relayed = sigma.heardSince(mark).filter(({ origin }) => origin === where.site);
  assert.deepEqual(relayed, [], 'Sigma heard a forger with the origin of the site');
  assert.equal(sigma.openedSince(mark).length, 0, 'a forged word made the embed open anew');
}

async function opensPopup(reader, setting) {
  const { where, sigma } = setting;
  await reader.open(`${where.stranger}/opener`);
  const { page } = reader;
  const mark = sigma.mark();
  await showsAfter(reader, () => reader.newTab(() => reader.play('open_()')));
  await page.evaluate('speak()').catch(() => {});
  await sigma.quiet(500);
  assert.deepEqual(await heardBy(page), [], 'the opener was told something');
  const relayed = sigma.heardSince(mark);
  assert.deepEqual(relayed, [], 'Sigma heard the opener');
  assert.equal(sigma.openedSince(mark).length, 1, 'a forged word made the embed open anew');
}
