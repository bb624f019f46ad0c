import { LabTab } from '../../features/lab/lab-tab.tsx';
import { SessionsList } from '../../features/sessions/sessions-list.tsx';
import { useText } from '../../i18n/index.ts';
import { useAppState } from '../../state/app.ts';
import { Panes } from '../../ui/panes.tsx';
import { Empty } from '../../ui/parts.tsx';

/** The lab with the list of sessions beside it: pick one, ask. */
export function LabScreen() {
  const t = useText();
  const detail = useAppState((state) => state.detail.detail);
  return (
    <Panes
      name="lab"
      initial={36}
      left={<SessionsList />}
      right={
        detail === null ? (
          <Empty title={t('lab.pick')} text={t('lab.pick.text')} />
        ) : (
          <section className="pane" aria-label={t('lab.title')}>
            <div className="pane-head">
              <h2 className="cut">
                {t('lab.title')} · {detail.summary.host}
              </h2>
            </div>
            <LabTab detail={detail} key={detail.summary.key} />
          </section>
        )
      }
    />
  );
}
