import { CircleCheck, CircleHelp, CircleMinus, OctagonX } from 'lucide-react';
import type { Verdict } from '../../../../../core/model/app.ts';
import { useText } from '../../../i18n/index.ts';

const ICON = {
  holds: CircleCheck,
  'does-not-hold': OctagonX,
  'cannot-tell': CircleHelp,
  'not-applicable': CircleMinus,
};

/** A verdict by word, shape and colour. */
export function VerdictMark({ verdict }: { verdict: Verdict }) {
  const t = useText();
  const Icon = ICON[verdict];
  return (
    <span className="verdict" data-verdict={verdict}>
      <Icon size={15} aria-hidden />
      {t(`lab.verdict.${verdict}`)}
    </span>
  );
}
