import type { Page } from 'playwright-core';
import { until } from './until.ts';

/** The window as a user uses it: the few movements that the end-to-end tests are made of. */
export class WindowUser {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Asks the engine over the window's own bridge. */
  async ask(method: string, request: object = {}): Promise<unknown> {
    const reply = (await this.page.evaluate(
      ([name, body]) =>
        (
          globalThis as unknown as { sessionscope: { request(m: string, r: unknown): Promise<unknown> } }
        ).sessionscope.request(name, body),
      [method, request] as const,
    )) as { ok: boolean; value: unknown };
    if (!reply.ok) throw new Error(`${method}: ${JSON.stringify(reply)}`);
    return reply.value;
  }

  async info(): Promise<{ proxy: { host: string; port: number } }> {
    return (await this.ask('app.info')) as { proxy: { host: string; port: number } };
  }

  /** Attaches a store from the first screen, by pasting its URL or path. */
  async attachFromHome(address: string): Promise<void> {
    await this.page.getByTestId('nav-home').click();
    await this.page.getByTestId('attach-address').fill(address);
    await this.page.getByTestId('attach-submit').click();
    await until(
      () => this.ask('stores.list'),
      (seen) => (seen as { stores: unknown[] }).stores.length > 0,
    );
    await this.page.getByTestId('nav-sessions').click();
  }

  /** The row of a session in the list. */
  row(id: string) {
    return this.page.locator(`[data-testid="session-row"][data-session-id="${id}"]`);
  }

  async select(id: string): Promise<void> {
    await this.row(id).click();
  }

  tab(name: 'data' | 'cookie' | 'timeline' | 'flows' | 'raw' | 'lab') {
    return this.page.getByTestId(`tab-${name}`);
  }

  /** The cell that shows a value of the decoded data, by its path. */
  value(path: string) {
    return this.page.getByTestId(`node-${path}`);
  }

  /** Edits one value with the keyboard, looks at the difference, writes it. */
  async setValue(path: string, text: string): Promise<void> {
    await this.tab('data').click();
    await this.value(path).click();
    await this.page.keyboard.press('F2');
    await this.page.getByTestId('node-input').fill(text);
    await this.page.keyboard.press('Enter');
    await this.page.getByTestId('edit-preview').click();
    await this.page.getByTestId('edit-apply').click();
  }

  /** Replaces the cookie's value, looks at the difference, applies it. */
  async setCookie(value: string): Promise<void> {
    await this.tab('cookie').click();
    await this.page.getByTestId('cookie-value').fill(value);
    await this.page.getByTestId('cookie-preview').click();
    await this.page.getByTestId('cookie-apply').click();
  }

  /** Takes back the newest edit of the data. */
  async undo(): Promise<void> {
    await this.page.getByTestId('edit-undo').first().click();
  }

  /** Takes back the newest edit of the cookie. */
  async undoCookie(): Promise<void> {
    await this.page.getByTestId('cookie-undo').first().click();
  }

  /** Takes a removal back from its toast. */
  async undoKill(): Promise<void> {
    const toast = this.page
      .getByTestId('notice')
      .filter({ hasText: /kill|removed/i })
      .last();
    await toast.getByTestId('toast-undo').click();
  }

  async kill(): Promise<void> {
    await this.page.getByTestId('kill-session').click();
    await this.page.getByTestId('kill-confirm').click();
  }

  async shows(path: string, text: string): Promise<void> {
    await this.tab('data').click();
    await until(
      () => this.value(path).innerText({ timeout: 1_000 }),
      (shown) => shown.includes(text),
    );
  }
}
