// A dump of callgrind: the total, and what each function spent itself.

/// Gives `total` and `functions`, the costliest first.
export function readDump(text) {
  const names = new Map();
  const own = new Map();
  let current;
  let isCall = false;
  for (const line of text.split('\n')) {
    const named = /^(c?)fn=\((\d+)\)(?: (.*))?$/.exec(line);
    if (named) {
      if (named[3]) names.set(named[2], named[3]);
      if (!named[1]) current = named[2];
    } else if (line.startsWith('calls=')) {
      isCall = true; // the next line is what the callee spent
    } else if (/^[+\-*]?\d* \d+$/.test(line)) {
      if (!isCall) own.set(current, (own.get(current) ?? 0) + Number(line.split(' ')[1]));
      isCall = false;
    }
  }
  const functions = [...own].map(([id, instructions]) => ({ name: names.get(id) ?? id, instructions }));
  functions.sort((one, other) => other.instructions - one.instructions);
  return { total: functions.reduce((sum, { instructions }) => sum + instructions, 0), functions };
}
