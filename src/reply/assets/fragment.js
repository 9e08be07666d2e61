// No server sees the fragment of an address. The links and forms of this page hand it on to the sign-in.
const fragment = location.hash.slice(1);
if (fragment) {
  for (const link of document.links) link.search += `&fragment=${encodeURIComponent(fragment)}`;
  for (const form of document.forms) {
    form.append(Object.assign(document.createElement('input'), { type: 'hidden', name: 'fragment', value: fragment }));
  }
}
