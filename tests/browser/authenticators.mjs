// The steps of stories about the settings of authenticators, for both generations of NocoBase's client.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { clickFor, hoverFor, submitForm } from './stories.mjs';

const AXE = await readFile(new URL(import.meta.resolve('axe-core')), 'utf8');

/** What the server shows in place of a secret. */
export const MASK = '********';

/** Where the settings live, below a generation's admin pages. */
export const SETTINGS = '/settings/auth/authenticators';

const rows = (page) => page.getByRole('row');

/** The row of the authenticator with this name. */
const row = (page, name) => rows(page).filter({ has: page.getByText(name, { exact: true }) });

/** The list holds these, from top to bottom. */
export async function assertListed(page, names) {
  // Row 0 is the head of the table.
  for (const [index, name] of names.entries()) {
    // Until the titles of types are there, the type says «dingtalk» too.
    await rows(page).nth(index + 1).getByText(name, { exact: true }).first().waitFor();
  }
  await rows(page).nth(names.length + 1).waitFor({ state: 'detached' });
}

/** Opens the form for another DingTalk authenticator; `type` is DingTalk's name in the language of the page. */
export async function addDingTalk(page, type = 'DingTalk') {
  const item = page.getByRole('menuitem', { name: type, exact: true });
  // The second generation has the button switched off until it knows the types.
  await hoverFor(item, page.locator('button:enabled:has(.anticon-plus)'));
  await item.click();
  return openForm(page);
}

/** Opens the form of the authenticator with this name. */
export async function configure(page, name, label = 'Configure') {
  await clickFor(page.getByRole('dialog'), row(page, name).getByText(label, { exact: true }));
  const form = await openForm(page);
  // The second generation asks for the options when the form is drawn already, and puts them over what was typed meanwhile.
  await untilValue(clientSecret(form), MASK);
  return form;
}

/** Waits until a field has this value. */
export async function untilValue(input, value) {
  await input.page().waitForFunction(([element, wanted]) => element.value === wanted, [await input.elementHandle(), value]);
}

async function openForm(page) {
  const form = page.getByRole('dialog');
  await clientSecret(form).waitFor();
  return form;
}

/** A labelled part of the form. The first generation ties its labels to nothing. */
export function field(form, label) {
  return form.locator('.ant-form-item, .ant-formily-item').filter({ has: form.page().getByText(label, { exact: true }) });
}

export const text = (form, label) => field(form, label).getByRole('textbox');
export const enabled = (form) => field(form, 'Enabled').getByRole('checkbox');

// Ours have names in both generations.
export const clientId = (form) => form.getByLabel('Client ID', { exact: true });
export const clientSecret = (form) => form.getByLabel('Client Secret', { exact: true });
export const autoSignUp = (form) => form.getByRole('checkbox', { name: 'Sign up automatically when the user does not exist' });

/** One of several choices, or one of several boxes, by the titles of option and choice. */
export const choice = (form, label, title) => form.getByRole('radiogroup', { name: label }).getByRole('radio', { name: title, exact: true });
export const box = (form, label, title) => form.getByRole('group', { name: label }).getByRole('checkbox', { name: title, exact: true });

/** The head of a folded part of the form, with its state. */
export const group = (form, title) => form.locator('.ant-collapse-header').filter({ has: form.page().getByText(title, { exact: true }) });

/** Whether a part of the form is unfolded. */
export const isOpen = async (form, title) => await group(form, title).getAttribute('aria-expanded') === 'true';

/** Unfolds a part of the form with the keyboard. */
export async function openGroup(form, title) {
  if (await isOpen(form, title)) return;
  await group(form, title).press('Enter');
  await form.locator('.ant-collapse-item-active').filter({ has: form.page().getByText(title, { exact: true }) }).waitFor();
}

/** Presses the button with the keyboard, and reads the checks: a mark, what was looked at, and what was found. */
export async function testConnection(form, label = 'Test connection') {
  const answered = form.page().waitForResponse((response) => response.url().includes('/api/dingtalk:testConnection'));
  // At the button, and not at what has the focus: a form that opens takes it once more.
  await form.getByRole('button', { name: label }).press('Enter');
  await answered;
  const checks = form.getByRole('status').getByRole('listitem');
  await checks.first().waitFor();
  return checks.evaluateAll((items) => items.map((item) => ({
    mark: item.querySelector('[role=img]').getAttribute('aria-label'),
    lines: item.innerText.split('\n').map((line) => line.trim()).filter(Boolean),
  })));
}

export const submit = (form, label = 'Submit') => form.getByRole('button', { name: label }).click();

/** Submits the form, which the server accepts. */
export async function save(form, label) {
  await submit(form, label);
  await form.waitFor({ state: 'hidden' });
}

export async function cancel(form, label = 'Cancel') {
  await form.getByRole('button', { name: label }).click();
  await form.waitFor({ state: 'hidden' });
}

/** The complaint of the form about one of its fields. */
export async function assertComplains(form, label) {
  await field(form, label).getByText(/required|Please enter/).waitFor();
}

/** The form has taken its complaint back, and nothing of it is on the page any more. */
export async function assertComplainsNoMore(form, label) {
  await field(form, label).getByText(/required|Please enter/).waitFor({ state: 'detached' });
}

export async function remove(page, name) {
  await row(page, name).getByText('Delete', { exact: true }).click();
  const question = page.getByRole('dialog');
  await question.getByText('Are you sure you want to delete it?').waitFor();
  await submitForm(page, question.getByRole('button', { name: 'OK' }));
}

/** Drags the row of one authenticator to the place of another, by the handle at its beginning. */
export async function drag(page, name, place) {
  const moved = page.waitForResponse((response) => response.url().includes('/api/authenticators:move'));
  const from = await middle(row(page, name).locator('.anticon-menu'));
  const to = await middle(row(page, place).locator('.anticon-menu'));
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  // As a hand does it: a row follows the way of the pointer.
  await page.mouse.move(to.x, to.y, { steps: 12 });
  await page.mouse.up();
  assert.equal((await moved).status(), 200);
}

async function middle(locator) {
  const { x, y, width, height } = await locator.boundingBox();
  return { x: x + width / 2, y: y + height / 2 };
}

/** The Redirect URL is shown, cannot be changed, and gets to the clipboard with the keyboard alone. */
export async function assertCopies(form, address) {
  const page = form.page();
  const shown = form.getByRole('textbox', { name: 'Redirect URL', exact: true });
  assert.equal(await shown.inputValue(), address);
  assert.equal(await shown.isEditable(), false);

  await shown.focus();
  await page.keyboard.press('Tab');
  const copy = form.getByRole('button', { name: 'Copy' });
  assert.ok(await hasFocus(copy));
  await page.keyboard.press('Enter');
  await page.getByText('Copied', { exact: true }).first().waitFor();
  assert.ok(await hasFocus(copy), 'the focus stays');

  const paper = text(form, 'Description');
  await paper.press('ControlOrMeta+V');
  assert.equal(await paper.inputValue(), address);
  await paper.clear();
}

const hasFocus = (locator) => locator.evaluate((element) => element === document.activeElement);

/** Nothing within these parts of the page keeps somebody out, as far as axe can tell. */
export async function assertAccessible(page, parts) {
  await page.evaluate(AXE);
  // A list that is asked for anew is pale until its answer.
  for (const part of parts) await part.locator('.ant-spin-blur').first().waitFor({ state: 'detached' });
  const elements = await Promise.all(parts.map((part) => part.elementHandle()));
  const violations = await page.evaluate(async (include) => {
    const { violations } = await window.axe.run({ include });
    return violations.map(({ id, impact, nodes }) => ({ id, impact, where: nodes.map(({ html }) => html) }));
  }, elements);
  assert.deepEqual(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical'), []);
}
