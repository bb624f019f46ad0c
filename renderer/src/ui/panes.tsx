import type { ReactNode } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';
import { useText } from '../i18n/index.ts';
import { useApp, useAppState } from '../state/app.ts';

/** Two panes side by side; the sizes are remembered under `name`. */
export function Panes({
  name,
  left,
  right,
  initial,
}: {
  name: string;
  left: ReactNode;
  right: ReactNode;
  initial: number;
}) {
  const app = useApp();
  const t = useText();
  const stored = useAppState((state) => state.settings.panes[name]);
  const layout =
    stored !== undefined && typeof stored['left'] === 'number' && typeof stored['right'] === 'number'
      ? stored
      : { left: initial, right: 100 - initial };
  return (
    <Group
      className="panes"
      id={`panes-${name}`}
      defaultLayout={layout}
      onLayoutChanged={(next) => {
        const panes = app.state.settings.panes;
        if (JSON.stringify(panes[name]) !== JSON.stringify(next)) app.remember({ panes: { ...panes, [name]: next } });
      }}
    >
      <Panel id="left" data-testid={`pane-left-${name}`} minSize="22%" className="pane">
        {left}
      </Panel>
      <Separator className="separator" aria-label={t('resize.label')} />
      <Panel id="right" data-testid={`pane-right-${name}`} minSize="30%" className="pane">
        {right}
      </Panel>
    </Group>
  );
}
