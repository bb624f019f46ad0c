import { errorLine } from '../../../python/python-error.ts';
import type { FlowReport, StoreCall } from './flow-report.ts';
import type { Store } from './store.ts';

/** `id in store`, noted in the report. */
export async function contains(report: FlowReport | undefined, store: Store, id: string): Promise<boolean> {
  try {
    const found = await store.contains(id);
    report?.storeCalls.push({ call: 'contains', id, found });
    return found;
  } catch (error) {
    report?.storeCalls.push({ call: 'contains', id, error: errorLine(error) });
    throw error;
  }
}

/** Any other call to the store, noted in the report with what it raised. */
export async function recorded<T>(report: FlowReport | undefined, call: StoreCall, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work();
    report?.storeCalls.push(call);
    return result;
  } catch (error) {
    report?.storeCalls.push({ ...call, error: errorLine(error) });
    throw error;
  }
}
