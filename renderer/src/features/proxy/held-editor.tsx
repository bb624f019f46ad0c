import { type ReactNode, useEffect, useState } from 'react';
import type { RequestOf } from '../../../../core/bridge/contract.ts';
import type { Problem } from '../../../../core/model/problem.ts';
import type { HeldInfo } from '../../../../core/model/proxy-settings.ts';
import { bytes } from '../../format.ts';
import { useText } from '../../i18n/index.ts';
import { problemOf, useApp } from '../../state/app.ts';
import { Button } from '../../ui/button.tsx';
import { Input, TextArea } from '../../ui/controls.tsx';
import { ProblemBox } from '../../ui/parts.tsx';
import { headerFields, headerText } from './header-text.ts';

type Edit = NonNullable<RequestOf<'intercept.resume'>['edit']>;

/** One held message: its head and body can be changed before it goes on. */
export function HeldEditor({ held, left }: { held: HeldInfo; left: ReactNode }) {
  const t = useText();
  const app = useApp();
  const before = headerText(held.rawHeaders);
  const [method, setMethod] = useState(held.method);
  const [url, setUrl] = useState(held.url);
  const [status, setStatus] = useState(String(held.status ?? ''));
  const [headers, setHeaders] = useState(before);
  /** undefined while it is read. */
  const [kept, setKept] = useState<{ text: string | null; size: number } | undefined>(undefined);
  const [body, setBody] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const { id, bodyEditable } = held;
  useEffect(() => {
    if (!bodyEditable) return;
    let stale = false;
    app.client.call('intercept.body', { id }).then(
      ({ text, size }) => {
        if (stale) return;
        setKept({ text, size });
        setBody(text ?? '');
      },
      (error) => !stale && setProblem(problemOf(error)),
    );
    return () => {
      stale = true;
    };
  }, [app, id, bodyEditable]);
  const read = headerFields(headers);
  const edit: Edit = {
    ...(held.side === 'request' && method !== held.method ? { method } : {}),
    ...(held.side === 'request' && url !== held.url ? { url } : {}),
    ...(held.side === 'response' && Number(status) !== held.status ? { status: Number(status) } : {}),
    ...(headers !== before && 'fields' in read ? { rawHeaders: read.fields } : {}),
    ...(kept?.text != null && body !== kept.text ? { body: { text: body } } : {}),
  };
  const edited = Object.keys(edit).length > 0;
  const act = async (call: () => Promise<unknown>) => {
    try {
      await call();
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  return (
    <form
      className="stack"
      data-testid="held-editor"
      onSubmit={(event) => {
        event.preventDefault();
        void act(() => app.client.call('intercept.resume', edited ? { id, edit } : { id }));
      }}
    >
      <div>
        <strong>{t(`held.${held.side}`)}</strong>{' '}
        <span className="mono wrap">
          {held.method} {held.url}
        </span>
        {left}
      </div>
      {held.side === 'request' ? (
        <div className="row wrapping">
          <label className="field">
            <span className="label">{t('held.method')}</span>
            <Input
              className="mono"
              value={method}
              spellCheck={false}
              onChange={(event) => setMethod(event.target.value)}
            />
          </label>
          <label className="field grow">
            <span className="label">{t('held.url')}</span>
            <Input
              className="mono"
              value={url}
              spellCheck={false}
              data-testid="held-url"
              onChange={(event) => setUrl(event.target.value)}
            />
          </label>
        </div>
      ) : (
        <label className="field">
          <span className="label">{t('held.status')}</span>
          <Input
            className="mono number"
            inputMode="numeric"
            value={status}
            data-testid="held-status"
            onChange={(event) => setStatus(event.target.value)}
          />
        </label>
      )}
      <label className="field">
        <span className="label">{t('held.headers')}</span>
        <TextArea
          className="mono"
          rows={Math.min(14, held.rawHeaders.length / 2 + 1)}
          value={headers}
          spellCheck={false}
          aria-invalid={'wrongLine' in read}
          data-testid="held-headers"
          onChange={(event) => setHeaders(event.target.value)}
        />
        {'wrongLine' in read && <span className="bad">{t('held.headers.wrong', { line: read.wrongLine })}</span>}
      </label>
      {!bodyEditable ? (
        <p className="muted">{t('held.body.none')}</p>
      ) : kept?.text === null ? (
        <p className="muted">{t('held.body.binary', { size: bytes(kept.size) })}</p>
      ) : (
        <label className="field">
          <span className="label">{t('held.body')}</span>
          <TextArea
            className="mono"
            rows={6}
            value={body}
            disabled={kept === undefined}
            spellCheck={false}
            data-testid="held-body"
            onChange={(event) => setBody(event.target.value)}
          />
        </label>
      )}
      {problem !== null && <ProblemBox problem={problem} />}
      <div className="row">
        <Button type="submit" variant="primary" disabled={'wrongLine' in read} data-testid="held-resume">
          {edited ? t('held.resume.edited') : t('held.resume')}
        </Button>
        <Button
          variant="danger"
          data-testid="held-drop"
          onClick={() => void act(() => app.client.call('intercept.drop', { id }))}
        >
          {t('held.drop')}
        </Button>
      </div>
    </form>
  );
}
