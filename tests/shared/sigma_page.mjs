// The documents of the Sigma stand-in.

/// One that is opened for a person, or the page that a used URL gets.
export function document({ isReplay = false, id = '', person = '', seconds = 0 }) {
  const facts = JSON.stringify({ isReplay, id, person, seconds }).replaceAll('<', '\\u003c');
  const words = isReplay ? 'This embed URL was used already' : `Embed for ${person}`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Sigma stand-in</title>
<body><h1>${words}</h1><p>document ${id}</p>
<script>(${speak})(${facts});</script></body></html>`;
}

/// Runs in the page. No \`unload\` listener: what hinders the back/forward cache is each check's own choice.
function speak({ isReplay, id, person, seconds }) {
  const say = (message) => parent !== window && parent.postMessage(message, '*');
  if (isReplay) {
    say({ type: 'workbook:error', code: 'EINVAL', message: 'Invalid embed request' });
    return;
  }
  let sequence = 0;
  let isInView = false;
  const tell = (what, message) => {
    sequence += 1;
    navigator.sendBeacon('/told', JSON.stringify({ id, person, sequence, what, message }));
  };
  new IntersectionObserver((entries) => {
    const isNow = entries.at(-1).isIntersecting;
    if (isNow !== isInView) tell(isNow ? 'shown' : 'gone');
    isInView = isNow;
  }).observe(document.body);
  addEventListener('pagehide', () => tell('gone'));
  addEventListener('pageshow', (event) => event.persisted && isInView && tell('shown'));
  addEventListener('message', ({ origin, data }) => tell('message', { origin, data }));
  say({ type: 'workbook:loaded', workbook: { variables: {} }, document: id });
  setTimeout(
    () => say({ type: 'workbook:error', code: 'EINVAL', message: 'Session expired. Reload the page.' }),
    Math.min(seconds * 1000, 2 ** 31 - 1),
  );
}
