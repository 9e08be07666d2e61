// Whether two visits saw the same: every status, header and byte, but for what is named here.
//
// Two lists. ALWAYS holds for every application: what HTTP or the gateway's contract changes. What an application
// itself makes anew in each visit (session ids, tokens, times) is in that application's own list, in the same form.

/// Headers between two neighbours only (RFC 9110 7.6.1), and the time of the answer.
const OF_THE_CONNECTION = ['connection', 'keep-alive', 'transfer-encoding', 'date'];
/// What a page loses when it has a slot, or streams and might have one: docs/ARCHITECTURE.md.
const OF_STORED_BYTES = ['etag', 'last-modified', 'accept-ranges', 'content-length'];
/// What JSON and redirects with links lose besides; a page keeps it.
const LIFETIMES = ['expires', 'pragma', 'age', 'cache-control'];

/// A page up to this is looked through before its head is sent (src/limits).
const HELD_PAGE_BYTES_MAX = 256 * 1024;

const LINK = '/sigma/embed/revenue';

/// Each difference between two visits, step by step: `[{title, differences}]`.
export function compareVisits(direct, behind, { normalise, sigmaUrl, hosts }) {
  if (direct.steps.length !== behind.steps.length) {
    const titles = ({ steps }) => steps.map(({ title }) => title).join('; ');
    return [
      { title: 'the number of steps', differences: [`directly: ${titles(direct)}`, `behind: ${titles(behind)}`] },
    ];
  }
  const context = { normalise, sigmaUrl, hosts };
  return direct.steps.map((step, index) => ({
    title: step.title,
    differences: compareSteps(step, behind.steps[index], context),
  }));
}

function compareSteps(direct, behind, context) {
  const differences = [];
  const [one, other] = [direct.answer, behind.answer];
  if (direct.title !== behind.title) differences.push(`another step: ${behind.title}`);
  if (one.status !== other.status) differences.push(`status ${one.status}, behind the gateway ${other.status}`);
  differences.push(...compareHeaders(one, other, direct, context));
  // The gateway drops trailers (RFC 9110 6.5.1 lets it); it never makes or changes one.
  if (Object.keys(other.trailers).length > 0 && JSON.stringify(one.trailers) !== JSON.stringify(other.trailers)) {
    differences.push(`trailers ${JSON.stringify(other.trailers)}, directly ${JSON.stringify(one.trailers)}`);
  }
  differences.push(...compareBodies(one, other, direct, context));
  return differences;
}

function compareHeaders(direct, behind, step, context) {
  const isPage = /^text\/html|^application\/xhtml/.test(direct.headers['content-type'] ?? '');
  const isStreamed = isPage && direct.bytes.length > HELD_PAGE_BYTES_MAX;
  const isChanged = step.slots > 0 || isStreamed;
  const ignored = [
    ...OF_THE_CONNECTION,
    ...(isChanged ? OF_STORED_BYTES : []),
    ...(isChanged && !isPage ? LIFETIMES : []),
  ];
  const lines = (answer) =>
    answer.lines
      .filter(([name]) => !ignored.includes(name))
      .map(([name, value]) => normal(`${name}: ${value}`, 'header', context))
      .sort();
  const [here, there] = [lines({ lines: keptPrivate(direct.lines) }), lines(behind)];
  return [
    ...here.filter((line) => !there.includes(line)).map((line) => `header only directly: ${line}`),
    ...there.filter((line) => !here.includes(line)).map((line) => `header only behind the gateway: ${line}`),
  ];
}

/// All these visits are behind a sign-in: what was for every cache, or said nothing, is for one person. The lines as
/// they have to be then; what is `private` or `no-store` by itself stays as it is.
export function keptPrivate(lines) {
  const others = lines.filter(
    ([name, value]) =>
      !(name === 'pragma' && value === 'public') &&
      !/^(.*-)?cache-control$|^surrogate-control$|^edge-control$|^x-accel-expires$/.test(name),
  );
  const own = lines.filter(([name]) => name === 'cache-control');
  const directives = own
    .flatMap(([, value]) => value.split(','))
    .map((word) => word.trim())
    .filter(Boolean);
  const kept = directives.filter((word) => !/^(public|s-maxage)\b/i.test(word));
  const isClosed = directives.some((word) => /^(private|no-store)$/i.test(word));
  if (isClosed && kept.length === directives.length) return [...others, ...own];
  return [...others, ['cache-control', [...kept, ...(isClosed ? [] : ['private'])].join(', ')]];
}

function compareBodies(direct, behind, step, context) {
  const bytes = direct.bytes.toString('latin1');
  // Its own Sigma URL stands for the link that the gateway writes in its place.
  const original = step.slots > 0 ? bytes.replaceAll(context.sigmaUrl, LINK) : bytes;
  const { text, slots } = withoutSlots(behind.bytes.toString('latin1'));
  if (slots !== step.slots) return [`${slots} slots filled, not ${step.slots}`];
  const [here, there] = [normal(original, 'body', context), normal(text, 'body', context)];
  return here === there ? [] : [firstDifference(here, there)];
}

/// Takes back what the gateway writes for a slot, to the byte, and counts the slots.
function withoutSlots(text) {
  let slots = 0;
  const count =
    (replacement) =>
    (...found) => {
      slots += 1;
      return typeof replacement === 'function' ? replacement(...found) : replacement;
    };
  const undone = text
    // an inserted frame: all of it
    .replace(new RegExp(`<iframe src="${LINK}" title="Revenue" width="100%" height="600"></iframe>`, 'g'), count(''))
    // a frame with `data-sigma-embed` and without `src`: one attribute behind the tag's name
    .replace(new RegExp(`<iframe src="${LINK}" (?=[^>]*data-sigma-embed)`, 'g'), count('<iframe '))
    // a frame with a Sigma URL: the link in its place
    .replace(
      new RegExp(`<iframe (?=[^>]*src="${LINK}")`, 'g'),
      count((whole) => whole),
    )
    // a link for people
    .replace(
      new RegExp(`<a href="${LINK}"`, 'g'),
      count((whole) => whole),
    )
    // a string of an API answer: with the site's origin
    .replace(new RegExp(`"http://[a-z.]+:\\d+${LINK}"`, 'g'), count(`"${LINK}"`));
  return { text: undone, slots };
}

function normal(text, where, { normalise, hosts }) {
  let found = text;
  for (const [from, to] of Object.entries(hosts)) found = found.replaceAll(from, to);
  for (const rule of normalise) {
    if (rule.where === undefined || rule.where === where) found = found.replace(rule.pattern, rule.as);
  }
  return found;
}

function firstDifference(here, there) {
  let at = 0;
  while (here[at] === there[at]) at += 1;
  const around = (text) => JSON.stringify(text.slice(Math.max(0, at - 60), at + 100));
  const where = `bodies differ at ${at} of ${here.length}/${there.length}`;
  return `${where}\n  directly ${around(here)}\n  behind   ${around(there)}`;
}
