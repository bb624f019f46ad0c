import { dialog } from 'electron';
import type { Engine } from '../../core/engine/engine.ts';
import { toProblem } from '../../core/model/problem.ts';

/** What the system's menu offers at the icon: entries of the `.desktop` file, and their words on the command line. */
export type DesktopAction = 'practice' | 'new-browser';

const ACTIONS: readonly DesktopAction[] = ['practice', 'new-browser'];

/** The action that a command line asks for: `--practice`, `--new-browser`. */
export function actionOf(argv: readonly string[]): DesktopAction | undefined {
  return ACTIONS.find((action) => argv.includes(`--${action}`));
}

/** Carries an action out. What hinders it is told in a dialog, since no window of ours asked for it. */
export async function runAction({ handlers }: Pick<Engine, 'handlers'>, action: DesktopAction): Promise<void> {
  try {
    const site = action === 'practice' ? (await handlers['practice.start']({ kind: 'disk' })).practice : undefined;
    const [browser] = (await handlers['browsers.list']({})).found;
    if (browser === undefined) {
      dialog.showErrorBox('No browser was found', 'Install Chromium, Chrome, Edge or Firefox, then try again.');
      return;
    }
    await handlers['browser.launch']({
      browserId: browser.browserId,
      ...(site === undefined ? {} : { startUrl: site.origin }),
    });
  } catch (error) {
    const { message, remedy } = toProblem(error);
    dialog.showErrorBox('Sessionscope', remedy === undefined ? message : `${message}\n\n${remedy}`);
  }
}
