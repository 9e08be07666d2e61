// One line for each check, and the sum at the end.

export class Checks {
  passed = 0;
  failed = 0;

  /// `check` throws, or gives a text for the line. Gives whether it passed.
  async run(name, check) {
    try {
      const note = await check();
      this.told(`${name}${typeof note === 'string' ? ` (${note})` : ''}`);
      return true;
    } catch (error) {
      this.told(name, error.message || `${error}`);
      return false;
    }
  }

  /// Counts a check that ran elsewhere; with a `problem` it failed.
  told(name, problem = '') {
    this[problem ? 'failed' : 'passed'] += 1;
    console.log(`${problem ? 'FAILED' : 'ok    '} ${name}`);
    if (problem) console.log(indented(problem));
  }

  /// Prints the sum; true where everything passed and something ran.
  sum() {
    console.log(`${this.passed} passed, ${this.failed} failed`);
    return this.failed === 0 && this.passed > 0;
  }
}

export const indented = (text) => text.replace(/^/gm, '       ');

/// Runs `main(checks)` within `seconds`, says the sum, ends the process.
export function runAll(main, seconds) {
  const checks = new Checks();
  const end = () => process.exit(checks.sum() ? 0 : 1);
  setTimeout(() => {
    checks.told('the run itself', `it took more than ${seconds} s`);
    end();
  }, seconds * 1000).unref();
  main(checks)
    .catch((error) => checks.told('the run itself', error.stack))
    .then(end);
}
