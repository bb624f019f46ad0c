import type { ExperimentMeta } from '../../../../../core/model/lab.ts';
import type { Problem } from '../../../../../core/model/problem.ts';
import { useText } from '../../../i18n/index.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { ProblemBox } from '../../../ui/parts.tsx';
import { useExperimentWords } from './experiment-words.ts';

interface Props {
  /** The engine's announcement; null while nothing is asked. */
  readonly problem: Problem | null;
  readonly chosen: readonly ExperimentMeta[];
  readonly onGo: () => void;
  readonly onCancel: () => void;
}

/** Says what would be written, and asks before it is. */
export function ConfirmWrites({ problem, chosen, onGo, onCancel }: Props) {
  const t = useText();
  return (
    <Dialog
      open={problem !== null}
      onClose={onCancel}
      title={t('lab.live.confirm.title')}
      description={t('lab.live.confirm.undo')}
      testId="live-confirm"
      foot={
        <>
          <Button onClick={onCancel}>{t('common.cancel')}</Button>
          <Button variant="primary" data-testid="live-confirm-go" onClick={onGo}>
            {t('lab.live.confirm.go')}
          </Button>
        </>
      }
    >
      {problem !== null && <ProblemBox level="warning" problem={problem} />}
      <h3>{t('lab.live.confirm.list')}</h3>
      <ul className="bullets">
        {chosen
          .filter(({ writes }) => writes)
          .map((meta) => (
            <WritingItem key={meta.id} meta={meta} />
          ))}
      </ul>
    </Dialog>
  );
}

function WritingItem({ meta }: { meta: ExperimentMeta }) {
  return <li>{useExperimentWords(meta).title}</li>;
}
