// What a check says when it does not hold.

export function ok(condition, what) {
  if (!condition) throw new Error(`not so: ${what}`);
}

export function equal(found, wanted, what) {
  const [one, other] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (one !== other) throw new Error(`${what}: found ${one}, wanted ${other}`);
}
