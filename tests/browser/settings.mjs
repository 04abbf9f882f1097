// Settings of a demo, changed by its API as an administrator would, and the steps of stories about the page «DingTalk».

import { submitForm } from './stories.mjs';

/** An administrator of the demo, who calls actions. */
export async function administrator(demo) {
  const call = async (action, body, token) => {
    const response = await fetch(`${demo.origin}/api/${action}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${action}: ${JSON.stringify(answer)}`);
    return answer.data;
  };
  const { token } = await call('auth:signIn', { account: 'nocobase', password: 'admin123' });
  const signed = (action, body) => call(action, body, token);
  const find = async (name) => (await signed('authenticators:list', {})).find((row) => row.name === name);
  return {
    call: signed,
    token,
    /** Changes options of an authenticator; the others stay. */
    async setOptions(name, { public: shown, ...rest }) {
      const { id, options } = await find(name);
      await signed(`authenticators:update?filterByTk=${id}`, { options: { ...options, ...rest, public: { ...options.public, ...shown } } });
    },
    async set(name, values) {
      const { id } = await find(name);
      await signed(`authenticators:update?filterByTk=${id}`, values);
    },
    /** Another authenticator like the demo's own. */
    async add(name, secret, values = {}) {
      const { options } = await find('dingtalk');
      await signed('authenticators:create', {
        name, authType: 'dingtalk', enabled: true, ...values, options: { ...options, clientSecret: secret },
      });
    },
    async remove(name) {
      const { id } = await find(name);
      await signed(`authenticators:destroy?filterByTk=${id}`, {});
    },
  };
}

/**
 * Opens a page as somebody who signed in before. The token is there before any script of the page runs, and is not put there
 * again: whoever signs out later stays out.
 */
export async function openAs(page, token, url) {
  const entered = await page.addInitScript((value) => {
    // The empty page that a tab begins with has no storage.
    if (window.origin !== 'null') localStorage.setItem('NOCOBASE_TOKEN', value);
  }, token);
  await page.goto(url);
  await entered.dispose();
}

/** The settings page «DingTalk». */
export const PAGE = '[data-dingtalk-settings]';

export const button = (part, name) => part.getByRole('button', { name, exact: true });

/** Nothing moves any more, as on a page that somebody reads. */
export const quiet = (page) => page.waitForFunction(() => document.getAnimations().every(({ playState, effect }) => (
  playState !== 'running' || effect.getComputedTiming().iterations === Infinity
)));

/** Opens a tab of the settings page. */
export async function openTab(part, name) {
  const tab = part.getByRole('tab', { name, exact: true });
  // On a phone the tabs move when one is pressed that is half out of sight. Such a press may not count, as with people.
  do {
    await tab.click();
  } while (await tab.getAttribute('aria-selected') !== 'true');
}

/** Begins a run of the directory or a preview, and waits for its end; gives what the page says of it. */
export async function go(part, name) {
  // With the button comes all that the page knows of the source. Before, it is empty, as if there had been no run.
  await button(part, name).waitFor();
  const outcome = part.getByRole('status').first();
  const before = await outcome.count() > 0 ? await outcome.innerText() : '';
  const asks = name === 'Synchronize now' && await part.getByText('It has not run yet.').isVisible();
  await button(part, name).click();
  // Nobody has seen a preview. By its address «run» is also «runs».
  if (asks) await submitForm(part.page(), button(part.page().getByRole('dialog'), name));
  await part.page().waitForFunction(([selector, old]) => {
    const told = document.querySelector(`${selector} [role=status]`);
    return told && told.innerText !== old && /Succeeded|Failed|Stopped/.test(told.innerText);
  }, [PAGE, before]);
  return outcome.innerText();
}

/** Opens the settings page «DingTalk» as root. */
export async function openPage(page, demo, generation) {
  const { token } = await administrator(demo);
  await openAs(page, token, `${demo.origin}${generation.admin}/settings/auth-dingtalk`);
}
