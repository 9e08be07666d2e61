// No server sees the fragment of an address. What leads from this page to a sign-in, and back, hands it on.
{
  let fragment = '';
  try {
    // A sign-in from a frame leads to the page around it, which may be of another origin.
    fragment = parent.location.hash.slice(1);
  } catch {}
  // What a provider has answered there is for nobody's address.
  const isAnswer = /(^|&)state=/.test(fragment) && /(^|&)(code|error|access_token|id_token)=/.test(fragment);
  if (fragment && !isAnswer) {
    for (const link of document.links) {
      const leadsBack = /\/start$/.test(link.pathname) && /[?&](rd|place)=/.test(link.search);
      if (leadsBack) link.search += `&fragment=${encodeURIComponent(fragment)}`;
    }
    for (const link of document.querySelectorAll('a[data-place]')) link.hash ||= fragment;
    for (const form of document.forms) {
      form.append(
        Object.assign(document.createElement('input'), { type: 'hidden', name: 'fragment', value: fragment }),
      );
    }
  }
}
