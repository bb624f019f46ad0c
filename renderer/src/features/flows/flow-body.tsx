import { useEffect, useMemo, useState } from 'react';
import type { BodyView } from '../../../../core/model/app.ts';
import type { Problem } from '../../../../core/model/problem.ts';
import { visible } from '../../../../core/model/visible.ts';
import { bytes } from '../../format.ts';
import { useText } from '../../i18n/index.ts';
import { HexList } from '../../parts/raw/hex-list.tsx';
import { problemOf, useApp } from '../../state/app.ts';
import { type BodyForm, bytesOfBody, formFields, formsOf, prettyJson, readableHtml } from '../../state/body-forms.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton, ProblemBox } from '../../ui/parts.tsx';
import { Segments } from '../../ui/segments.tsx';

/** Bodies up to this size are shown at once; a larger one is asked for. */
const AT_ONCE = 1_000_000;
const MOST_SHOWN = 200_000;

/** The body of one side of a flow, in the most readable form that it has. */
export function FlowBody({ id, side, size }: { id: string; side: 'request' | 'response'; size: number }) {
  const t = useText();
  const app = useApp();
  const [body, setBody] = useState<BodyView | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [wanted, setWanted] = useState(false);
  const load = size > 0 && (wanted || size <= AT_ONCE);
  useEffect(() => {
    if (!load) return;
    let stale = false;
    app.client.call('flow.body', { id, part: side }).then(
      (answer) => {
        if (stale) return;
        setBody(answer);
        setProblem(null);
      },
      (error) => !stale && setProblem(problemOf(error)),
    );
    return () => {
      stale = true;
    };
  }, [app, id, side, load]);
  if (size === 0) return <p className="muted">{t('flows.body.empty')}</p>;
  if (!load) {
    return (
      <div>
        <Button small data-testid={`flow-body-${side}`} onClick={() => setWanted(true)}>
          {t('flows.body.show', { size: bytes(size) })}
        </Button>
      </div>
    );
  }
  if (problem !== null) return <ProblemBox problem={problem} />;
  if (body === null) return <p className="muted">{t('common.loading')}</p>;
  return <Shown body={body} side={side} />;
}

function Shown({ body, side }: { body: BodyView; side: 'request' | 'response' }) {
  const t = useText();
  const forms = useMemo(() => formsOf(body), [body]);
  const [chosen, setChosen] = useState<BodyForm | null>(null);
  const form = chosen !== null && forms.includes(chosen) ? chosen : (forms[0] ?? 'hex');
  const facts = [body.contentType, body.contentEncoding, bytes(body.size)].filter((one) => one !== null && one !== '');
  return (
    <div className="stack" data-testid={`body-${side}`} data-form={form}>
      <div className="row wrapping">
        <span className="muted grow wrap">{facts.map((fact) => visible(fact ?? '')).join(' · ')}</span>
        {body.text !== undefined && <CopyButton value={body.text} label={t('flows.body.copy')} small />}
        {forms.length > 1 && (
          <Segments
            label={t(`flows.body.form.${side}`)}
            value={form}
            options={forms.map((one) => ({ value: one, label: t(`flows.body.form.${one}`) }))}
            onChange={setChosen}
            testId={`body-form-${side}`}
          />
        )}
      </div>
      {body.problem !== undefined && <ProblemBox problem={body.problem} level="warning" />}
      {body.truncated && (
        <div className="warn">{t('flows.body.truncated', { kept: bytes(body.kept), size: bytes(body.size) })}</div>
      )}
      <Contents body={body} form={form} />
    </div>
  );
}

function Contents({ body, form }: { body: BodyView; form: BodyForm }) {
  const t = useText();
  const { text = '' } = body;
  switch (form) {
    case 'image':
      return (
        <img
          className="body-image"
          alt={t('flows.body.image', { type: body.contentType ?? '' })}
          src={`data:${body.contentType?.split(';')[0]};base64,${body.base64}`}
        />
      );
    case 'form':
      return (
        <dl className="facts mono">
          {formFields(text).map(({ name, value }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: fields may be equal; their place is their name
            <Field key={index} name={name} value={value} />
          ))}
        </dl>
      );
    case 'hex':
      return (
        <div className="body-hex">
          <HexList bytes={bytesOfBody(body)} span={null} />
        </div>
      );
    default: {
      const shown = form === 'json' ? prettyJson(text) : form === 'readable' ? readableHtml(text) : text;
      return <pre className="code">{shown?.slice(0, MOST_SHOWN)}</pre>;
    }
  }
}

function Field({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{visible(name)}</dt>
      <dd>{visible(value)}</dd>
    </>
  );
}
