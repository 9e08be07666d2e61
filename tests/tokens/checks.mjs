// One line for each check, and the sum at the end.

export class Checks {
  passed = 0;
  failed = 0;

  /// `check` throws, or gives a text for the line.
  async run(name, check) {
    try {
      const note = await check();
      this.passed += 1;
      console.log(`ok     ${name}${typeof note === 'string' ? ` (${note})` : ''}`);
      return true;
    } catch (error) {
      this.failed += 1;
      console.log(`FAILED ${name}\n${error.message.replace(/^/gm, '       ')}`);
      return false;
    }
  }

  /// Prints the sum; true where everything passed and something ran.
  sum() {
    console.log(`${this.passed} passed, ${this.failed} failed`);
    return this.failed === 0 && this.passed > 0;
  }
}

/// Runs `main(checks)` within `seconds`, says the sum, ends the process.
export function runAll(main, seconds) {
  const checks = new Checks();
  const end = (isGood) => process.exit(isGood ? 0 : 1);
  setTimeout(() => {
    console.log(`the run took more than ${seconds} s`);
    checks.failed += 1;
    end(checks.sum());
  }, seconds * 1000).unref();
  main(checks).catch((error) => {
    checks.failed += 1;
    console.log(`FAILED the run itself\n${error.stack.replace(/^/gm, '       ')}`);
  }).then(() => end(checks.sum()));
}
