// JSON texts out of a seed, and what they become: `JSON.parse` says what they mean, the rules of `/api/` what is
// chosen.

import { REVENUE, SIGMA } from '../config.mjs';
import { shown } from '../tags.mjs';
import { Random } from './random.mjs';

const URLS = [
  REVENUE,
  REVENUE.replace('http', 'HTTP'),
  REVENUE.slice('http:'.length),
  REVENUE.replace('http:', '//'),
  `${REVENUE}?Region=EMEA`,
  `${REVENUE}?a=1&Region=a%26b`,
  `${REVENUE}?Region=%E9`,
  ` ${REVENUE}\t`,
  `${REVENUE}#x`,
  REVENUE.replaceAll('/', '\\'),
  `${REVENUE}/explore`,
  `${REVENUE}?Region=é😀<b>"q"`,
  REVENUE.replace('sigma.', 'sigma%2e'),
];
const OTHERS = [
  '',
  '/x',
  'https://other.localhost/',
  `${REVENUE}/edit`,
  REVENUE.replace('39102', '1'),
  REVENUE.replace('http://', 'http:/'),
  `see ${REVENUE}`,
  `<a href="${REVENUE}">x</a>`,
  '{',
  '[x',
  '{"a":1}',
  'é😀\u0000\u2028',
];
const GUARDS = ['', '', '', '\ufeff', ")]}',\n", ")]}'\n", 'while(1);', '\ufeff\n', '\ufeffwhile (1);'];
const TYPES = [
  'application/json',
  'application/json; charset=utf-8',
  'application/vnd.api+json',
  'application/json-rpc',
  'text/plain',
  'text/html; charset=UTF-8',
  'text/json',
  'application/javascript',
];
const DEPTH_MAX = 4;

export class Texts {
  #random;

  constructor(seed) {
    this.#random = new Random(seed);
  }

  /// `{ guard, text, type }`.
  next() {
    return {
      guard: this.#random.oneOf(GUARDS),
      text: this.#object(0, ['url', 'url', 'widgets', 'd', 'a', 'URL', '', 'é']),
      type: this.#random.oneOf(TYPES),
    };
  }

  #object(depth, keys) {
    const members = this.#random.some(3, () => {
      const key = this.#random.oneOf(keys);
      return `${this.#blank()}${this.#string(key)}${this.#blank()}:${this.#blank()}${this.#value(depth, key)}`;
    });
    return `{${members.join(',')}${this.#blank()}}`;
  }

  #value(depth, key) {
    const random = this.#random;
    const keys = ['url', 'url', 'widgets', 'd', 'a'];
    if (depth < DEPTH_MAX && (key === 'd' || key === 'url') && random.once(4))
      return this.#string(`${this.#blank()}${this.#object(depth + 1, keys)}`);
    if (key === 'url' && !random.once(4)) return this.#string(random.oneOf(random.once(4) ? OTHERS : URLS));
    if (depth >= DEPTH_MAX || random.once(3))
      return random.oneOf(['0', '-0', '1.50', '1E+400', 'true', 'null', '"\\ud800"', this.#string(random.oneOf(URLS))]);
    if (key !== 'widgets' && random.once(2)) return this.#object(depth + 1, keys);
    const items = random.some(3, () => (random.once(5) ? '1' : this.#object(depth + 1, ['url', 'url', 'id'])));
    return `[${items.join(`,${this.#blank()}`)}]`;
  }

  /// A string in one of the spellings that applications have for it.
  #string(text) {
    const style = this.#random.below(6);
    const units = (one) => one.split('').map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
    const written = [...text].map((one) => {
      if (one === '"' || one === '\\') return style === 5 ? units(one).join('') : `\\${one}`;
      if (one < ' ') return units(one).join('');
      if (style === 1 && one === '/') return '\\/';
      const isEscaped =
        (style === 2 && this.#random.once(3)) || (style === 3 && /[<>&'=]/.test(one)) || (style === 4 && one > '~');
      return isEscaped ? units(one).join('') : one;
    });
    return `"${written.join('')}"`;
  }

  #blank() {
    return this.#random.once(6) ? this.#random.oneOf([' ', '\n', '\r\n\t', '  ']) : '';
  }
}

const CHOSEN = [['widgets', '*', 'url'], ['url']];
/// ASP.NET's result may be a text that all rules are followed in anew.
const RESULT = { steps: ['d'], isText: true };
const ALL = [...CHOSEN.map((steps) => ({ steps, isText: false })), RESULT];
const TEXT_DEPTH_MAX = 3;

/// What is wrong with `got`, if anything is.
export function problemOfText(text, got, site) {
  return difference(text, got, editsOf(text, site, ALL, 0));
}

/// The strings that become others: `{ start, link }`, or `{ start, edits }` of those in a text that the string is.
function editsOf(text, site, ways, depth) {
  const edits = [];
  for (const { start, end, left } of reachedIn(text, ways)) {
    const value = JSON.parse(text.slice(start, end));
    const isChosen = left.some(({ steps, isText }) => steps.length === 0 && !isText);
    const link = isChosen ? linkOf(value, site) : undefined;
    if (link) edits.push({ start, link });
    else if (depth < TEXT_DEPTH_MAX && isText(value)) {
      const isEnd = left.some(({ steps }) => steps.length === 0);
      const further = [...left.filter(({ steps }) => steps.length > 0), ...(isEnd ? ALL : [])];
      const inner = editsOf(value, site, further, depth + 1);
      if (inner.length > 0) edits.push({ start, edits: inner });
    }
  }
  return edits;
}

function isText(value) {
  try {
    return /^\s*[{[]/.test(value) && JSON.parse(value) !== undefined;
  } catch {
    return false;
  }
}

/// The strings that ways lead to, with what is left of the ways.
function reachedIn(text, ways) {
  const found = [];
  let at = 0;
  const string = () => {
    const start = at;
    at = start + STRING.exec(text.slice(start))[0].length;
    return { start, end: at };
  };
  const into = (left, wanted) =>
    left
      .filter(({ steps }) => steps[0] === '*' || steps[0] === wanted)
      .map(({ steps, isText }) => ({ steps: steps.slice(1), isText }));
  const blanks = () => {
    while (/\s/.test(text[at] ?? '')) at += 1;
  };
  const value = (left) => {
    blanks();
    const open = text[at];
    if (open === '"') {
      const place = string();
      if (left.length > 0) found.push({ ...place, left });
    } else if (open === '{' || open === '[') {
      at += 1;
      for (blanks(); text[at] !== '}' && text[at] !== ']'; blanks()) {
        let name;
        if (open === '{') {
          const { start, end } = string();
          name = JSON.parse(text.slice(start, end));
          blanks();
          at += 1;
        }
        value(into(left, name));
        blanks();
        if (text[at] === ',') at += 1;
        blanks();
      }
      at += 1;
    } else while (at < text.length && !/[,\]}\s]/.test(text[at])) at += 1;
  };
  value(ways);
  return found;
}

function linkOf(text, site) {
  try {
    const url = new URL(text, site);
    const isEmbed = /^\/acme\/workbook\/Revenue-28xgywpg21TkRWtz3jVRCe(\/explore)?\/?$/.test(url.pathname);
    if (url.origin !== SIGMA || !isEmbed) return undefined;
    // What is no UTF-8 is an old application's.
    const control = new URLSearchParams(url.search.replaceAll('%E9', '%C3%A9')).get('Region');
    return { href: `${site}/sigma/embed/revenue`, control };
  } catch {
    return undefined;
  }
}

function difference(sent, got, edits) {
  const [before, after] = [sent, got].map((text) => [...text.matchAll(new RegExp(STRING, 'gs'))]);
  const between = (text) => text.split(new RegExp(STRING, 'gs')).join('""');
  if (before.length !== after.length || between(sent) !== between(got))
    return `other bytes: ${shown(sent)} became ${shown(got)}`;
  for (const [index, { 0: one, index: start }] of before.entries()) {
    const edit = edits.find((other) => other.start === start);
    const [other] = after[index];
    if (!edit && one !== other) return `${one} became ${other} in ${sent}`;
    if (edit?.edits) {
      const problem = difference(JSON.parse(one), JSON.parse(other), edit.edits);
      if (problem) return problem;
    }
    if (edit?.link && !isLink(JSON.parse(other), edit.link)) return `${one} became ${other} in ${sent}`;
  }
  return undefined;
}

function isLink(text, { href, control }) {
  const [path, query] = text.split('?');
  return path === href && new URLSearchParams(query).get('Region') === control;
}

const STRING = /"(?:[^"\\]|\\.)*"/s;
