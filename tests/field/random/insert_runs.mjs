// Random pages with an insert, on the path of each place: the frame is at the end of its element, or stands for what
// was in it, as parse5 ends that; or the page is the same, with a note.

import assert from 'node:assert/strict';
import { NAVIGATION } from '../../shared/agent.mjs';
import { sleep } from '../../shared/wait.mjs';
import { readSent } from '../answers.mjs';
import { bare } from '../more/bytes.mjs';
import { exchange, requestOf } from '../client.mjs';
import { LINK } from '../config.mjs';
import { firstLine, judge } from '../judge.mjs';
import { RandomPages } from './insert_pages.mjs';
import { linesById, sideBySide } from '../setting.mjs';

const COUNT = 300;
const COUNT_FULL = 6000;
const SETTLED = 500;

export async function runRandom(setting, checks, { seed, isFull }) {
  const pages = new RandomPages(seed);
  const runs = Array.from({ length: isFull ? COUNT_FULL : COUNT }, (_, index) => ({
    index,
    text: pages.next(),
    place: index % 2 === 0 ? 'append' : 'replace',
  }));
  await checks.run(`random pages with an insert, seed ${seed}`, async () => {
    await sideBySide(runs, (run) => look(setting, run));
    await sleep(SETTLED);
    const lines = linesById(setting.running.output());
    const isNoted = ({ id }) => (lines.get(id) ?? []).some((line) => line.includes('while rewriting'));
    for (const run of runs) if (run.isSame && !isNoted(run)) run.problem = 'the same bytes, and no note';
    const bad = runs.filter(({ problem }) => problem).sort((one, other) => one.text.length - other.text.length);
    const shown = bad.slice(0, 5).map(({ text, place, problem }) => `${place}: ${problem}\n${text}`);
    assert.equal(bad.length, 0, `${bad.length} pages\n${shown.join('\n')}`);
    return `${runs.length} pages, ${runs.filter(({ isSame }) => isSame).length} without a place for it`;
  });
}

async function look({ port, application, cookies }, run) {
  const bytes = bare(run.text, 'text/html; charset=utf-8');
  const target = `/ins/${run.place}/random/${run.index}`;
  application.plays.set(target, { pieces: [bytes], end: 'close' });
  const origin = `http://${LINK}:${port}`;
  const got = await exchange(
    port,
    requestOf('GET', `${LINK}:${port}`, target, { ...NAVIGATION, cookie: cookies[LINK] }),
  );
  run.id = /^x-request-id: *(\S+)/im.exec(application.heads.get(target)?.[0])?.[1];
  application.plays.delete(target);
  application.heads.delete(target);
  run.isSame = got.body === run.text;
  if (run.isSame) return;
  try {
    judge(readSent(bytes), got, { insert: run.place }, { origin, url: origin + target, mints: false, jtis: new Set() });
  } catch (error) {
    run.problem = firstLine(error);
  }
}
