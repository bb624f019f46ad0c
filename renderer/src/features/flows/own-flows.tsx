import { useText } from '../../i18n/index.ts';
import { useApp, useAppState } from '../../state/app.ts';
import { Check } from '../../ui/field.tsx';

/** Whether requests that the debugger itself has sent stand in the lists. */
export function OwnFlows() {
  const t = useText();
  const app = useApp();
  const shown = useAppState((state) => state.settings.ownFlows);
  return (
    <Check label={t('flows.own')} checked={shown} testId="own-flows" onChange={(next) => void app.showOwnFlows(next)} />
  );
}
