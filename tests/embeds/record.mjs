// What was observed: a line for each cell, a table by way and browser, the sum.

import { indented } from '../shared/checks.mjs';

export class Record {
  #rows = [];
  #faults = 0;

  /// The observations of one cell, in their order.
  cell(label, seen) {
    for (const one of seen) this.#rows.push({ label, ...one });
    const isFine = seen.every(isGood);
    const { way, host } = seen[0];
    const words = seen.map((one) => `${one.action} ${verdict(one)}`).join(', ');
    console.log(`${isFine ? 'ok    ' : 'FAILED'} [${label}${host ? `, ${host}` : ''}] ${way}: ${words}`);
    for (const { action, problem } of seen) if (problem) console.log(indented(`${action}: ${problem}`));
  }

  /// One sentence of a part.
  case(label, part, sentence, observation) {
    this.#rows.push({ label, way: `(${part})`, ...observation });
    const replayed = observation.replays > 0 ? ` (replays: ${observation.replays})` : '';
    console.log(`${isGood(observation) ? 'ok    ' : 'FAILED'} [${label}] ${sentence}${replayed}`);
    if (observation.problem) console.log(indented(observation.problem));
  }

  /// What went wrong beside all observations.
  failed(label, error) {
    this.#faults += 1;
    console.log(`FAILED [${label}] ${error.stack}`);
  }

  /// Prints table and sum; true where all is well and something was seen.
  sum() {
    this.#table();
    const counted = this.#rows.filter(({ skipped }) => !skipped);
    const replays = counted.reduce((sum, one) => sum + one.replays, 0);
    const failures = counted.filter((one) => !isGood(one)).length + this.#faults;
    const left = this.#rows.length - counted.length;
    console.log(`${counted.length} observations, ${replays} replays, ${failures} failed, ${left} not driven`);
    return failures === 0 && counted.length > 0;
  }

  #table() {
    const labels = [...new Set(this.#rows.map(({ label }) => label))].sort();
    const ways = [...new Set(this.#rows.map(({ way }) => way))];
    console.log(`\nobservations that failed, of all; with replays\n${''.padEnd(28)}${labels.map(column).join('')}`);
    for (const way of ways) {
      const cells = labels.map((label) => {
        const rows = this.#rows.filter((one) => one.way === way && one.label === label && !one.skipped);
        const failed = rows.filter((one) => !isGood(one)).length;
        const replays = rows.reduce((sum, one) => sum + one.replays, 0);
        return rows.length ? `${failed}/${rows.length}; ${replays}` : '-';
      });
      console.log(way.padEnd(28) + cells.map(column).join(''));
    }
  }
}

const column = (text) => text.padEnd(24);
export const isGood = ({ replays, problem }) => replays === 0 && problem === '';

function verdict({ replays, problem, skipped }) {
  if (skipped) return 'not driven';
  if (replays > 0) return problem ? `REPLAYED ${replays}, not shown` : `REPLAYED ${replays}`;
  return problem ? 'NOT SHOWN' : 'fine';
}
