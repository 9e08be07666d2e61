// How a person answers the provider's pages: the demo's chooser, and the forms of oidc-provider.

/// The demo's own provider: one button for each person.
export function chooser(origin) {
  return {
    name: 'demo',
    origin,
    answer: (page, person) => pressButton(page, person),
    asks: (page) => page.evaluate(() => document.querySelectorAll('button, input[type=submit]').length >= 5),
    confirmSignOut: (page) => pressButton(page, 'yes|sign out|log out|continue'),
  };
}

/// oidc-provider's development pages: a name, then consent.
export function loginForm(origin) {
  return {
    name: 'panva',
    origin,
    answer: fillForm,
    asks: (page) => page.evaluate(() => Boolean(document.querySelector('input[name=login]'))),
    confirmSignOut: (page) => press(page, 'button[value=yes]'),
  };
}

/// Presses the button that names the person, once for each document; a page without one is left alone.
function pressButton(page, wanted) {
  return once(page, wanted, (words) => {
    const buttons = [...document.querySelectorAll('button, input[type=submit]')];
    const exact = buttons.find((button) => button.value === words || button.dataset.person === words);
    const named = buttons.find((button) =>
      new RegExp(`\\b(${words})\\b`, 'i').test(`${button.textContent} ${button.value}`),
    );
    return exact ?? named;
  });
}

function fillForm(page, person) {
  return once(page, person, (name) => {
    const login = document.querySelector('input[name=login]');
    if (login) {
      login.value = name;
      document.querySelector('input[name=password]').value = 'any';
    }
    return document.querySelector('form button[type=submit], form [type=submit]');
  });
}

function press(page, selector) {
  return once(page, selector, (wanted) => document.querySelector(wanted));
}

/// Clicks what `find` (a function for the page) finds. A form that is sent twice at once confuses a provider, so a
/// document that is still there gets its next click after three seconds only (Firefox can lose one while a page
/// settles). An error means that the page is on its way elsewhere.
async function once(page, argument, find) {
  const script = `((find, argument) => {
    if (document.readyState !== 'complete' || Date.now() - window.answeredAt < 3000) return;
    const found = find(argument);
    if (found) window.answeredAt = Date.now();
    found?.click();
  })(${find}, ${JSON.stringify(argument)})`;
  await page.evaluate(script).catch(() => {});
}
