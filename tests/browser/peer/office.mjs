// What the journeys have in common.

import { assertSignedIn, signInWithPassword } from '../stories.mjs';

/** The authenticator that the administrator of a generation sets up, and its button. */
export const nameOf = (generation) => `office_${generation.name}`;
export const titleOf = (generation) => `Office ${generation.name}`;

/** What an employee calls themselves there. */
export const renamedIn = (generation) => `Renamed in ${generation.name}`;

export async function signInAsRoot(page, peer, generation) {
  await page.goto(peer.origin + generation.signInPage);
  await signInWithPassword(page, 'nocobase', 'admin123');
  await assertSignedIn(page, peer, generation);
}

/** Goes to another page of the application as its own links do, without loading all of it anew. */
export async function goTo(page, generation, path) {
  await page.evaluate((address) => {
    window.history.pushState({}, '', address);
    window.dispatchEvent(new PopStateEvent('popstate', { state: {} }));
  }, generation.admin + path);
}

/** The page where accounts are kept shows somebody of this name. */
export async function assertListsUser(page, generation, nickname) {
  await goTo(page, generation, '/settings/users-permissions/users');
  await page.getByText(nickname, { exact: true }).first().waitFor();
}

/** For a page with all of NocoBase's plugins, and for a run of a small company, on a busy machine. */
export const WAIT_MS = 90_000;

/** Looks again and again, for a limited time. */
export async function soon(what, look, limit = WAIT_MS) {
  const end = Date.now() + limit;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited ${limit} ms in vain: ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 200); });
  }
}
