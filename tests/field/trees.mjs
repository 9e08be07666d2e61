// Where an inserted frame is: at the end of its element, as a browser sees it (parse5), in the same tree as before.

import assert from 'node:assert/strict';
import { parse } from 'parse5';
import { shown } from './tags.mjs';

const FRAME = /<iframe src="([^"]*)" title="[^"]*" width="100%" height="\d+"><\/iframe>/g;
/// Where an element ends with the page, a frame before or behind these tags is at one place.
const PAGE_END = /^(?:\s|<\/body\s*>|<\/html\s*>|<!--.*?-->)*$/i;

/// The page without the one frame that was inserted, and the frame's `src`; throws where the frame is elsewhere than at
/// the end of the element with the id `dashboard`, or, for `replace`, where not just what was in it is gone.
export function withoutInsert(sent, got, { insert, isSelfClosed }) {
  const found = [...got.matchAll(FRAME)];
  assert.equal(found.length, 1, `${found.length} inserted frames: ${shown(got.slice(-130))}`);
  const [{ 0: markup, 1: src, index }] = found;
  const text = got.slice(0, index) + got.slice(index + markup.length);
  const page = { text, src: src.replaceAll('&amp;', '&') };
  if (isSelfClosed) {
    const empty = /<div id="dashboard"(\s*)\/>/;
    assert.equal(got, sent.replace(empty, `<div id="dashboard"$1>${markup}</div>`));
  } else if (insert === 'replace') {
    return { ...page, text: putBack(sent, text, index) };
  } else {
    assertAppended(sent, got, { text, index });
  }
  return page;
}

/// The page as it was before the element's content, and just that, went.
function putBack(sent, text, index) {
  const { start, end } = placeOf(sent);
  const rest = text.slice(index);
  const isRest = sent.endsWith(rest) && isSamePlace(sent, sent.length - rest.length, end);
  assert.ok(isRest, `not what was in the element is gone: ${shown(sent, start)} → ${shown(text, index)}`);
  return text.slice(0, index) + sent.slice(start, sent.length - rest.length) + rest;
}

/// Slots around it have other values: then the bytes before it are more or fewer.
function assertAppended(sent, got, { text, index }) {
  const { end } = placeOf(sent);
  const at = index + (sent.length - text.length);
  const [before, after] = [sent, got].map((page) => parse(page));
  const frame = find(after, isInserted);
  const element = find(after, isDashboard);
  const isThere = text === sent ? isSamePlace(sent, index, end) : isSamePlace(sent, at, end) || at < end;
  assert.ok(
    frame && element && lastOf(element) === frame && isThere,
    `the frame is not at the end: ${shown(got, index)}`,
  );
  frame.parentNode.childNodes = frame.parentNode.childNodes.filter((node) => node !== frame);
  const trees = [before, after].map((tree) => dump(tree).replace(/ (?:src|href|data)="[^"]*"/g, ''));
  assert.equal(...trees, 'another tree');
}

const isSamePlace = (text, one, other) => PAGE_END.test(text.slice(Math.min(one, other), Math.max(one, other)));

/// From where to where the element's content is.
function placeOf(sent) {
  const element = find(parse(sent, { sourceCodeLocationInfo: true }), isDashboard);
  const { startTag, endTag, endOffset } = element.sourceCodeLocation;
  const isOpen = element.tagName === 'body' || endOffset === undefined;
  return { start: startTag.endOffset, end: endTag?.startOffset ?? (isOpen ? sent.length : endOffset) };
}

const attribute = (node, name) => node.attrs?.find((one) => one.name === name)?.value;
/// The first element that can hold a frame, of those with the id.
const isDashboard = (node) =>
  attribute(node, 'id') === 'dashboard' && node.namespaceURI === XHTML && !HOLD_NONE.includes(node.tagName);
const isInserted = (node) => node.tagName === 'iframe' && attribute(node, 'width') === '100%';
const XHTML = 'http://www.w3.org/1999/xhtml';
const HOLD_NONE =
  'input img br hr textarea select option table iframe canvas video audio meter progress datalist noscript'.split(' ');

/// The first of a tree in order; templates hold trees of their own. Some pages are deep: no call for each level.
export function find(tree, condition) {
  const waiting = [tree];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (condition(node)) return node;
    waiting.push(...(node.childNodes ?? []).toReversed());
  }
  return undefined;
}

function lastOf(element) {
  let node = element;
  while (node.childNodes?.length > 0) node = node.childNodes.at(-1);
  return node;
}

/// Texts side by side are one.
function dump(tree) {
  const lines = [];
  const waiting = [tree];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (typeof node === 'string') lines.push(node);
    else if (node.nodeName === '#text') lines.push(node.value);
    else {
      const attributes = (node.attrs ?? []).map(({ name, value }) => ` ${name}="${value}"`).join('');
      lines.push(`<${node.nodeName}${attributes}>${node.data ?? ''}`);
      const inside = [...(node.childNodes ?? []), ...(node.content ? [node.content] : [])];
      waiting.push(`</${node.nodeName}>`, ...inside.reverse());
    }
  }
  return lines.join('');
}
