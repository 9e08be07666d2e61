// Sigma's side: a document that speaks Sigma's events, and keeps what it hears.

/// It says "workbook:loaded" once it has been drawn, as an application does that draws in animation frames; late with
/// `slow` in its path, never with `quiet`. With `fails=CODE` it says an error instead.
export function sigmaPage() {
  return `<!doctype html><meta charset="utf-8"><title>Sigma</title><p>Sigma</p><script>(${script})()</script>`;
}

function script() {
  const variables = { Region: 'EMEA', Year: '2026' };
  window.heard = [];
  window.isDone = false;
  window.say = (message, transfer) => parent.postMessage(message, '*', transfer);
  addEventListener('message', ({ data, origin, source, ports }) => {
    heard.push({ data, origin, isParent: source === parent, ports: ports.length });
    ports[0]?.postMessage('by port');
    if (data.type === 'workbook:variables:list')
      say({ type: 'workbook:variables:current', variables: { Region: 'EMEA' } });
  });
  const code = new URLSearchParams(location.search).get('fails');
  const drawn = () => {
    window.isDone = true;
    if (location.pathname.includes('quiet')) return;
    say(code ? { type: 'workbook:error', code } : { type: 'workbook:loaded', workbook: { variables } });
  };
  const wait = location.pathname.includes('slow') ? 1000 : 0;
  requestAnimationFrame(() => setTimeout(requestAnimationFrame, wait, drawn));
}
