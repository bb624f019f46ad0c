import { useEffect, useMemo, useState } from 'react';
import type { CookieApplied, CookiePreview, SessionDetail } from '../../../../core/model/app.ts';
import type { Problem } from '../../../../core/model/problem.ts';
import { shortId } from '../../format.ts';
import { useText } from '../../i18n/index.ts';
import { AddRule } from '../../parts/rules/add-rule.tsx';
import { RulesList } from '../../parts/rules/rules-list.tsx';
import { type Companions, ValueInside } from '../../parts/value/value-inside.tsx';
import { problemOf, useApp, useAppState } from '../../state/app.ts';
import { type CookieForm, cookieChange, cookieForm } from '../../state/cookie-form.ts';
import { Button } from '../../ui/button.tsx';
import { Empty, ProblemBox } from '../../ui/parts.tsx';
import { CookieFields } from './cookie-fields.tsx';
import { CookieFiles } from './cookie-files.tsx';
import { CookieTruth } from './cookie-truth.tsx';
import { type Judged, Judgement } from './judgement.tsx';

/** The cookie with every attribute, what a browser does with it, and edits that reach wire and browser. */
export function CookieTab({ detail }: { detail: SessionDetail }) {
  const t = useText();
  const { summary, cookie, browserCookie, standing } = detail;
  const { carrier } = summary;
  if (carrier.kind !== 'cookie') {
    const where =
      carrier.kind === 'header'
        ? t('cookie.carrier.header', { name: carrier.name })
        : t('cookie.carrier.url', { name: carrier.parameter });
    return <Empty title={t('cookie.notCookie')} text={t('cookie.notCookie.text', { where })} />;
  }
  return (
    <div className="scroll">
      {cookie === null && (
        <div className="section">
          <ProblemBox
            level="info"
            problem={{ kind: 'no-set-cookie', message: t('cookie.none'), remedy: t('cookie.none.text') }}
          />
        </div>
      )}
      <CookieTruth detail={detail} />
      <CookieEditor key={summary.key} detail={detail} />
      {browserCookie !== undefined && standing?.from !== 'jar' && (
        <div className="section">
          <h3>{t('cookie.browser')}</h3>
          <p>
            {browserCookie.value === (cookie?.value ?? summary.id)
              ? t('cookie.browser.same')
              : t('cookie.browser.other', { value: shortId(browserCookie.value) })}
          </p>
        </div>
      )}
      <div className="section">
        <h3>{t('cookie.rules')}</h3>
        <RulesList host={summary.host} />
        <AddRule host={summary.host} cookie={carrier.name} />
      </div>
      <CookieFiles sessionKey={summary.key} />
    </div>
  );
}

const NONE: Companions = {};

function CookieEditor({ detail }: { detail: SessionDetail }) {
  const t = useText();
  const app = useApp();
  const { summary, standing } = detail;
  // What the browser has now, whoever gave it: the fields, the verdict and the text refer to the same cookie.
  const cookie = standing?.now ?? detail.cookie;
  const original = useMemo(() => cookieForm(cookie, summary.id), [cookie, summary.id]);
  const [form, setForm] = useState<CookieForm>(original);
  const [touched, setTouched] = useState(false);
  const [preview, setPreview] = useState<CookiePreview | null>(null);
  const [applied, setApplied] = useState<CookieApplied | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [judged, setJudged] = useState<Judged | null>(null);
  const [companions, setCompanions] = useState<Companions>(NONE);
  const around = useMemo(() => ({ sessionKey: summary.key }), [summary.key]);
  const own = cookieChange(original, form);
  const change =
    own?.value === undefined || Object.keys(companions).length === 0 ? own : { ...own, companions: { ...companions } };
  const edit = useAppState((state) =>
    state.edits.find((one) => one.sessionKey === summary.key && one.what === 'cookie' && one.state === 'applied'),
  );

  // While nothing was typed the fields follow the cookie.
  useEffect(() => {
    if (!touched) setForm(original);
  }, [original, touched]);

  const setCookie = cookie?.setCookie;
  const url = detail.flows[0]?.url ?? `http://${summary.host}/`;
  useEffect(() => {
    if (setCookie === undefined) return;
    let stale = false;
    app.client.call('cookie.judge', { setCookie, url }).then(
      (answer) => !stale && setJudged(answer),
      () => {},
    );
    return () => {
      stale = true;
    };
  }, [app, setCookie, url]);

  const put = (next: Partial<CookieForm>) => {
    setForm({ ...form, ...next });
    setTouched(true);
    // A value that is typed by hand has no companions that fit.
    if (next.value !== undefined) setCompanions(NONE);
    setPreview(null);
  };
  const guarded = async (act: () => Promise<void>) => {
    setProblem(null);
    try {
      await act();
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  const reset = () => {
    setTouched(false);
    setCompanions(NONE);
    setPreview(null);
    setProblem(null);
  };
  const ask = () =>
    guarded(async () => {
      if (change !== null) setPreview(await app.client.call('cookie.preview', { key: summary.key, change }));
    });
  const apply = () =>
    guarded(async () => {
      if (change === null) return;
      const answer = await app.client.call('cookie.apply', { key: summary.key, change });
      reset();
      setApplied(answer);
      app.notify({
        level: 'info',
        message: t('data.written', {
          text: `${t('tab.cookie')} ${summary.carrier.kind === 'cookie' ? summary.carrier.name : ''}`,
        }),
        actions: app.undoActions(answer.editId),
      });
      await app.refreshDetail();
    });

  const shown: Judged | null = preview?.judgement ?? judged;
  return (
    <>
      <ValueInside
        draftId={summary.key}
        around={around}
        keysOf={summary.host}
        value={form.value}
        companions={companions}
        onValue={(value, made) => {
          put({ value });
          setCompanions(made);
        }}
      />
      <form
        className="section"
        aria-label={t('tab.cookie')}
        onSubmit={(event) => {
          event.preventDefault();
          void ask();
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && touched) reset();
        }}
      >
        <CookieFields detail={detail} form={form} put={put} />
        <div className="row wrapping">
          <Button type="submit" disabled={change === null} data-testid="cookie-preview">
            {t('cookie.preview')}
          </Button>
          <Button variant="primary" disabled={change === null} data-testid="cookie-apply" onClick={() => void apply()}>
            {t('cookie.apply')}
          </Button>
          {change !== null && (
            <Button variant="quiet" onClick={reset}>
              {t('cookie.revert')}
            </Button>
          )}
          <span className="grow" />
          <Button
            disabled={edit === undefined}
            title={edit === undefined ? undefined : edit.text}
            data-testid="cookie-undo"
            onClick={() => edit !== undefined && void app.undo(edit.editId)}
          >
            {t('cookie.undo')}
          </Button>
        </div>
        {problem !== null && <ProblemBox problem={problem} />}
        {applied !== null && edit?.editId === applied.editId && (
          <div className="problem info" role="status" data-testid="cookie-applied">
            <div>
              <strong>{t('cookie.applied')}</strong>
              <ul className="reasons">
                {applied.appliedTo.map((place) => (
                  <li key={place}>{place}</li>
                ))}
              </ul>
            </div>
          </div>
        )}
      </form>
      <div className="section" data-testid="cookie-raw">
        <h3>{t('cookie.raw')}</h3>
        {preview === null ? (
          <pre className="code">{cookie?.setCookie ?? t('cookie.absent')}</pre>
        ) : (
          <>
            <pre className="code">
              <span className="sr">{t('common.before')} </span>
              <del className="was">{preview.before}</del>
            </pre>
            <pre className="code" data-testid="cookie-after">
              <span className="sr">{t('common.after')} </span>
              <ins className="becomes">{preview.after}</ins>
            </pre>
            {preview.notes.map((note) => (
              <ProblemBox key={note} level="info" problem={{ kind: 'note', message: note }} />
            ))}
          </>
        )}
        {shown !== null && <Judgement judged={shown} />}
      </div>
    </>
  );
}
