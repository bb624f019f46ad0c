import { Plus } from 'lucide-react';
import { useState } from 'react';
import type { RequestOf } from '../../../../core/bridge/contract.ts';
import type { Problem } from '../../../../core/model/problem.ts';
import { useText } from '../../i18n/index.ts';
import { problemOf, useApp } from '../../state/app.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Choice, Field } from '../../ui/field.tsx';
import { ProblemBox } from '../../ui/parts.tsx';
import { actsOf, emptyRule, type RuleAct, type RuleForm, ruleAsk } from './rule-form.ts';

/** The button and the dialog that make a rule; `host` and `cookie` are filled in where they are known. */
export function AddRule({ host = '', cookie = '' }: { host?: string; cookie?: string }) {
  const t = useText();
  const app = useApp();
  const first: RuleForm = { ...emptyRule, host, name: cookie };
  const [open, setOpen] = useState(false);
  const [form, setForm] = useState(first);
  const [problem, setProblem] = useState<Problem | null>(null);
  const change = (part: Partial<RuleForm>) => setForm({ ...form, ...part });
  const add = async () => {
    try {
      await app.client.call('rules.add', ruleAsk(form) as RequestOf<'rules.add'>);
      app.notify({ level: 'info', message: t('rules.added') });
      setOpen(false);
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  const withAttributes = form.kind === 'cookie' && form.on === 'response' && form.act !== 'remove';
  const act = actsOf(form).includes(form.act) ? form.act : 'change';
  return (
    <div>
      <Button
        small
        data-testid="rule-add"
        onClick={() => {
          setForm(first);
          setProblem(null);
          setOpen(true);
        }}
      >
        <Plus size={13} aria-hidden />
        {t('rules.add')}
      </Button>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title={t('rules.add.title')}
        description={t('rules.add.text')}
        testId="rule-dialog"
        foot={
          <>
            <Button onClick={() => setOpen(false)}>{t('common.cancel')}</Button>
            <Button type="submit" form="rule-form" variant="primary" data-testid="rule-submit">
              {t('common.add')}
            </Button>
          </>
        }
      >
        <form
          id="rule-form"
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void add();
          }}
        >
          <div className="row wrapping">
            <Choice label={t('rules.kind')} value={form.kind} testId="rule-kind" onChange={(kind) => change({ kind })}>
              <option value="cookie">{t('rules.kind.cookie')}</option>
              <option value="header">{t('rules.kind.header')}</option>
            </Choice>
            <Choice label={t('rules.on')} value={form.on} testId="rule-on" onChange={(on) => change({ on })}>
              <option value="request">{t('rules.on.request')}</option>
              <option value="response">{t('rules.on.response')}</option>
            </Choice>
            <Choice
              label={t('rules.act')}
              value={act}
              testId="rule-act"
              onChange={(next: RuleAct) => change({ act: next })}
            >
              {actsOf(form).map((one) => (
                <option key={one} value={one}>
                  {t(`rules.act.${one}`)}
                </option>
              ))}
            </Choice>
          </div>
          <Field
            label={t(`rules.name.${form.kind}`)}
            value={form.name}
            testId="rule-name"
            onChange={(name) => change({ name })}
          />
          {(act === 'change' || act === 'set') && (
            <Field
              label={t('rules.value')}
              value={form.value}
              testId="rule-value"
              onChange={(value) => change({ value })}
            />
          )}
          {withAttributes && (
            <>
              <Field
                label={t('rules.attributes')}
                value={form.attributes}
                testId="rule-attributes"
                onChange={(attributes) => change({ attributes })}
              />
              <Field
                label={t('rules.attributes.remove')}
                value={form.removed}
                testId="rule-attributes-remove"
                onChange={(removed) => change({ removed })}
              />
            </>
          )}
          <Field
            label={t('rules.host')}
            value={form.host}
            testId="rule-host"
            onChange={(next) => change({ host: next })}
          />
          <Field label={t('rules.path')} value={form.path} testId="rule-path" onChange={(path) => change({ path })} />
          {problem !== null && <ProblemBox problem={problem} />}
        </form>
      </Dialog>
    </div>
  );
}
