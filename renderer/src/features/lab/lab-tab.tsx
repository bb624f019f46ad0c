import { Tabs } from '@base-ui/react/tabs';
import { type ReactNode, useState } from 'react';
import type { SessionDetail } from '../../../../core/model/app.ts';
import { useText } from '../../i18n/index.ts';
import { useApp } from '../../state/app.ts';
import { defaultPolicyForm, type PolicyForm } from '../../state/policy-form.ts';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/parts.tsx';
import { LabAsk } from './lab-ask.tsx';
import { LabMatrix } from './lab-matrix.tsx';
import { type LabPart, labParts, useLabPart } from './lab-part.ts';
import { LabLive } from './live/lab-live.tsx';
import { defaultLiveForm, type LiveForm } from './live/live-form.ts';
import { defaultMatrixForm, type MatrixForm } from './matrix-form.ts';
import { ownAddress } from './own-address.ts';

/** The lab for one session: a single question, all of them as a matrix, and the experiments on the live application. */
export function LabTab({ detail }: { detail: SessionDetail }) {
  const t = useText();
  const [part, setPart] = useLabPart();
  const address = ownAddress(detail);
  const [form, setForm] = useState<PolicyForm>(() => ({ ...defaultPolicyForm, address }));
  const [matrixForm, setMatrixForm] = useState<MatrixForm>(() => ({
    ...defaultMatrixForm,
    addresses: `${address}, ${address === '127.0.0.2' ? '127.0.0.1' : '127.0.0.2'}`,
  }));
  const [live, setLive] = useState<LiveForm>(defaultLiveForm);
  const revision = detail.record?.revision ?? null;
  const panels: Record<LabPart, () => ReactNode> = {
    ask: () =>
      revision === null ? <NoRecord /> : <LabAsk detail={detail} revision={revision} form={form} setForm={setForm} />,
    matrix: () =>
      revision === null ? (
        <NoRecord />
      ) : (
        <LabMatrix
          detail={detail}
          revision={revision}
          form={matrixForm}
          setForm={setMatrixForm}
          shared={form}
          setShared={setForm}
          onAsk={(next) => {
            setForm(next);
            setPart('ask');
          }}
        />
      ),
    live: () => <LabLive detail={detail} form={live} setForm={setLive} />,
  };
  return (
    <Tabs.Root className="tabs" value={part} onValueChange={(next: LabPart) => setPart(next)}>
      <Tabs.List className="tab-list sub" aria-label={t('lab.parts')} activateOnFocus>
        {labParts.map((one) => (
          <Tabs.Tab key={one} value={one} className="tab" data-testid={`lab-${one}`}>
            {t(`lab.part.${one}`)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value={part} className="tab-panel" key={part} tabIndex={-1}>
        {panels[part]()}
      </Tabs.Panel>
    </Tabs.Root>
  );
}

function NoRecord() {
  const t = useText();
  const app = useApp();
  const [, setPart] = useLabPart();
  return (
    <Empty title={t('lab.noRecord')} text={t('lab.noRecord.text')}>
      <Button onClick={() => app.go('stores')}>{t('inspector.attach')}</Button>
      <Button data-testid="lab-go-live" onClick={() => setPart('live')}>
        {t('lab.part.live')}
      </Button>
    </Empty>
  );
}
