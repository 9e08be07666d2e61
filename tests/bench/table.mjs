// Measurements to figures: medians over the rounds, spread, ratios to the first server of a row, and the table.

export function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/// The lines of one row. Ratios are medians over rounds: both sides of each were measured seconds apart.
export function figures(results) {
  const [base] = results;
  return results.map(({ name, rounds }) => ({
    name,
    rate: median(rounds.map((round) => round.rate)),
    rateLow: Math.min(...rounds.map((round) => round.rate)),
    rateHigh: Math.max(...rounds.map((round) => round.rate)),
    rateRatio: median(rounds.map((round, index) => round.rate / base.rounds[index].rate)),
    p99: rounds[0].p99 === undefined ? undefined : median(rounds.map((round) => round.p99)),
    cpu: median(rounds.map((round) => round.cpu)),
    cpuLow: Math.min(...rounds.map((round) => round.cpu)),
    cpuHigh: Math.max(...rounds.map((round) => round.cpu)),
    cpuRatio: median(rounds.map((round, index) => round.cpu / base.rounds[index].cpu)),
    memory: Math.max(...rounds.map((round) => round.memory)),
  }));
}

/// Markdown: readable as it is printed, and as it is committed.
export function loadTable(rows) {
  const head = ['', 'server', 'requests/s', '(spread)', '×', 'p99 ms', 'CPU µs/request', '(spread)', '×', 'memory MiB'];
  const lines = rows.flatMap(({ name, results }) =>
    figures(results).map((line, index) => [
      index === 0 ? name : '',
      line.name,
      whole(line.rate),
      `${whole(line.rateLow)}–${whole(line.rateHigh)}`,
      line.rateRatio.toFixed(2),
      line.p99 === undefined ? '–' : line.p99.toFixed(2),
      line.cpu.toFixed(1),
      `${line.cpuLow.toFixed(1)}–${line.cpuHigh.toFixed(1)}`,
      line.cpuRatio.toFixed(2),
      whole(line.memory),
    ]),
  );
  return table(head, lines);
}

export function table(head, lines) {
  const all = [head, ...lines];
  const widths = head.map((_, column) => Math.max(3, ...all.map((line) => line[column].length)));
  const place = (cell, column) => (column < 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]));
  const draw = (line) => `| ${line.map(place).join(' | ')} |`;
  const under = (width, column) => (column < 2 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`);
  const rule = `|${widths.map(under).join('|')}|`;
  return [draw(head), rule, ...lines.map(draw)].join('\n');
}

function whole(number) {
  return Math.round(number).toLocaleString('en-GB').replaceAll(',', ' ');
}
