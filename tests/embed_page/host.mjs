// The page of an application around its frames. Its query says what kind of page it is.

import { REACT_PAGE, SDK_PAGE } from './sdk.mjs';

/// What a page of another origin in a frame beside the embed can try: as Sigma, to the embed page and to its inner frame.
const ATTACK = `
  const forged = [{ type: 'workbook:error', code: 'EINVAL' }, { type: 'action:outbound', name: 'forged' }];
  for (const target of [parent.frames[0], parent.frames[0].frames[0]])
    for (const message of forged) target.postMessage(message, '*');
  parent.postMessage({ type: 'attacked' }, '*');`;

/// `frame` is the source of each frame, `count` how many, `sandbox`, `credentialless` and `scheme` as in HTML and CSS.
export function hostPage(world, url) {
  const query = url.searchParams;
  const source = query.get('frame') ?? '';
  const attributes = ['sandbox', 'credentialless']
    .filter((name) => query.has(name))
    .map((name) => `${name}="${query.get(name)}"`);
  const frame = `<iframe src="${source.replace(/&/g, '&amp;')}" width="700" height="${Number(query.get('height') ?? 400)}" ${attributes.join(' ')}></iframe>`;
  const frames = source ? frame.repeat(Number(query.get('count') ?? 1)) : '';
  const more = query.has('clobber') ? ['dispatchEvent', 'EventTarget', 'MessageEvent', 'structuredClone'] : [];
  return `<!doctype html><html style="color-scheme: ${query.get('scheme') ?? 'normal'}"><meta charset="utf-8"><title>Host</title>
${{ js: SDK_PAGE, react: REACT_PAGE }[query.get('sdk')] ?? ''}<script>
  window.heard = [];
  addEventListener('message', (event) => {
    const frame = document.querySelector('iframe');
    heard.push({
      data: event.data, origin: event.origin, isFrame: Boolean(frame) && event.source === frame.contentWindow,
      isOurRealm: event instanceof MessageEvent && (typeof event.data !== 'object' || event.data instanceof Object),
      ports: event.ports.length,
    });
    if (event.ports[0]) event.ports[0].onmessage = (answer) => heard.push({ data: answer.data });
  });
  window.sigma = ${JSON.stringify(world.sigma)};
  window.tell = (message, ...more) => document.querySelector('iframe').contentWindow.postMessage(message, ...more);
${query.has('attack') ? ATTACK : ''}
</script>
${more.map((name) => `<a id="${name}" name="${name}"></a>`).join('')}${query.get('body') ?? ''}${frames}`;
}
