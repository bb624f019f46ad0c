import { problem } from '../model/problem.ts';
import type { FoundBrowser, LaunchedBrowser, LaunchOptions } from './browser-types.ts';
import { launchChromium } from './launch-chromium.ts';
import { launchFirefox } from './launch-firefox.ts';
import { createProfile, removeProfile, removeStaleProfiles } from './profile-folder.ts';

export type { LaunchedBrowser, LaunchOptions } from './browser-types.ts';
export { removeStaleProfiles } from './profile-folder.ts';

/**
 * Opens a browser on a fresh profile of its own: every request through the proxy (loopback too), our certificate
 * accepted by this profile only, no first-run pages, no traffic of its own. Profiles that a crash left behind are
 * removed first. The user's own profiles, the system's proxy settings and its trust store are never touched.
 * @throws ProblemError `browser-failed`, with what the browser said
 */
export async function launchBrowser(found: FoundBrowser, options: LaunchOptions): Promise<LaunchedBrowser> {
  const root = found.profileRoot ?? options.profileDir;
  await removeStaleProfiles(root);
  const profile = await createProfile(root).catch((cause: unknown) => {
    throw problem('browser-failed', `No profile can be made in ${root}`, { where: root, cause });
  });
  try {
    return await (found.family === 'firefox' ? launchFirefox : launchChromium)(found, options, profile);
  } catch (error) {
    await removeProfile(profile).catch(() => undefined);
    throw error;
  }
}
