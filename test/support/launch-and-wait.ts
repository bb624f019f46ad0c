/** Launches a Chromium, prints its pid and profile as JSON, and waits to be killed: the owner in a test of crashes. */
import { findBrowsers } from '../../core/browser/find-browsers.ts';
import { launchBrowser } from '../../core/browser/launch-browser.ts';

const [root = '', port = ''] = process.argv.slice(2);
const found = findBrowsers().find((browser) => browser.family === 'chromium');
if (found === undefined) throw new Error('there is no Chromium here');
const { pid, profile } = await launchBrowser(found, {
  proxyPort: Number(port),
  spki: '',
  caPem: '',
  profileDir: root,
  startUrl: 'about:blank',
  headless: true,
});
process.stdout.write(JSON.stringify({ pid, profile }));
setInterval(() => undefined, 60_000);
