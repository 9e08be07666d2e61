// Loaded before a program (`node --import`): its wall clock is CLOCK_SECONDS ahead.

const ahead = Number(process.env.CLOCK_SECONDS) * 1000;
const RealDate = Date;

globalThis.Date = class extends RealDate {
  constructor(...parts) {
    super(...(parts.length === 0 ? [RealDate.now() + ahead] : parts));
  }

  static now() {
    return RealDate.now() + ahead;
  }
};
