import { FileInput, FolderOpen } from 'lucide-react';
import { useState } from 'react';
import type { Problem } from '../../../core/model/problem.ts';
import { useText } from '../i18n/index.ts';
import { problemOf, useApp, useAppState } from '../state/app.ts';
import { droppedPath } from '../state/dropped-path.ts';
import { Button } from '../ui/button.tsx';
import { Input } from '../ui/controls.tsx';
import { ProblemBox } from '../ui/parts.tsx';

/** One field for store URLs and paths, with the host's file dialogs where it has them. */
export function AttachForm({ onAttached }: { onAttached?: (storeId: string) => void }) {
  const t = useText();
  const app = useApp();
  const canPick = useAppState((state) => state.info?.canPickFiles === true);
  const [address, setAddress] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const [over, setOver] = useState(false);

  const attach = async (wanted: string) => {
    if (wanted.trim() === '') return;
    setBusy(true);
    setProblem(null);
    try {
      const { store } = await app.client.call('stores.attach', { address: wanted.trim() });
      app.notify({ level: 'info', message: t('stores.attached', { title: store.title }) });
      setAddress('');
      void app.refreshDetail();
      onAttached?.(store.storeId);
    } catch (error) {
      setProblem(problemOf(error));
    }
    setBusy(false);
  };
  const pick = async (kind: 'directory' | 'file') => {
    const answer = await app.attempt(() => app.client.call('app.pickFile', { kind, title: t('home.attach') }));
    if (answer?.path == null) return;
    setAddress(answer.path);
    await attach(answer.path);
  };

  return (
    <form
      className="stack"
      data-drop={over}
      onSubmit={(event) => {
        event.preventDefault();
        void attach(address);
      }}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const path = droppedPath(event.dataTransfer);
        if (path === null) {
          setProblem({ kind: 'no-path', message: t('home.attach.noPath') });
          return;
        }
        setAddress(path);
        void attach(path);
      }}
    >
      <div className="row">
        <Input
          className="mono grow"
          aria-label={t('home.attach.field')}
          placeholder={t('home.attach.placeholder')}
          value={address}
          spellCheck={false}
          autoComplete="off"
          aria-invalid={problem !== null}
          data-testid="attach-address"
          onChange={(event) => setAddress(event.target.value)}
        />
        <Button
          type="submit"
          variant={address.trim() === '' ? 'plain' : 'primary'}
          disabled={busy}
          data-testid="attach-submit"
        >
          {t('home.attach.submit')}
        </Button>
      </div>
      {over && <div className="muted">{t('home.attach.drop')}</div>}
      {canPick && (
        <div className="row wrapping">
          <Button onClick={() => void pick('directory')}>
            <FolderOpen size={15} aria-hidden />
            {t('home.attach.folder')}
          </Button>
          <Button onClick={() => void pick('file')}>
            <FileInput size={15} aria-hidden />
            {t('home.attach.file')}
          </Button>
        </div>
      )}
      {problem !== null && <ProblemBox problem={problem} />}
    </form>
  );
}
