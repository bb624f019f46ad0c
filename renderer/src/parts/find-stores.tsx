import { Search } from 'lucide-react';
import { useState } from 'react';
import type { ReplyOf } from '../../../core/bridge/contract.ts';
import type { Problem } from '../../../core/model/problem.ts';
import { useText } from '../i18n/index.ts';
import { problemOf, useApp } from '../state/app.ts';
import { Button } from '../ui/button.tsx';
import { Input } from '../ui/controls.tsx';
import { ProblemBox } from '../ui/parts.tsx';

/** Finds the stores of an application by its process; one click attaches. Of a session, or of an address that is typed. */
export function FindStores({
  sessionKey,
  onAttached,
}: {
  sessionKey?: string;
  onAttached?: (storeId: string) => void;
}) {
  const t = useText();
  const app = useApp();
  const [origin, setOrigin] = useState('http://127.0.0.1:8080');
  const [busy, setBusy] = useState(false);
  const [found, setFound] = useState<ReplyOf<'stores.find'> | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);

  const attempt = async (work: () => Promise<void>) => {
    setBusy(true);
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(problemOf(error));
    }
    setBusy(false);
  };
  const find = () =>
    attempt(async () =>
      setFound(await app.client.call('stores.find', sessionKey === undefined ? { origin } : { key: sessionKey })),
    );
  const attach = (address: string) =>
    attempt(async () => {
      const { store } = await app.client.call('stores.attach', { address });
      app.notify({ level: 'info', message: t('stores.attached', { title: store.title }) });
      setFound(null);
      void app.refreshDetail();
      onAttached?.(store.storeId);
    });

  return (
    <div className="stack" data-testid="find-stores">
      <form
        className="row wrapping"
        onSubmit={(event) => {
          event.preventDefault();
          void find();
        }}
      >
        {sessionKey === undefined && (
          <Input
            className="mono grow"
            aria-label={t('stores.find.field')}
            value={origin}
            spellCheck={false}
            onChange={(event) => setOrigin(event.target.value)}
          />
        )}
        <Button type="submit" disabled={busy} data-testid="find-stores-start">
          <Search size={15} aria-hidden />
          {t('stores.find')}
        </Button>
      </form>
      {busy && found === null && <div className="muted">{t('stores.find.searching')}</div>}
      {problem !== null && <ProblemBox problem={problem} />}
      {found?.processes.map(({ pid, command }) => (
        <div key={pid} className="muted cut">
          {t('stores.find.process', { pid, command })}
        </div>
      ))}
      {found !== null && found.stores.length === 0 && found.processes.length > 0 && <div>{t('stores.find.none')}</div>}
      {found?.notes.map((text) => (
        <div key={text}>{text}</div>
      ))}
      {found?.stores.map((one) => (
        <div key={one.url} className="stack" data-testid="found-store">
          <span className="mono cut">{one.url}</span>
          <span className="muted">
            {[
              one.layout ?? t('stores.find.unknownLayout'),
              ...(one.records === null ? [] : [t('stores.records.count', { count: one.records })]),
              ...one.reasons,
            ].join(' · ')}
          </span>
          {one.first.length > 0 && <span className="mono muted cut">{one.first.join(' · ')}</span>}
          {one.contains !== null && <span>{t(one.contains ? 'stores.find.contains' : 'stores.find.containsNot')}</span>}
          {one.problem === null ? (
            <div>
              <Button
                small
                {...(one.contains === true && { variant: 'primary' })}
                disabled={busy}
                aria-label={t('stores.find.attach', { url: one.url })}
                data-testid="found-store-attach"
                onClick={() => void attach(one.address)}
              >
                {t('home.attach.submit')}
              </Button>
            </div>
          ) : (
            <ProblemBox problem={one.problem} />
          )}
        </div>
      ))}
    </div>
  );
}
