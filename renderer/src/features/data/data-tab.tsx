import { useMemo } from 'react';
import type { SessionDetail } from '../../../../core/model/app.ts';
import { useText } from '../../i18n/index.ts';
import { FindStores } from '../../parts/find-stores.tsx';
import { RecordEditor } from '../../parts/value/record-editor.tsx';
import { type Companions, ValueInside } from '../../parts/value/value-inside.tsx';
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
  if (record === null && recordProblem?.kind === 'data-in-cookie') return <DataInValue detail={detail} />;
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
        {foreign === undefined && <FindStores sessionKey={detail.summary.key} />}
        {foreign === undefined && (
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

/** The data stands in the value itself: it is shown without a store, and changed where the cookie is. */
function DataInValue({ detail }: { detail: SessionDetail }) {
  const t = useText();
  const app = useApp();
  const { summary, cookie, standing } = detail;
  const around = useMemo(() => ({ sessionKey: summary.key }), [summary.key]);
  const value = summary.carrier.kind === 'cookie' ? (standing?.now?.value ?? cookie?.value ?? summary.id) : summary.id;
  return (
    <div className="scroll" data-testid="data-in-value">
      <div className="section row wrapping">
        <span className="grow">{t('values.inCookie')}</span>
        {summary.carrier.kind === 'cookie' && (
          <Button data-testid="data-in-cookie" onClick={() => app.ui({ tab: 'cookie' })}>
            {t('values.inCookie.edit')}
          </Button>
        )}
      </div>
      <ValueInside
        draftId={`look ${summary.key}`}
        value={value}
        companions={NONE}
        around={around}
        keysOf={summary.host}
        withPlain
      />
    </div>
  );
}

const NONE: Companions = {};
