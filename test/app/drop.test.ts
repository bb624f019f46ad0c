import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canShowWindows, type Desktop, startDesktop } from '../support/desktop.ts';
import { needs } from '../support/needs.ts';
import { WindowUser } from '../support/window.ts';

/* A store dropped on the window is attached, and its screen follows what the application does to it. */

needs('xvfb')('a file dropped on the window', () => {
  let folder: string;
  let desktop: Desktop;
  let user: WindowUser;
  let database: Database.Database;

  beforeAll(async () => {
    expect(canShowWindows(), 'Electron and a display').toBe(true);
    folder = mkdtempSync(path.join(os.tmpdir(), 'sessionscope-drop-'));
    database = new Database(path.join(folder, 'app.db'));
    database.exec(
      'CREATE TABLE sessions (session_id char(128) UNIQUE NOT NULL, atime timestamp NOT NULL default current_timestamp, data text)',
    );
    add('a');
    desktop = await startDesktop();
    user = new WindowUser(desktop.page);
  });
  afterAll(async () => {
    const problems = desktop?.problems() ?? [];
    await desktop?.close();
    database?.close();
    rmSync(folder, { recursive: true, force: true });
    expect(problems).toEqual([]);
  });

  const add = (letter: string) =>
    database.prepare('INSERT INTO sessions (session_id, data) VALUES (?, ?)').run(letter.repeat(40), 'gAR9lC4=');

  test('is attached by the path that only the preload can tell', async () => {
    const { page } = user;
    await page.getByTestId('home').or(page.getByTestId('sessions')).first().waitFor();
    // A file of the disk reaches a page by a file field or by a drop; the former can be done from here.
    await page.evaluate(() => {
      const field = document.createElement('input');
      field.type = 'file';
      field.id = 'file-of-the-test';
      document.body.append(field);
    });
    await page.locator('#file-of-the-test').setInputFiles(path.join(folder, 'app.db'));
    const drag = (kind: string) =>
      page.evaluate((type) => {
        const data = new DataTransfer();
        const file = document.querySelector<HTMLInputElement>('#file-of-the-test')?.files?.[0];
        if (file !== undefined) data.items.add(file);
        document.body.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
      }, kind);
    await drag('dragover');
    await page.getByTestId('drop-target').waitFor();
    await drag('drop');
    await page.getByTestId('store-item').getByText('app.db').first().waitFor();
    expect(await page.getByTestId('drop-target').count()).toBe(0);
    await expect.poll(() => page.getByTestId('record-row').count()).toBe(1);
  });

  test('its count and its records follow the application', async () => {
    const records = async () =>
      ((await user.ask('stores.list')) as { stores: { records: number }[] }).stores.map((store) => store.records);
    expect(await records()).toEqual([1]);
    add('b');
    add('c');
    await expect.poll(records).toEqual([3]);
    await expect.poll(() => user.page.getByTestId('record-row').count()).toBe(3);
    database.prepare('DELETE FROM sessions WHERE session_id LIKE ?').run('a%');
    await expect.poll(records).toEqual([2]);
    await expect.poll(() => user.page.getByTestId('record-row').count()).toBe(2);
  });
});
