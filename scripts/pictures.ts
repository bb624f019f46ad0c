import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startDesktop } from '../test/support/desktop.ts';
import { openVisitor } from '../test/support/visitor.ts';
import { WindowUser } from '../test/support/window.ts';
import setupDisplay from '../test/support/xvfb.ts';
import { palettePng } from './palette-png.ts';

/*
 * `npm run pictures`: the pictures of the README, taken of the real window while a real Chromium uses the practice site
 * through the proxy. Run `npm run build` first.
 */
const folder = path.resolve(import.meta.dirname, '..', 'docs', 'pictures');
mkdirSync(folder, { recursive: true });
const endDisplay = await setupDisplay();

const desktop = await startDesktop();
const { page } = desktop;
const user = new WindowUser(page);
const take = async (name: string) => {
  // Chromium's own requests in the background are refused here, and the notice of that would cover the list.
  for (const close of await page.getByTestId('notice').getByRole('button', { name: 'Dismiss' }).all())
    await close.click();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    writeFileSync(path.join(folder, `${name}-${colorScheme}.png`), palettePng(await page.screenshot()));
  }
};

await page.getByTestId('home-practice-disk').waitFor();
await page.getByTestId('home-browser-chromium').waitFor();
await take('home');

const { practice } = (await user.ask('practice.start', { kind: 'disk' })) as { practice: { origin: string } };
const { proxy } = await user.info();
const alice = await openVisitor(`http://${proxy.host}:${proxy.port}`);
await page.getByTestId('nav-sessions').click();
for (let i = 0; i < 3; i += 1) await alice.text(`${practice.origin}/count`);
const bob = await alice.another();
await bob.text(`${practice.origin}/count`);
await bob.text(`${practice.origin}/reset`);
await alice.page.goto(practice.origin);
await alice.page.getByRole('button', { name: /alice/i }).click();
await alice.text(`${practice.origin}/count`);
const id = await alice.cookie('webpy_session_id', practice.origin);
await user.select(id);
await user.shows('count', '4');
await take('session');

await user.value('count').click();
await page.keyboard.press('F2');
await page.getByTestId('node-input').fill('41');
await page.keyboard.press('Enter');
await page.getByTestId('edit-preview').click();
await page.getByTestId('differences').waitFor();
await take('editor');
await page.keyboard.press('Escape');
await page.getByTestId('edit-discard').click();

for (const tab of ['cookie', 'timeline', 'flows', 'raw'] as const) {
  await user.tab(tab).click();
  await page.waitForLoadState('networkidle');
  if (tab === 'raw') await page.getByTestId('lit').first().waitFor();
  await take(tab);
}
await page.getByTestId('nav-stores').click();
await page.locator(`[data-testid="record-row"][data-record="${id}"]`).click();
await page.getByTestId('record-pane').getByTestId('data-tree').waitFor();
await take('stores');
await page.getByTestId('nav-sessions').click();
await user.tab('lab').click();
await page.getByTestId('policy-outcome').waitFor();
await take('policy');

await page.getByTestId('nav-lab').click();
await page.getByTestId('lab-matrix').click();
await page.getByTestId('matrix-ignore-change-ip').uncheck();
await page.getByTestId('matrix-map-0-0').focus();
await page.keyboard.press('Control+Home');
await page.getByTestId('matrix-cell-0-1').and(page.getByLabel('the expired message')).waitFor({ state: 'attached' });
for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight', 'ArrowRight', 'Tab', 'Enter'])
  await page.keyboard.press(key);
await page.locator('[data-testid="policy-outcome"][data-settled="true"]').waitFor();
await take('lab');

await alice.close();
console.log(desktop.problems().join('\n') || `pictures are in ${folder}`);
await desktop.close();
endDisplay?.();
process.exit(0);
