import { COOKIE_RULES } from '../core/cookies/browser-rules.ts';
import { compareStored, openSite, startOracleChromium } from '../test/support/cookies/cookie-oracle.ts';
import { compareSent, KINDS } from '../test/support/cookies/send-oracle.ts';
import { setCookieLines } from '../test/support/cookies/set-cookie-lines.ts';

/** `node scripts/cookie-oracle.ts [LINES] [SEED]`: the judge beside the Chromium of this machine. Default 5000 lines. */
const count = Number(process.argv[2] ?? 5000);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
const lines = setCookieLines(seed, count, Date.now());
let different = 0;

for (const thirdParty of ['allowed', 'blocked'] as const) {
  const site = await openSite();
  const browser = await startOracleChromium(thirdParty);
  console.log(`Chromium ${browser.version}, third-party cookies ${thirdParty}, seed ${seed}`);
  const rules = { ...COOKIE_RULES.chromium, thirdParty };
  if (thirdParty === 'allowed') {
    const origins = [
      `http://app.shop.test:${site.plain}`,
      `https://app.shop.test:${site.secure}`,
      `http://localhost:${site.plain}`,
      `http://127.0.0.1:${site.plain}`,
    ];
    for (const origin of origins) {
      const differences = await compareStored(browser, site, origin, lines, rules);
      different += differences.length;
      console.log(`${origin}: ${count} lines, ${differences.length} stored otherwise`);
      for (const difference of differences) console.log(JSON.stringify(difference));
    }
  }
  const differences = await compareSent(browser, site, rules);
  different += differences.length;
  console.log(`${KINDS.length} kinds of request with 12 cookies: ${differences.length} sent otherwise`);
  for (const difference of differences) console.log(JSON.stringify(difference));
  await browser.close();
  site.close();
}
process.exit(different === 0 ? 0 : 1);
