// Where a slot may be, in markup and in JSON, and how a filled one may differ from what was sent: by its value.

import { parseFragment } from 'parse5';
import { SIGMA } from './config.mjs';

/// The attribute that holds a slot's URL.
const URL_OF = {
  iframe: 'src',
  frame: 'src',
  embed: 'src',
  object: 'data',
  a: 'href',
  area: 'href',
  form: 'action',
  meta: 'content',
  redirect: 'url',
};
/// SVG's older name, which counts without the newer one.
const OLDER = 'xlink:href';
const nameOf = (kind, attributes) =>
  kind === 'a' && !attributes.has('href') && attributes.has(OLDER) ? OLDER : URL_OF[kind];
export const FRAMES = ['iframe', 'frame', 'embed', 'object'];

const OPENING = /<(iframe|frame|embed|object|area|a|form|meta|redirect)(?=[\s/>])(?:[^>"']|"[^"]*"|'[^']*')*>/i;
const STRING = /"(?:[^"\\\n]|\\.)*"/;
const every = (pattern) => new RegExp(pattern, `g${pattern.flags}`);

/// The tags of a page that could be slots: those that name an embed, and those that lead to Sigma. They are found
/// wherever they stand, in comments and scripts too.
export function candidatesOfPage(text) {
  return [...text.matchAll(every(OPENING))]
    .map((found) => readTag(found[0], found.index, found[1].toLowerCase()))
    .filter(({ attributes, url }) => attributes.has('data-sigma-embed') || leadsToSigma(url));
}

/// The strings of a JSON text that lead to Sigma, and those that are JSON texts which have such strings.
export function candidatesOfJson(text) {
  return [...text.matchAll(every(STRING))]
    .map((found) => ({ start: found.index, end: found.index + found[0].length, raw: found[0] }))
    .map((one) => ({ ...one, value: stringOf(one.raw) }))
    .filter(({ value }) => value !== undefined && (leadsToSigma(value) || isNested(value)))
    .map((one) => ({ ...one, kind: 'json' }));
}

const isNested = (value) => /^\s*[{[]/.test(value) && candidatesOfJson(value).length > 0;

function readTag(raw, start, kind) {
  const attributes = attributesOf(raw, kind);
  const held = attributes.get(nameOf(kind, attributes));
  const url = kind === 'meta' ? urlOfRefresh(held) : held;
  return { start, end: start + raw.length, raw, kind, attributes, url };
}

/// As a browser reads them: names in lower case, the first of a name, references resolved.
function attributesOf(raw, kind) {
  const [element] = parseFragment(`<x-tag${raw.slice(kind.length + 1)}`).childNodes;
  return new Map(element.attrs.map(({ name, value }) => [name, value]));
}

/// The URL of `0; url=…`, in a `<meta>` and in a header.
export const urlOfRefresh = (text) =>
  /^[\s\d.]*[;,\s]\s*(?:url\s*=\s*)?(?:"([^"]*)|'([^']*)|(.*))/i
    .exec(text ?? '')
    ?.slice(1)
    .find(Boolean);

function leadsToSigma(url) {
  try {
    return new URL(url ?? '', 'http://page.localhost/').host === new URL(SIGMA).host;
  } catch {
    return false;
  }
}

function stringOf(raw) {
  try {
    return JSON.parse(raw.replace(/[\x80-\xff]/g, '?'));
  } catch {
    return undefined;
  }
}

/// The filled slot that stands at `at` of `text` instead of `sent`: `{ length, value }`. Throws where anything but the
/// value is another.
export function readFilled(text, at, sent) {
  return sent.kind === 'json' ? readFilledString(text, at) : readFilledTag(text, at, sent);
}

function readFilledString(text, at) {
  const found = STRING.exec(text.slice(at));
  if (found?.index !== 0) throw new Error(`no string at ${shown(text, at)}`);
  return { length: found[0].length, value: JSON.parse(found[0]) };
}

function readFilledTag(text, at, sent) {
  const found = OPENING.exec(text.slice(at));
  if (found?.index !== 0) throw new Error(`no tag at ${shown(text, at)}`);
  const name = nameOf(sent.kind, sent.attributes);
  const [raw] = found;
  const got = attributesOf(raw, sent.kind);
  const [one, other] = [sent.raw, raw].map((tag) => without(tag, name));
  if (one !== other) throw new Error(`more than the value changed: ${sent.raw} → ${raw}`);
  return { length: raw.length, value: sent.kind === 'meta' ? urlOfRefresh(got.get(name)) : got.get(name) };
}

/// A tag without the first attribute of this name.
function without(raw, name) {
  const attribute = /[\s/]+([^\s=/>"']+)(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>"']*))?/g;
  for (const found of raw.matchAll(attribute)) {
    if (found[1].toLowerCase() !== name) continue;
    return raw.slice(0, found.index) + raw.slice(found.index + found[0].length);
  }
  return raw;
}

export const shown = (text, at = 0) => JSON.stringify(text.slice(Math.max(0, at - 20), at + 120));
