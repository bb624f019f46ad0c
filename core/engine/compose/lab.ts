import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { RecordWatch } from '../../registry/record-watch.ts';
import type { Registry } from '../../registry/registry.ts';
import { labHandlers } from '../handlers/lab.ts';
import { policyHandlers } from '../handlers/policy.ts';
import { proveHandlers } from '../handlers/prove.ts';
import { LabService } from '../lab-service.ts';
import type { MeasuredTimeouts } from '../measured-timeouts.ts';
import { noticeOf } from '../notice-service.ts';
import { JOURNAL_FOLDER, recoverJournals } from '../policy-run/journal-folder.ts';
import type { Base } from './base.ts';
import type { Stores } from './stores.ts';
import type { Traffic } from './traffic.ts';

/** The policy lab: questions to scratch copies, experiments on live applications, and what they have still to undo. */
export function composeLab(
  ports: Base &
    Stores &
    Traffic & { readonly registry: Registry; readonly watch: RecordWatch; readonly timeouts: MeasuredTimeouts },
) {
  const { host, workspace, clock, emitter, notices, bodies, stores, sandboxes, registry, timeouts, watch, replay } =
    ports;
  const lab = new LabService({ registry, timeouts, watch, workspace, stores, emitter, notices, bodies, clock, replay });
  // What a policy that was run by command left behind when it was killed.
  const recovering = recoverJournals(path.join(host.dataFolder, JOURNAL_FOLDER)).then(
    (found) => found.forEach(notices.notify),
    (error: unknown) => notices.notify(noticeOf(error)),
  );
  return {
    handlers: {
      ...labHandlers({ lab }),
      ...policyHandlers({ registry, stores, sandboxes, clock }),
      ...proveHandlers({ registry, watch, stores, workspace, replay, bodies, emitter, newId: randomUUID }),
    },
    /** Undoes what killed runs have left. To be called when the stores are attached. */
    async recover(): Promise<void> {
      for (const notice of await lab.recover()) notices.notify(notice);
    },
    async close() {
      await lab.close();
      await recovering;
    },
  };
}
