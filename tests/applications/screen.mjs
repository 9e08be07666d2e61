// What a reader sees of an application in Chromium: its embed, and what stood in its forms, after Back too.

import { until, within } from '../shared/wait.mjs';
import { equal, ok } from './check.mjs';

const STEP_SECONDS = 20;

/// Checks for an application with `screen`:
///   signIn(page, origin)  signs in to the application itself
///   reveal(page)          what a reader does until the embed is there, at the first view only
///   embedPage             another one than in the other checks
///   away                  a page of it without an embed
///   form                  `{ path, fields: { SELECTOR: text }, refused, button, sent(page) }`: `refused` are fields
///                         its answer complains of
export function screenChecks({ embedPage, screen }) {
  return [
    {
      name: 'its embed is shown in Chromium, and again after Back',
      run: (setting) => shown(setting, screen.embedPage ?? embedPage, screen),
    },
    ...(screen.form
      ? [{ name: 'its form in Chromium: the text after Back is as directly', run: (setting) => form(setting, screen) }]
      : []),
  ];
}

/// Runs `act(page)` in a browser that knows nobody yet.
export async function inBrowser({ browser }, act) {
  const context = await browser.createBrowserContext();
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(STEP_SECONDS * 1000);
    page.on('dialog', (dialog) => dialog.accept().catch(() => {})); // "leave this page?"
    return await act(page);
  } finally {
    await within(10, 'the end of a context', context.close()).catch(() => {});
  }
}

/// Signs in at the gateway, by oidc-provider's development pages.
export async function enter(page, site, person) {
  await open(page, `${site}/`);
  const isIn = async () => {
    if (new URL(page.url()).origin === site) return true;
    await page.evaluate(answerProvider, person).catch(() => {});
    return false;
  };
  await until(`${person} to be signed in`, isIn, { seconds: STEP_SECONDS });
}

function answerProvider(person) {
  if (document.readyState !== 'complete' || window.isAnswered) return;
  const login = document.querySelector('input[name=login]');
  if (login) {
    login.value = person;
    document.querySelector('input[name=password]').value = 'any';
  }
  window.isAnswered = true;
  document.querySelector('form [type=submit]').click();
}

export function open(page, url, referer) {
  return page.goto(url, { waitUntil: 'load', referer });
}

async function shown(setting, embedPage, screen) {
  const { sigma, site } = setting;
  await inBrowser(setting, async (page) => {
    await enter(page, site, 'ana');
    await screen.signIn?.(page, site);
    const first = sigma.mark();
    await open(page, site + embedPage);
    await screen.reveal?.(page);
    await lookAtFrame(page);
    await sigma.shows(first, 1);
    equal(openedBy(sigma, first), ['ana@example.com'], 'who opened what, first');
    await open(page, site + screen.away);
    const second = sigma.mark();
    await page.goBack({ waitUntil: 'load' });
    await lookAtFrame(page);
    await sigma.shows(second, 1);
    equal(openedBy(sigma, second), ['ana@example.com'], 'who opened what after Back');
    equal(sigma.replaysSince(first), 0, 'URLs that were used twice');
  });
}

async function lookAtFrame(page) {
  const frame = await page.waitForSelector('iframe');
  await frame.evaluate((element) => element.scrollIntoView());
}

function openedBy(sigma, mark) {
  return sigma.openedSince(mark).map(({ person }) => person);
}

async function form(setting, screen) {
  const { site, directPort } = setting;
  const direct = new URL(site);
  direct.port = directPort;
  const alone = await inBrowser(setting, (page) => fillAndReturn(page, direct.origin, screen));
  const behind = await inBrowser(setting, async (page) => {
    await enter(page, site, 'ana');
    return fillAndReturn(page, site, screen);
  });
  equal(behind, alone, 'the fields');
  for (const text of Object.values(screen.form.fields))
    ok(behind.typed.includes(text), `"${text}" is there after Back`);
}

/// Types, leaves, comes back; sends, comes back; sends what is refused, leaves the answer, comes back to it.
async function fillAndReturn(page, origin, { signIn, form: { path, fields, refused, button, sent }, away }) {
  await signIn?.(page, origin);
  const fill = async (texts) => {
    await open(page, origin + path);
    for (const [selector, text] of Object.entries(texts)) {
      await page.$eval(selector, (field) => (field.value = ''));
      await page.type(selector, text);
    }
  };
  const send = () => Promise.all([page.waitForNavigation({ waitUntil: 'load' }), page.click(button)]);
  const values = () => page.evaluate(valuesOf, Object.keys(fields));
  const awayAndBack = async () => {
    await open(page, origin + away);
    const problem = await page.goBack({ waitUntil: 'load' }).then(
      () => '',
      (error) => `does not come back: ${error.message.split(' ')[0]}`,
    );
    return problem || values();
  };
  await fill(fields);
  const typed = await awayAndBack();
  await fill(fields);
  await send();
  const result = await sent(page);
  await page.goBack({ waitUntil: 'load' });
  const afterSending = await values();
  await fill({ ...fields, ...refused });
  await send();
  return { typed, result, afterSending, answer: await values(), afterAnswer: await awayAndBack() };
}

function valuesOf(selectors) {
  return selectors.map((selector) => document.querySelector(selector)?.value);
}
