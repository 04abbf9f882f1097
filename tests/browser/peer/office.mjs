// What the journeys have in common.

import assert from 'node:assert/strict';

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

/** The page where accounts are kept shows somebody of this name. */
export async function assertListsUser(page, peer, generation, nickname) {
  await page.goto(`${peer.origin}${generation.admin}/settings/users-permissions/users`);
  await page.getByText(nickname, { exact: true }).first().waitFor();
  assert.ok(page.url().startsWith(peer.origin));
}
