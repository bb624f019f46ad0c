import { useEffect, useState } from 'react';
import { useText } from '../i18n/index.ts';
import { useApp } from '../state/app.ts';
import { droppedPath } from '../state/dropped-path.ts';

/** A folder or database file that is dropped anywhere on the window is attached as a store. */
export function DropTarget() {
  const t = useText();
  const app = useApp();
  const [over, setOver] = useState(false);
  useEffect(() => {
    const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;
    const onOver = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const onLeave = (event: DragEvent) => {
      // Between two elements there is another target; outside of the window there is none.
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent) => {
      setOver(false);
      if (event.defaultPrevented || !carriesFiles(event) || event.dataTransfer === null) return;
      event.preventDefault();
      const address = droppedPath(event.dataTransfer);
      if (address === null) {
        app.notify({ level: 'warning', message: t('home.attach.noPath') });
        return;
      }
      void app
        .attempt(() => app.client.call('stores.attach', { address }))
        .then((done) => {
          if (done === undefined) return;
          app.notify({ level: 'info', message: t('stores.attached', { title: done.store.title }) });
          app.ui({ screen: 'stores', storeId: done.store.storeId, recordId: null });
          void app.refreshDetail();
        });
    };
    window.addEventListener('dragover', onOver);
    window.addEventListener('dragleave', onLeave);
    window.addEventListener('drop', onDrop);
    return () => {
      window.removeEventListener('dragover', onOver);
      window.removeEventListener('dragleave', onLeave);
      window.removeEventListener('drop', onDrop);
    };
  }, [app, t]);
  if (!over) return null;
  return (
    <div className="drop-target" data-testid="drop-target">
      <span>{t('home.attach.drop')}</span>
    </div>
  );
}
