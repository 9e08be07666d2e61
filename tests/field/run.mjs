// What was seen in the field, through the gateway: answers of host applications and requests of clients, as bytes, each
// held against what is right for it.
//
//   node run.mjs --binary PATH [--only t1,t6_api_bom]

import { parseArgs } from 'node:util';
import { runAll } from '../shared/checks.mjs';
import { runAnswers } from './answer_runs.mjs';
import { CHARSETS } from './more/charsets.mjs';
import { CODINGS } from './more/codings.mjs';
import { INSERTS } from './more/inserts.mjs';
import { JSONS } from './more/json.mjs';
import { MARKUP } from './more/markup.mjs';
import { REDIRECTS } from './more/redirects.mjs';
import { PAGES } from './pages.mjs';
import { runPages } from './page_runs.mjs';
import { runRequests } from './request_runs.mjs';
import { ANSWERS } from './server_answers.mjs';
import { REQUESTS } from './requests.mjs';
import { start } from './setting.mjs';

const { values: options } = parseArgs({ options: { binary: { type: 'string' }, only: { type: 'string' } } });
const RUN_SECONDS = 300;
const isChosen = ({ kind, name }) =>
  !options.only || options.only.split(',').some((part) => name.includes(part) || kind === part);

async function main(checks) {
  const setting = await start(options.binary);
  try {
    for (const [run, all] of [
      [runPages, [...PAGES, ...CHARSETS, ...CODINGS, ...MARKUP, ...INSERTS, ...JSONS, ...REDIRECTS]],
      [runAnswers, ANSWERS],
      [runRequests, REQUESTS],
    ]) {
      const cases = all.filter(isChosen);
      if (cases.length > 0) await run(setting, checks, cases);
    }
  } finally {
    for (const stop of setting.stops.reverse()) await stop();
  }
}

process.setMaxListeners(40);
runAll(main, RUN_SECONDS);
