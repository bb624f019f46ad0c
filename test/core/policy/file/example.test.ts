import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRecordStore } from '../../../../core/frameworks/stores.ts';
import { openPracticeStore } from '../../../../core/frameworks/webpy/practice/open-practice-store.ts';
import { startPractice } from '../../../../core/frameworks/webpy/practice/start-practice.ts';
import { checkPolicies } from '../../../../core/policy/file/read-policy.ts';
import { OUTCOMES, policySchema, VERDICTS } from '../../../../core/policy/file/schema.ts';
import { snapshot } from '../../../support/lab-harness.ts';
import { type PolicyHarness, policyHarness } from '../../../support/policy-harness.ts';

const docs = readFileSync(fileURLToPath(new URL('../../../../docs/policy-file.md', import.meta.url)), 'utf8');
const example = /```yaml\n(version: 1\n[\s\S]*?)```/.exec(docs)?.[1] ?? '';

describe('docs/policy-file.md', () => {
  let harness: PolicyHarness;
  beforeAll(() => {
    harness = policyHarness();
  });
  afterAll(() => harness.close());

  it('its example is a right policy that needs nothing of its surroundings', () => {
    const { policies, unset } = checkPolicies(example, { file: 'policy.yaml', env: {} });
    expect(unset).toEqual([]);
    expect(policies).toHaveLength(1);
  });

  it('its example runs against the practice site, all as expected; the second run too', async () => {
    const url = `disk:${path.join(harness.folder, 'sessions')}`;
    const store = await openPracticeStore(url);
    const site = await startPractice({ store });
    try {
      expect(example).toContain('http://127.0.0.1:8080');
      const text = example.replace('http://127.0.0.1:8080', site.origin);
      for (const turn of [1, 2]) {
        const [result] = await harness.run(text, { confirmed: false });
        const odd = [...(result?.simulated ?? []), ...(result?.live ?? [])].filter(({ asExpected }) => !asExpected);
        expect(odd, `run ${turn}`).toEqual([]);
        expect(result?.problem).toBeUndefined();
        expect(result?.passed).toBe(true);
        // Only the first request of a process shows the limit.
        const limit = result?.live.find(({ meta }) => meta.id === 'idle-limit')?.outcome;
        expect(limit?.measured?.[0]?.value).toBe(turn === 1 ? 86_400 : undefined);
      }
      const records = await openRecordStore(url);
      expect(await snapshot(records)).toEqual({});
      await records.close();
    } finally {
      await site.close();
      await store.close?.();
    }
  });

  it('the one of the README is right as well', () => {
    const readme = readFileSync(fileURLToPath(new URL('../../../../README.md', import.meta.url)), 'utf8');
    const text = /\n( {4}version: 1\n[\s\S]*?)\n\n/.exec(readme)?.[1]?.replace(/^ {4}/gm, '') ?? '';
    expect(checkPolicies(text, { file: 'policy.yaml', env: {} }).unset).toEqual(['SHOP_PASSWORD', 'DATABASE_URL']);
    const env = { SHOP_PASSWORD: 'x', DATABASE_URL: 'postgres://u:p@db/shop' };
    expect(checkPolicies(text, { file: 'policy.yaml', env }).policies[0]?.live?.expected).toHaveLength(4);
  });

  it('its reference has every key and word of the schema', () => {
    const { target, parameters, simulated, live } = policySchema.shape;
    const keys = [
      ...Object.keys(policySchema.shape),
      ...[target, parameters, live].flatMap((part) => Object.keys(part.unwrap().shape)),
      ...Object.keys(simulated.unwrap().element.shape),
      ...OUTCOMES,
      ...VERDICTS,
    ];
    expect(keys.length).toBeGreaterThan(40);
    const reference = docs.slice(docs.indexOf('## Reference'));
    for (const key of keys) expect(reference, key).toContain(`\`${key}\``);
  });
});
