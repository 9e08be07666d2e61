// What a page with slots becomes, as parse5 reads it: each slot that is an element of its tree has the stable link
// where the URL is, and every other byte is as it was.

import { parse } from 'parse5';
import { SIGMA } from '../config.mjs';
import { shown } from '../tags.mjs';
import { NAMED } from './slot_pages.mjs';

const XHTML = 'http://www.w3.org/1999/xhtml';
const SVG = 'http://www.w3.org/2000/svg';
const DOCUMENT = /^\/acme\/workbook\/Revenue-28xgywpg21TkRWtz3jVRCe\/?$/;
/// More of them than this in one page are not tried one by one.
const DOUBTFUL_MAX = 6;

/// What is wrong with `got`, if anything is. In `<noscript>` a slot may be filled or not: browsers show it where no
/// script runs; and so may a button, whose form may be sent by POST.
export function problemOf(page, got, site) {
  const must = fillsOf(page, site, { scriptingEnabled: true });
  const may = new Map([
    ...fillsOf(page, site, { scriptingEnabled: false, isLenient: true }),
    ...fillsOf(page, site, { scriptingEnabled: true, isLenient: true }),
  ]);
  const doubtful = [...may].filter(([at]) => !must.has(at)).slice(0, DOUBTFUL_MAX);
  for (let chosen = 0; chosen < 1 << doubtful.length; chosen += 1) {
    const more = doubtful.filter((_, index) => chosen & (1 << index));
    if (filled(page, new Map([...must, ...more])) === got) return undefined;
  }
  const wanted = filled(page, must);
  let at = 0;
  while (wanted[at] === got[at]) at += 1;
  return `${shown(wanted, at)} became ${shown(got, at)} in ${JSON.stringify(page)}`;
}

/// The slots that are filled, by where their tags begin: `{ start, end, text }` each, what comes in place of what.
function fillsOf(page, site, { scriptingEnabled, isLenient = false }) {
  const elements = elementsOf(parse(page, { sourceCodeLocationInfo: true, scriptingEnabled }));
  const bases = elements.filter(({ name, attributes }) => name === 'base' && attributes.has('href'));
  const firstBase = Math.min(...bases.map(({ start }) => start));
  const hasPost = !isLenient && /method=post/.test(page);
  const fills = new Map();
  for (const element of elements) {
    const { name, start } = element;
    if ((name === 'button' || name === 'input') && hasPost) continue;
    const found = leadOf(element);
    if (!found) continue;
    const isFrame = NAMED[name] && name !== 'a' && name !== 'area';
    const origin = isFrame && start <= firstBase ? '' : site;
    fills.set(start, editOf(page, element, found, origin));
  }
  return fills;
}

/// Elements that browsers show, those of templates left out.
function elementsOf(tree) {
  const [found, waiting] = [[], [tree]];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    waiting.push(...(node.childNodes ?? []));
    const place = node.sourceCodeLocation?.startTag ?? node.sourceCodeLocation;
    if (!node.tagName || !place) continue;
    const isShown = node.namespaceURI === XHTML || (node.namespaceURI === SVG && node.tagName === 'a');
    const attributes = new Map(node.attrs.map(({ name, value }) => [name, value]));
    if (isShown) found.push({ name: node.tagName, attributes, start: place.startOffset, end: place.endOffset, place });
  }
  return found;
}

/// `{ attribute, control, skipped }` of what leads to the embed: where its URL is, what of it is kept, and how much of
/// the attribute's value stands before it.
function leadOf({ name, attributes }) {
  const attribute = NAMED[name] ?? OTHER[name];
  if (!attribute || !/^m\d+$/.test(attributes.get('id') ?? '')) return undefined;
  if (name === 'iframe' && attributes.has('srcdoc')) return undefined;
  const method = attributes.get(name === 'form' ? 'method' : 'formmethod')?.toLowerCase();
  if (OTHER[name] && ['post', 'dialog'].includes(method)) return undefined;
  const value = attributes.get(attribute);
  const skipped = name === 'meta' ? (/^\d+[;,]\s*(?:url=)?\s*/i.exec(value ?? '')?.[0].length ?? 0) : 0;
  const url = urlOf(value?.slice(skipped));
  const isNamed = NAMED[name] && attributes.get('data-sigma-embed') === 'revenue';
  if (!isNamed && !url) return undefined;
  const control = url?.searchParams.get('Region');
  return { attribute, control: control ? `?Region=${control}` : '', skipped };
}

const OTHER = { form: 'action', meta: 'content', button: 'formaction', input: 'formaction' };

function urlOf(text) {
  try {
    const url = new URL(text, 'http://app.localhost/c/x');
    return url.origin === SIGMA && !url.username && DOCUMENT.test(url.pathname) ? url : undefined;
  } catch {
    return undefined;
  }
}

function editOf(page, { name, start, end, place }, { attribute, control, skipped }, origin) {
  const link = `${origin}/sigma/embed/revenue${control}`;
  // A new value has the quotes of the name.
  const quote = /data-sigma-embed\s*=\s*'/i.test(page.slice(start, end)) ? "'" : '"';
  const at = place.attrs[attribute];
  if (!at) {
    const behind = start + 1 + name.length;
    return { start: behind, end: behind, text: ` ${attribute}=${quote}${link}${quote}` };
  }
  const text = page.slice(at.startOffset, at.endOffset);
  const before = /^[^=]+=\s*/.exec(text)?.[0];
  if (!before) return { start: at.endOffset, end: at.endOffset, text: `=${quote}${link}${quote}` };
  const isQuoted = /^["']/.test(text.slice(before.length));
  const from = at.startOffset + before.length + (isQuoted ? 1 : 0);
  if (!isQuoted) return { start: from, end: at.endOffset, text: `"${link}"` };
  const to = at.endOffset - 1;
  // Where references are in the way, what stands before the URL is written anew: here the same.
  return { start: from + skipped, end: to, text: link };
}

function filled(page, fills) {
  let [out, copied] = ['', 0];
  for (const { start, end, text } of [...fills.values()].sort((one, other) => one.start - other.start)) {
    out += page.slice(copied, start) + text;
    copied = end;
  }
  return out + page.slice(copied);
}
