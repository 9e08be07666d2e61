// What was seen in the field, through the gateway: answers of host applications and requests of clients, as bytes, each
// held against what is right for it.
//
//   node run.mjs --binary PATH [--only t1,t6_api_bom] [--seed N] [--html5lib FOLDER] [--documents FOLDER] [--full]

import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { runAll } from '../shared/checks.mjs';
import { runAnswers } from './answer_runs.mjs';
import { BEHIND, runBehind } from './behind_runs.mjs';
import { CLIENTS, runClients } from './client_runs.mjs';
import { runCollections } from './collection_runs.mjs';
import { CHARSETS } from './more/charsets.mjs';
import { CODINGS } from './more/codings.mjs';
import { INSERTS } from './more/inserts.mjs';
import { JSONS } from './more/json.mjs';
import { MARKUP } from './more/markup.mjs';
import { PARTS } from './more/parts.mjs';
import { REDIRECTS } from './more/redirects.mjs';
import { PAGES } from './pages.mjs';
import { runPages } from './page_runs.mjs';
import { runRandom } from './random/insert_runs.mjs';
import { runRandomSlots } from './random/runs.mjs';
import { runRequests } from './request_runs.mjs';
import { ANSWERS } from './server_answers.mjs';
import { REQUESTS } from './requests.mjs';
import { start } from './setting.mjs';
import { runTrees } from './tree_runs.mjs';

const text = { type: 'string' };
const { values: options } = parseArgs({
  options: {
    binary: text,
    only: text,
    seed: { type: 'string', default: '1' },
    html5lib: text,
    documents: text,
    full: { type: 'boolean', default: false },
  },
});
const RUN_SECONDS = options.full ? 1800 : 300;
const isChosen = ({ kind, name }) =>
  !options.only || options.only.split(',').some((part) => name.includes(part) || kind === part);

async function main(checks) {
  const setting = await start(options.binary);
  try {
    for (const [run, all] of [
      [runPages, [...PAGES, ...CHARSETS, ...CODINGS, ...MARKUP, ...INSERTS, ...PARTS, ...JSONS, ...REDIRECTS]],
      [runAnswers, ANSWERS],
      [runRequests, REQUESTS],
      [runClients, CLIENTS],
      [runBehind, BEHIND],
    ]) {
      const cases = all.filter(isChosen);
      if (cases.length > 0) await run(setting, checks, cases);
    }
    const isRandom = isChosen({ kind: 'random', name: 'random' });
    for (const run of isRandom ? [runRandom, runRandomSlots] : [])
      await run(setting, checks, { seed: Number(options.seed), isFull: options.full });
    for (const [name, run, folder] of [
      ['html5lib', runTrees, options.html5lib],
      ['collections', runCollections, options.documents],
    ]) {
      if (!isChosen({ kind: name, name })) continue;
      if (folder) await run(setting, checks, { folder, isFull: options.full });
      else console.log(`skipped: ${name}, no folder was told`);
    }
    await checks.run('nothing panicked', () => {
      const lines = [setting.running, setting.secure].flatMap((one) => one.output().split('\n'));
      assert.deepEqual(
        lines.filter((line) => /panicked at/.test(line)),
        [],
      );
    });
  } finally {
    for (const stop of setting.stops.reverse()) await stop();
  }
}

process.setMaxListeners(40);
runAll(main, RUN_SECONDS);
