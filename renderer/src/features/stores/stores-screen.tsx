import { Unplug } from 'lucide-react';
import { useState } from 'react';
import { useText } from '../../i18n/index.ts';
import { AttachForm } from '../../parts/attach-form.tsx';
import { FindStores } from '../../parts/find-stores.tsx';
import { useApp, useAppState } from '../../state/app.ts';
import { BareButton, Button, IconButton } from '../../ui/button.tsx';
import { Panes } from '../../ui/panes.tsx';
import { Empty, ProblemBox } from '../../ui/parts.tsx';
import { RecordPane } from './record-pane.tsx';
import { RecordsList } from './records-list.tsx';

/** Attached stores, their records, and any record opened with or without a sighted session. */
export function StoresScreen() {
  const t = useText();
  const app = useApp();
  const stores = useAppState((state) => state.stores);
  const chosen = useAppState((state) => state.ui.storeId);
  const recordId = useAppState((state) => state.ui.recordId);
  const [attaching, setAttaching] = useState(false);
  const store = stores.find((one) => one.storeId === chosen) ?? stores[0];
  const left = (
    <section className="pane" aria-label={t('stores.title')}>
      <div className="pane-head">
        <h2 className="grow">{t('stores.title')}</h2>
        <Button
          small
          aria-expanded={attaching || stores.length === 0}
          data-testid="stores-attach"
          onClick={() => setAttaching(!attaching)}
        >
          {t('stores.attach')}
        </Button>
      </div>
      {(attaching || stores.length === 0) && (
        <div className="section">
          <AttachForm
            onAttached={(storeId) => {
              setAttaching(false);
              app.ui({ storeId, recordId: null });
            }}
          />
          <FindStores
            onAttached={(storeId) => {
              setAttaching(false);
              app.ui({ storeId, recordId: null });
            }}
          />
        </div>
      )}
      {stores.length === 0 && <Empty title={t('stores.empty.title')} text={t('stores.empty.text')} />}
      <ul aria-label={t('stores.list')} className="stores-list">
        {stores.map((one) => (
          <li key={one.storeId}>
            <div className="row store-line">
              <BareButton
                className="store-item"
                aria-current={one.storeId === store?.storeId}
                data-testid="store-item"
                onClick={() => app.ui({ storeId: one.storeId, recordId: null })}
              >
                <span className="row">
                  <strong className="cut">{one.title}</strong>
                  <span className="tag">{one.kind}</span>
                  <span className="tag">{one.canWrite ? t('stores.canWrite') : t('stores.readOnly')}</span>
                </span>
                <span className="mono muted cut">{one.url}</span>
                <span className="muted">
                  {[one.records === null ? null : t('stores.records.count', { count: one.records }), one.watch]
                    .filter((part) => part !== null && part !== '')
                    .join(' · ')}
                </span>
              </BareButton>
              <IconButton
                aria-label={t('stores.detach', { title: one.title })}
                title={t('stores.detach', { title: one.title })}
                onClick={() => void app.attempt(() => app.client.call('stores.detach', { storeId: one.storeId }))}
              >
                <Unplug size={15} aria-hidden />
              </IconButton>
            </div>
            {one.problem !== undefined && (
              <div className="store-problem">
                <ProblemBox problem={one.problem} />
              </div>
            )}
          </li>
        ))}
      </ul>
      {store !== undefined && store.problem === undefined && (
        <RecordsList
          key={store.storeId}
          store={store}
          selected={recordId}
          onSelect={(id) => app.ui({ storeId: store.storeId, recordId: id })}
        />
      )}
    </section>
  );
  return (
    <Panes
      name="stores"
      initial={44}
      left={left}
      right={
        store === undefined || recordId === null ? (
          <Empty title={t('stores.record')} text={t('stores.record.select')} />
        ) : (
          <RecordPane key={`${store.storeId} ${recordId}`} storeId={store.storeId} id={recordId} />
        )
      }
    />
  );
}
