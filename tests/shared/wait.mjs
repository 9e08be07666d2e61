// Bounded waits: a condition is asked again and again, until it holds or its time is up.

export const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/// Asks `condition` until it gives something truthy, and gives that. An error counts as "not yet"; the last one is
/// told.
export async function until(what, condition, { seconds = 15, every = 100 } = {}) {
  const end = Date.now() + seconds * 1000;
  let last = 'never asked';
  for (;;) {
    try {
      const found = await condition();
      if (found) return found;
      last = `got ${JSON.stringify(found) ?? 'nothing'}`;
    } catch (error) {
      last = error.message.split('\n')[0];
    }
    if (Date.now() > end) throw new Error(`waited ${seconds} s for ${what} (${last})`);
    await sleep(every);
  }
}

/// Gives what `promise` gives, or fails after `seconds`.
export async function within(seconds, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
