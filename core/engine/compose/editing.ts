import { randomUUID } from 'node:crypto';
import { RecordEditor } from '../../editing/record-editor.ts';
import { Undo } from '../../editing/undo.ts';
import type { EditInfo } from '../../model/app.ts';
import type { Registry } from '../../registry/registry.ts';
import type { BrowserService } from '../browser-service.ts';
import { companionsIn } from '../companions.ts';
import { CookieService } from '../cookie-service.ts';
import { cookieHandlers } from '../handlers/cookies.ts';
import { ruleHandlers } from '../handlers/rules.ts';
import type { Base } from './base.ts';
import type { Stores } from './stores.ts';
import type { Traffic } from './traffic.ts';

type Ports = Base & Stores & Traffic & { readonly registry: Registry; readonly browsers: BrowserService };

/** Edits of records and of cookies, their undo log, and the rules that hold edits on the wire. */
export function composeEditing(ports: Ports) {
  const { workspace, clock, emitter, codec, stores, layers, keys, registry, browsers, traffic, settings, judge } =
    ports;
  const onEdit = (edit: EditInfo): void => {
    emitter.emit('edits.changed', { edits: [edit] });
    const { sessionKey, editId, what, text, state, overwrittenBy, overwrittenAt, overwrittenIn } = edit;
    if (sessionKey === undefined) return;
    const flow = overwrittenIn === undefined ? {} : { flowId: overwrittenIn };
    registry.note(
      sessionKey,
      state === 'overwritten'
        ? { at: overwrittenAt ?? clock(), kind: 'overwritten', editId, by: overwrittenBy ?? 'somebody else', ...flow }
        : { at: clock(), kind: 'edited', editId, edit: what, what: text, undone: state === 'undone' },
    );
    registry.shownAnew(sessionKey);
  };
  const options = {
    log: workspace.edits,
    snapshots: workspace.blobs,
    codec,
    layers: (storeId: string, id: string) => layers.of(storeId, id),
    keys: (storeId: string) => keys.of(`store ${storeId}`),
    store: (storeId: string) => (stores.has(storeId) ? stores.get(storeId) : undefined),
    clock,
    newId: () => randomUUID(),
    expectWrite: (storeId: string, id: string, bytes: Uint8Array) => registry.expectWrite(storeId, id, bytes),
    onEdit,
  };
  const records = new RecordEditor(options);
  const undo = new Undo(options);
  const cookies = new CookieService({
    log: workspace.edits,
    clock,
    newId: () => randomUUID(),
    jars: () => browsers.jars(),
    onEdit,
    describeFlow: (flowId) => {
      // Called while the answer passes: the flow itself may still wait to be passed on.
      traffic.settle();
      const flow = workspace.flows.summary(flowId);
      return flow === undefined ? `flow ${flowId}` : `${flow.method} ${flow.url}`;
    },
  });
  registry.showEdits((session) => cookies.held(session));
  const rulesChanged = (): void =>
    emitter.emit('rules.changed', { rules: [...cookies.rules(), ...settings.rules.list()] });
  cookies.onRulesChange(rulesChanged);
  settings.rules.onChange(rulesChanged);
  return {
    service: { records, undo, cookies },
    hooks: { beforeRecorder: cookies.wire.requestHooks, behindRecorder: cookies.wire.responseHooks },
    handlers: {
      ...cookieHandlers({ registry, cookies, judge, companionsOf: companionsIn((id) => workspace.flows.get(id)) }),
      ...ruleHandlers({ cookies, rules: settings.rules }),
    },
  };
}
export type Editing = ReturnType<typeof composeEditing>['service'];
