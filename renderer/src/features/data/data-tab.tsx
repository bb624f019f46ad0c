import type { SessionDetail } from '../../../../core/model/app.ts';
import { useText } from '../../i18n/index.ts';
import { RecordEditor } from '../../parts/value/record-editor.tsx';
import { useApp, useAppState } from '../../state/app.ts';
import { Button } from '../../ui/button.tsx';
import { Empty, ProblemBox } from '../../ui/parts.tsx';

export function DataTab({ detail }: { detail: SessionDetail }) {
  const t = useText();
  const app = useApp();
  const { record, recordProblem } = detail;
  const { foreign } = detail.summary;
  const stores = useAppState((state) => state.stores.length);
  const removed = detail.edits.find((edit) => edit.what === 'record-removed' && edit.state === 'applied');
  if (record === null) {
    return (
      <Empty
        title={recordProblem?.message ?? t('inspector.noRecord')}
        text={recordProblem?.remedy ?? t('inspector.noRecord.text')}
      >
        {removed !== undefined && (
          <Button variant="primary" data-testid="undo-removal" onClick={() => void app.undo(removed.editId)}>
            {t('common.undo')}: {removed.text}
          </Button>
        )}
        {foreign === undefined && recordProblem?.kind !== 'data-in-cookie' && (
          <Button onClick={() => app.go('stores')}>
            {t(stores === 0 ? 'inspector.attach' : 'inspector.attachOther')}
          </Button>
        )}
      </Empty>
    );
  }
  return (
    <>
      {recordProblem !== undefined && <ProblemBox problem={recordProblem} level="warning" />}
      <RecordEditor record={record} sessionKey={detail.summary.key} />
    </>
  );
}
