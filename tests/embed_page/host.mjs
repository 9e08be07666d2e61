// The page of an application around its frames. Its query says what kind of page it is.

import { REACT_PAGE, SDK_PAGE } from './sdk.mjs';

const LISTENING = { js: SDK_PAGE, react: REACT_PAGE };
/// Ids that could stand in the way of functions that the embed page calls.
const NAMES = ['dispatchEvent', 'MessageEvent', 'structuredClone', 'getComputedStyle', 'location'];

/// `frame` is the source of each frame, `count` how many, `height` of what height; `sandbox`, `credentialless` and
/// `scheme` are as in HTML and CSS; `sdk` is a package that listens, `clobber` has elements with unfortunate ids,
/// `attack` is for a page of strangers.
export function hostPage(world, url) {
  const query = url.searchParams;
  const named = query.has('clobber') ? NAMES.map((name) => `<a id="${name}" name="${name}"></a>`).join('') : '';
  const attack = query.has('attack') ? `(${forge})();` : '';
  return `<!doctype html><html style="color-scheme: ${query.get('scheme') ?? 'normal'}"><meta charset="utf-8">
<title>Host</title>${LISTENING[query.get('sdk')] ?? ''}
<script>window.sigma = ${JSON.stringify(world.sigma)}; (${listen})(); ${attack}</script>
${named}${query.get('body') ?? ''}${framesOf(query)}`;
}

function framesOf(query) {
  const source = query.get('frame')?.replace(/&/g, '&amp;');
  if (!source) return '';
  const more = ['sandbox', 'credentialless'].filter((name) => query.has(name));
  const attributes = more.map((name) => `${name}="${query.get(name)}"`).join(' ');
  const frame = `<iframe src="${source}" width="700" height="${query.get('height') ?? 400}" ${attributes}></iframe>`;
  return frame.repeat(Number(query.get('count') ?? 1));
}

/// Keeps every message, and what a listener of the application can tell about it.
function listen() {
  const frame = () => document.querySelector('iframe');
  window.heard = [];
  addEventListener('message', (event) => {
    const { data, origin, source, ports } = event;
    const isObjectOfOurs = typeof data !== 'object' || data instanceof Object;
    const isOurRealm = event instanceof MessageEvent && isObjectOfOurs;
    heard.push({ data, origin, isFrame: source === frame()?.contentWindow, isOurRealm, ports: ports.length });
    if (ports[0]) ports[0].onmessage = (answer) => heard.push({ data: answer.data });
  });
  window.tell = (message, ...more) => frame().contentWindow.postMessage(message, ...more);
}

/// What a page of another origin beside the embed can try: as Sigma, to the embed page and to its inner frame.
function forge() {
  const forged = [
    { type: 'workbook:error', code: 'EINVAL' },
    { type: 'action:outbound', name: 'forged' },
  ];
  for (const target of [parent.frames[0], parent.frames[0].frames[0]])
    for (const message of forged) target.postMessage(message, '*');
  parent.postMessage({ type: 'attacked' }, '*');
}
