// Where an inserted frame is, by the tree that a browser makes of the page: the rest of the tree is as it was.

import assert from 'node:assert/strict';
import { parse } from 'parse5';
import { shown } from './tags.mjs';

const FRAME = /<iframe src="([^"]*)" title="[^"]*" width="100%" height="\d+"><\/iframe>/g;

/// The page without the one frame that was inserted, and the frame's `src`; throws where the frame is elsewhere than in
/// the element with the id `dashboard`, or where the tree around it is another.
export function withoutInsert(sent, got, { insert, isSelfClosed }) {
  const found = [...got.matchAll(FRAME)];
  assert.equal(found.length, 1, `${found.length} inserted frames: ${shown(got.slice(-130))}`);
  const [{ 0: markup, 1: encoded, index }] = found;
  const text = got.slice(0, index) + got.slice(index + markup.length);
  if (isSelfClosed) {
    const empty = /<div id="dashboard"\s*\/>/;
    assert.equal(got, sent.replace(empty, `<div id="dashboard">${markup}</div>`));
  } else {
    assertTree(sent, got, insert);
    if (insert === 'replace') assertOneCut(sent, text);
  }
  return { text, src: encoded.replaceAll('&amp;', '&') };
}

/// What is missing is in one piece.
function assertOneCut(sent, text) {
  let start = 0;
  while (start < text.length && sent[start] === text[start]) start += 1;
  const rest = text.slice(start);
  assert.ok(sent.endsWith(rest), `more than the element's children is gone: ${shown(sent)} → ${shown(text)}`);
}

function assertTree(sent, got, insert) {
  const [before, after] = [sent, got].map((text) => parse(text));
  const [one, other] = [before, after].map((tree) => find(tree, isDashboard));
  assert.ok(other, `the element is gone: ${shown(got)}`);
  const frame = find(other, isInserted);
  assert.ok(frame, `the frame is not in the element: ${shown(got)}`);
  if (insert === 'replace') {
    assert.equal(other.childNodes.length, 1, `the frame is not alone: ${shown(got)}`);
    one.childNodes = [];
  } else {
    assert.equal(lastOf(other), frame, `the frame is not the last of the element: ${shown(got)}`);
  }
  frame.parentNode.childNodes = frame.parentNode.childNodes.filter((node) => node !== frame);
  const trees = [before, after].map((tree) => dump(tree));
  // Slots around it have other values.
  assert.equal(...trees.map((lines) => lines.replace(/ (?:src|href|data)="[^"]*"/g, '')), 'another tree');
}

const attribute = (node, name) => node.attrs?.find((one) => one.name === name)?.value;
const isDashboard = (node) => attribute(node, 'id') === 'dashboard';
const isInserted = (node) => node.tagName === 'iframe' && attribute(node, 'width') === '100%';

/// The first of a tree in order; templates hold trees of their own.
export function find(node, condition) {
  if (condition(node)) return node;
  for (const child of node.childNodes ?? []) {
    const found = find(child, condition);
    if (found) return found;
  }
  return undefined;
}

function lastOf(node) {
  const last = node.childNodes?.at(-1);
  return last ? lastOf(last) : node;
}

/// Texts side by side are one.
function dump(node) {
  if (node.nodeName === '#text') return node.value;
  const attributes = (node.attrs ?? []).map(({ name, value }) => ` ${name}="${value}"`).join('');
  const children = [...(node.childNodes ?? []), ...(node.content ? [node.content] : [])];
  return `<${node.nodeName}${attributes}>${node.data ?? ''}${children.map(dump).join('')}</${node.nodeName}>`;
}
