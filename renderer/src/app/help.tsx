import { Fragment } from 'react';
import type { TextKey } from '../i18n/en.ts';
import { useText } from '../i18n/index.ts';
import { useApp, useAppState } from '../state/app.ts';
import { Dialog } from '../ui/dialog.tsx';

export function Help() {
  const t = useText();
  const app = useApp();
  const open = useAppState((state) => state.ui.dialog === 'help');
  const mac = useAppState((state) => state.info?.platform === 'darwin');
  const mod = mac ? '⌘' : 'Ctrl';
  const rows: readonly (readonly [TextKey, readonly string[]])[] = [
    ['help.filter', [`${mod} F`]],
    ['help.palette', [`${mod} K`]],
    ['help.move', ['↑', '↓', 'J', 'K']],
    ['help.open', ['Enter', '←', '→']],
    ['help.edit', ['Enter', 'F2']],
    ['help.rename', ['Shift F2']],
    ['help.add', ['Insert', '+']],
    ['help.delete', ['Del']],
    ['help.reorder', ['Alt ↑', 'Alt ↓']],
    ['help.undo', [`${mod} Z`]],
    ['help.redo', [`${mod} Shift Z`]],
    ['help.replay', ['R']],
    ['help.tabs', ['1', '…', '6']],
    ['help.cancel', ['Esc']],
    ['help.help', ['?']],
  ];
  return (
    <Dialog open={open} onClose={() => app.ui({ dialog: null })} title={t('help.title')} testId="help">
      <dl className="shortcut-list">
        {rows.map(([label, keys]) => (
          <Fragment key={label}>
            <dt>{t(label)}</dt>
            <dd className="row">
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </Fragment>
        ))}
      </dl>
    </Dialog>
  );
}
