import { Download } from 'lucide-react';
import { useText } from '../../../i18n/index.ts';
import { useApp } from '../../../state/app.ts';
import { Button } from '../../../ui/button.tsx';

const FORMS = ['policy', 'html', 'json', 'junit'] as const;

/** A finished run as a policy file to run again, and as reports. */
export function SaveButtons({ runId }: { runId: string }) {
  const t = useText();
  const app = useApp();
  const save = (form: (typeof FORMS)[number]) =>
    app.attempt(async () => {
      const { name, text } = await app.client.call('lab.report', { runId, form });
      await app.saveFile(name, { text }, t('file.saved', { name }));
    });
  return (
    <fieldset className="plain-set" aria-label={t('lab.save.label')}>
      {FORMS.map((form) => (
        <Button key={form} small data-testid={`run-save-${form}`} onClick={() => void save(form)}>
          <Download size={13} aria-hidden />
          {t(`lab.save.${form}`)}
        </Button>
      ))}
    </fieldset>
  );
}
