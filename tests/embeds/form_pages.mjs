// A page with a form, and what it leads to.

import { SLOT, frame, LINK } from './ways.mjs';

const HOLDS = { nothing: '', slot: SLOT, frame: frame(`src="${LINK}"`) };
export const HOLDERS = Object.keys(HOLDS);

export function pageWithForm(holds, query) {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Form</title></head><body>
<form method="post" action="/form/result${query}"><input name="subject" id="subject">
<textarea name="text" id="text"></textarea>
<button>Send</button></form><a id="leave" href="/elsewhere">leave</a>${HOLDS[holds] ?? ''}</body></html>`;
}

export function resultOf(body, holds) {
  const fields = new URLSearchParams(body);
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Result</title></head><body>
<p id="result">Result for ${fields.get('subject')?.replace(/[^\w ]/g, '')}</p>
<input id="note"><a id="leave" href="/elsewhere">leave</a>${HOLDS[holds] ?? ''}</body></html>`;
}
