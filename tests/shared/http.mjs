// One HTTP request, bounded. Every name here (`localhost`, `crm.localhost`) is this machine, which Node does not know.

import http from 'node:http';
import https from 'node:https';
import { within } from './wait.mjs';

const REQUEST_SECONDS = 20;

/// Gives `{url, status, headers, text}`; `form` is a form's fields, `json` an object, `ca` the only CA over https.
/// Nothing is followed.
export function request(url, { method = 'GET', headers = {}, form, json, ca } = {}) {
  const { protocol, host, port, pathname, search } = new URL(url);
  const body = form ? new URLSearchParams(form).toString() : json && JSON.stringify(json);
  const type = form ? 'application/x-www-form-urlencoded' : json && 'application/json';
  const all = {
    host,
    ...(type ? { 'content-type': type, 'content-length': Buffer.byteLength(body) } : {}),
    ...headers,
  };
  const client = protocol === 'https:' ? https : http;
  const sent = new Promise((done, fail) => {
    const options = { host: '127.0.0.1', port, path: pathname + search, method, headers: all, agent: false, ca };
    const call = client.request(options, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (piece) => (text += piece));
      answer.on('error', fail);
      answer.on('end', () => done({ url, status: answer.statusCode, headers: answer.headers, text }));
    });
    call.on('error', fail);
    call.end(body);
  });
  return within(REQUEST_SECONDS, `${method} ${shown(url)}`, sent);
}

/// Opens an answer that goes on: `{status, hasEnded, close}` once its head is there.
export function openStream(url, headers) {
  const { host, port, pathname, search } = new URL(url);
  const sent = new Promise((done, fail) => {
    const options = { host: '127.0.0.1', port, path: pathname + search, headers: { host, ...headers }, agent: false };
    const call = http.get(options, (answer) => {
      let isOver = false;
      answer.on('error', () => {}); // it was cut: `close` follows
      answer.on('close', () => (isOver = true));
      answer.resume();
      done({ status: answer.statusCode, hasEnded: () => isOver, close: () => call.destroy() });
    });
    call.on('error', fail);
  });
  return within(REQUEST_SECONDS, `GET ${shown(url)}`, sent);
}

/// A URL without its query, which may hold a code or a token.
export function shown(url) {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
