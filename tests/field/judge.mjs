// Holds what a browser gets against what the application sent, by what a case expects:
//
//   slots     one letter for each candidate in order: `F` filled, `L` filled with a link on both sites, `-` as it was,
//             `?` either of them
//   links     the stable link of each candidate below `/sigma/embed/`; `revenue` where nothing is told
//   insert    `append`, `replace`: there is one frame more; see trees.mjs
//   delta     it is an answer to an UpdatePanel: the same of its panels, and `redirect` is a link as in `links`
//   same      every byte of the body and its coding are as they were sent
//   headers   for `location`, `refresh`, `hx-redirect`: a letter, or the value
//   notes     the notes of the rewriter, by name; `any` where a note may be or not, `some` where there must be one
//   status    where it is not the application's
//
// `either` is a list of such expectations, one of which holds.

import assert from 'node:assert/strict';
import { decoded } from './answers.mjs';
import { REVENUE, SIGMA } from './config.mjs';
import { FRAMES, candidatesOfJson, candidatesOfPage, readFilled, shown, urlOfRefresh } from './tags.mjs';
import { withoutInsert } from './trees.mjs';

/// `sent` as of `readSent`, `got` as of `readAnswer` with `value(name)`; `visit` is `{ origin, url, isSigned, mints }`.
export function judge(sent, got, expect, visit) {
  if (expect.either) return judgeEither(sent, got, expect.either, visit);
  const statuses = [expect.status ?? sent.status].flat();
  assert.ok(statuses.includes(got.status), `status ${got.status}: ${shown(got.body)}`);
  assert.ok(got.isWhole, 'the answer is cut');
  for (const [name, wanted] of Object.entries(expect.headers ?? {})) judgeHeader(name, wanted, sent, got, visit);
  if (expect.status === 502) {
    assert.equal(got.value('sigma-gateway'), 'upstream_broken');
    return expect;
  }
  if (sent.value('content-type') && !expect.insert)
    assert.equal(got.value('content-type'), sent.value('content-type'), 'content-type');
  if (expect.same) {
    assert.ok(got.body === sent.body, `not the same bytes: ${shown(sent.body)} → ${shown(got.body)}`);
    assert.equal(got.value('content-encoding') ?? '', sent.value('content-encoding') ?? '', 'content-encoding');
    return expect;
  }
  const [one, other] = [sent, got].map(({ body, value }) => decoded(body, value('content-encoding')));
  if (expect.delta) judgeDelta(one, other, expect, visit);
  else if (!expect.insert) judgeSlots(one, other, expect, visit);
  else judgeInsert(one, other, expect, visit);
  return expect;
}

function judgeEither(sent, got, either, visit) {
  const problems = [];
  for (const expect of either) {
    try {
      return judge(sent, got, expect, visit);
    } catch (error) {
      problems.push(firstLine(error));
    }
  }
  throw new Error(problems.join('; or '));
}

export const firstLine = ({ message }) =>
  message
    .split('\n')
    .filter((line) => line.trim())
    .slice(0, message.startsWith('Expected') ? 4 : 1)
    .join(' ')
    .slice(0, 400);

/// Everything but the values of the filled candidates is as it was.
function judgeSlots(sent, got, { slots = '', links = [], json }, visit) {
  const candidates = json ? candidatesOfJson(sent) : candidatesOfPage(sent);
  assert.equal(candidates.length, slots.length, `the case has ${candidates.length} candidates`);
  let [i, j] = [0, 0];
  const same = (end) => {
    const bytes = sent.slice(i, end);
    if (!got.startsWith(bytes, j)) throw new Error(`other bytes: ${difference(bytes, got.slice(j, j + bytes.length))}`);
    [i, j] = [end, j + bytes.length];
  };
  for (const [index, candidate] of candidates.entries()) {
    same(candidate.start);
    const letter = slots[index];
    const isSame = got.startsWith(candidate.raw, j);
    if (letter === '-' || (letter === '?' && isSame)) {
      assert.ok(isSame, `candidate ${index} is filled: ${shown(got, j)}`);
      same(candidate.end);
      continue;
    }
    assert.ok(!isSame, `candidate ${index} is not filled: ${candidate.raw.slice(0, 150)}`);
    const { length, value } = readFilled(got, j, candidate);
    const isLink = letter === 'L' || !visit.mints || !(candidate.kind === 'json' || FRAMES.includes(candidate.kind));
    judgeCandidate(candidate, value, links[index] ?? 'revenue', isLink, { ...visit, base: baseOf(sent, visit) });
    [i, j] = [candidate.end, j + length];
  }
  same(sent.length);
  assert.equal(got.length, j, `more bytes behind it: ${shown(got, j)}`);
}

function judgeCandidate(candidate, value, link, isLink, visit) {
  // A JSON text in a JSON string is patched like the text around it.
  if (candidate.kind === 'json' && /^\s*[{[]/.test(candidate.value))
    return judgeSlots(candidate.value, value, { json: true, slots: 'F', links: [link] }, visit);
  if (candidate.kind === 'meta') return judgeEitherValue(value, link, visit);
  judgeValue(value, link, isLink, visit);
}

/// What a browser does at once, and again after Back: the link, or where a site asks for that a signed URL.
function judgeEitherValue(value, link, visit) {
  judgeValue(value, link, !(visit.mints && value.includes(':jwt=')), visit);
}

function judgeValue(value, link, isLink, { base, url, origin, jtis }) {
  const text = value ?? '';
  const address = new URL(text, base ?? url);
  if (isLink) {
    const wanted = `${origin}/sigma/embed/`;
    const isRight = link instanceof RegExp ? link.test(address.href) : sameAddress(address, new URL(link, wanted));
    assert.ok(isRight && address.href.startsWith(wanted), `${text} is not the link ${link}`);
    return;
  }
  const document = typeof link === 'string' && link.startsWith('revenue') ? REVENUE : `${SIGMA}/acme/workbook/`;
  assert.ok(address.href.startsWith(document), `${text.slice(0, 100)} is no signed URL of ${document}`);
  const token = /[?&]:jwt=([^&]+)/.exec(address.href)?.[1];
  assert.ok(token && address.href.includes(':embed=true'), `${text.slice(0, 100)} is not signed`);
  const { jti } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
  assert.ok(!jtis.has(jti), 'a signed URL is there twice');
  jtis.add(jti);
}

const sameAddress = (one, other) =>
  one.origin + one.pathname === other.origin + other.pathname &&
  [...one.searchParams].join('&') === [...other.searchParams].join('&');

/// Against what relative URLs of a page are read.
function baseOf(page, { url }) {
  const href = /<base\s[^>]*href\s*=\s*["']?([^"'\s>]+)/i.exec(page)?.[1];
  return new URL(href ?? '', url).href;
}

/// Every record is as it was but for what is in its place in a panel, and each length is right.
function judgeDelta(sent, got, { slots, redirect }, visit) {
  const [before, after] = [recordsOf(sent), recordsOf(got)];
  const names = (records) => records.map(({ kind, id }) => `${kind} ${id}`);
  assert.deepEqual(names(after), names(before));
  for (const [index, { kind, content }] of before.entries()) {
    const other = after[index].content;
    if (kind === 'updatePanel') judgeSlots(content, other, { slots }, visit);
    else if (kind === 'pageRedirect') judgeValue(decodeURIComponent(other), redirect, true, visit);
    else assert.equal(other, content, kind);
  }
}

function recordsOf(bytes) {
  const records = [];
  let text = Buffer.from(bytes, 'latin1').toString();
  while (text) {
    const [head, length, kind, id] = /^(\d+)\|([^|]*)\|([^|]*)\|/.exec(text) ?? [];
    const end = head?.length + Number(length);
    assert.equal(text[end], '|', `no record: ${shown(text)}`);
    records.push({ kind, id, content: Buffer.from(text.slice(head.length, end)).toString('latin1') });
    text = text.slice(end + 1);
  }
  return records;
}

function judgeInsert(sent, got, expect, visit) {
  const { text, src } = withoutInsert(sent, got, expect);
  judgeValue(src, 'revenue', !visit.mints, { ...visit, base: baseOf(sent, visit) });
  if (!expect.isSelfClosed) judgeSlots(sent, text, expect, visit);
}

function judgeHeader(name, wanted, sent, got, visit) {
  const [before, after] = [sent.value(name), got.value(name)];
  if (wanted === '-' || (wanted === '?' && after === before)) {
    assert.equal(after, before, `${name}: ${after}`);
    return;
  }
  assert.ok(after !== undefined && after !== before, `${name} is not filled: ${after}`);
  const value = name === 'refresh' ? urlOfRefresh(after) : after;
  const link = wanted === 'F' || wanted === '?' ? 'revenue' : wanted;
  const isRedirect = sent.status >= 300 && sent.status < 400;
  if (name === 'location') judgeValue(value, link, !(visit.mints && isRedirect), visit);
  else judgeEitherValue(value, link, visit);
}

function difference(one, other) {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  return `${shown(one, at)} → ${shown(other, at)}`;
}
