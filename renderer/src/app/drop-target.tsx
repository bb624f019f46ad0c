import { useEffect, useState } from 'react';
import { useText } from '../i18n/index.ts';
import { useApp } from '../state/app.ts';
import { takeFile } from '../state/dropped-file.ts';
import { droppedPath } from '../state/dropped-path.ts';

/** What is dropped anywhere on the window: a HAR or a file of cookies is read, a folder or database becomes a store. */
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
      // The list of what was dropped is empty as soon as this handler has ended.
      const address = droppedPath(event.dataTransfer);
      const file = event.dataTransfer.files[0];
      void (file === undefined ? Promise.resolve(false) : takeFile(app, file)).then((taken) => {
        if (!taken) void attach(address);
      });
    };
    const attach = async (address: string | null) => {
      if (address === null) {
        app.notify({ level: 'warning', message: t('home.attach.noPath') });
        return;
      }
      const done = await app.attempt(() => app.client.call('stores.attach', { address }));
      if (done === undefined) return;
      app.notify({ level: 'info', message: t('stores.attached', { title: done.store.title }) });
      app.ui({ screen: 'stores', storeId: done.store.storeId, recordId: null });
      void app.refreshDetail();
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
      <span>{t('drop.here')}</span>
    </div>
  );
}
