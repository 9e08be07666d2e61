// Pages with slots, JSON texts and targets out of a seed, each held against what an oracle of this side says: parse5,
// `JSON.parse`, `new URL`.

import assert from 'node:assert/strict';
import { FETCH, NAVIGATION } from '../../shared/agent.mjs';
import { Connection, requestOf } from '../client.mjs';
import { LINK } from '../config.mjs';
import { bare } from '../more/bytes.mjs';
import { urlOfRefresh } from '../tags.mjs';
import { problemOf } from './slot_oracle.mjs';
import { SlotPages } from './slot_pages.mjs';
import { Targets, controlOf, embedAt } from './targets.mjs';
import { Texts, problemOfText } from './texts.mjs';

const COUNT = 500;
const COUNT_FULL = 10_000;
const CONNECTIONS = 8;

export async function runRandomSlots(setting, checks, { seed, isFull }) {
  for (const [name, Source, look] of [
    ['pages with slots', SlotPages, lookAtPage],
    ['JSON texts', Texts, lookAtText],
    ['targets', Targets, lookAtTarget],
  ]) {
    await checks.run(`random ${name}, seed ${seed}`, async () => {
      const source = new Source(seed);
      const waiting = Array.from({ length: isFull ? COUNT_FULL : COUNT }, (_, index) => [index, source.next()]);
      const all = waiting.length;
      const problems = [];
      const work = async () => {
        const connection = new Connection(setting.port);
        for (let next = waiting.pop(); next; next = waiting.pop()) {
          const problem = await look(asker(setting, connection, next[0]), next[1]);
          if (problem) problems.push(problem);
        }
        connection.close();
      };
      await Promise.all(Array.from({ length: CONNECTIONS }, work));
      const shown = problems.sort((one, other) => one.length - other.length).slice(0, 5);
      assert.equal(problems.length, 0, `${problems.length} of ${all}\n${shown.join('\n')}`);
      return `${all} of them`;
    });
  }
}

/// Asks for an answer of these bytes, below `folder`.
function asker({ port, application, cookies }, connection, index) {
  const site = `http://${LINK}:${port}`;
  const ask = async (bytes, folder, headers) => {
    const target = `${folder}/random/${index}`;
    application.plays.set(target, { pieces: [bytes], end: 'keep' });
    const got = await connection.ask(
      requestOf('GET', `${LINK}:${port}`, target, { ...headers, cookie: cookies[LINK] }),
    );
    application.plays.delete(target);
    application.heads.delete(target);
    assert.deepEqual(got.faults, []);
    return got;
  };
  return { ask, site };
}

/// With its length, and a connection that stays.
const kept = (bytes) => Buffer.from(bytes.toString('latin1').replace('Connection: close\r\n', ''), 'latin1');

async function lookAtPage({ ask, site }, page) {
  const { body } = await ask(kept(bare(page)), '/c', NAVIGATION);
  return problemOf(page, body, site);
}

async function lookAtText({ ask, site }, { guard, text, type }) {
  const utf8 = Buffer.from(guard + text).toString('latin1');
  const got = await ask(kept(bare(utf8, type)), '/api', FETCH);
  const body = Buffer.from(got.body, 'latin1').toString();
  if (!body.startsWith(guard)) return `the guard ${JSON.stringify(guard)} is lost: ${body}`;
  return problemOfText(text, body.slice(guard.length), site);
}

/// By each of the ways in which an answer sends a browser on.
const WAYS = {
  location: (text) => ['HTTP/1.1 302 Found', `Location: ${text}`, ''],
  refresh: (text) => ['HTTP/1.1 200 OK', `Refresh: 0; url=${text}`, ''],
  'hx-redirect': (text) => ['HTTP/1.1 200 OK', `HX-Redirect: ${text}`, ''],
  a: (text) => ['HTTP/1.1 200 OK', 'Content-Type: text/html', `<a href="${text}">x</a>`],
  json: (text) => ['HTTP/1.1 200 OK', 'Content-Type: application/json', JSON.stringify({ url: text })],
};

async function lookAtTarget({ ask, site }, text) {
  const wanted = embedAt(text, `${site}/r/x`);
  for (const [way, answerOf] of Object.entries(WAYS)) {
    const [start, line, body] = answerOf(text);
    const bytes = Buffer.from(`${start}\r\n${line}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    const got = await ask(
      bytes,
      way === 'json' ? '/api' : '/r',
      way === 'json' || way === 'hx-redirect' ? FETCH : NAVIGATION,
    );
    const value = leadOf(way, got);
    const problem = problemOfLead(wanted, text, value, site);
    if (problem) return `${way} ${JSON.stringify(text)}: ${problem}`;
  }
  return undefined;
}

function leadOf(way, { body, value }) {
  if (way === 'json') return JSON.parse(body).url;
  if (way === 'a') return /href="([^"]*)"/.exec(body)[1].replaceAll('&amp;', '&');
  return way === 'refresh' ? urlOfRefresh(value(way)) : value(way);
}

/// It is the link where a browser would have gone to the embed, and else as it was, or the link of another embed.
function problemOfLead(wanted, text, value, site) {
  const [path, query] = (value ?? '').split('?');
  const isLink = path === `${site}/sigma/embed/revenue`;
  if (isLink !== Boolean(wanted)) return `became ${value}`;
  if (wanted && controlOf(query ?? '') !== wanted.control) return `the control ${wanted.control} became ${value}`;
  const isOther = path.startsWith(`${site}/sigma/embed/any/`);
  return wanted || isOther || value === text ? undefined : `became ${value}`;
}
