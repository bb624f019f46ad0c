import * as z from 'zod/mini';
import type { PolicyAnswer, PolicyBand } from '../../model/app.ts';
import type { ExperimentMeta, LabRun, Matrix } from '../../model/lab.ts';
import { operation } from '../operation.ts';
import { done, listOf, nothing, object, shortText } from '../shapes.ts';

const profile = z.enum(['0.37', '0.40', '0.62', 'intended']);
/** Parameters that are the same in all cells of a matrix. */
const otherParameters = {
  secret_key: z.exactOptional(shortText),
  expired_message: z.exactOptional(shortText),
  cookie_domain: z.exactOptional(shortText),
  cookie_path: z.exactOptional(shortText),
  samesite: z.exactOptional(shortText),
  httponly: z.exactOptional(z.boolean()),
  secure: z.exactOptional(z.boolean()),
};
/** The rest of a question, which is not varied by cell. */
const surroundings = {
  proxyAddress: z.exactOptional(shortText),
  initializer: z.exactOptional(
    z.strictObject({ kind: z.enum(['dict', 'function']), values: z.record(shortText, z.unknown()) }),
  ),
  cleanup: z.enum(['at-request', 'not-due']),
};
const policyQuestion = z.strictObject({
  parameters: z.strictObject({
    timeout: z.union([z.number(), shortText]),
    ignore_expiry: z.boolean(),
    ignore_change_ip: z.boolean(),
    ...otherParameters,
  }),
  profile,
  afterSeconds: z.number(),
  fromAddress: shortText,
  ...surroundings,
});

/** The policy lab: questions to a scratch copy, and experiments on live applications. */
export const lab = {
  'policy.ask': operation({
    sentence: 'Answers a question about a session on a scratch copy of its record with a movable clock.',
    marks: ['reads', 'secrets'],
    request: z.strictObject({ key: shortText, question: policyQuestion }),
    reply: z.object({
      answer: object<PolicyAnswer>(),
      band: object<PolicyBand>(),
      /** The same question to every version of web.py. */
      versions: listOf<PolicyAnswer>(),
    }),
  }),
  'lab.matrix': operation({
    sentence: 'Answers the same question for many parameters at once, for the heat map.',
    marks: ['reads'],
    request: z.strictObject({
      key: shortText,
      question: z.strictObject({
        profiles: z.array(profile).check(z.minLength(1), z.maxLength(4)),
        addresses: z.array(shortText).check(z.minLength(1), z.maxLength(20)),
        timeouts: z.array(z.number()).check(z.minLength(1), z.maxLength(500)),
        ages: z.array(z.number()).check(z.minLength(1), z.maxLength(500)),
        ignore_expiry: z.boolean(),
        ignore_change_ip: z.boolean(),
        others: z.exactOptional(z.strictObject(otherParameters)),
        ...surroundings,
      }),
    }),
    reply: object<Matrix>(),
  }),
  'lab.catalog': operation({
    sentence: 'Lists the experiments of the policy lab.',
    marks: ['reads'],
    request: nothing,
    reply: z.object({ experiments: listOf<ExperimentMeta>() }),
  }),
  /**
   * The answer comes as `lab.changed`. Without `confirmed` an experiment that writes or needs an unsafe method is refused
   * with kind `needs-confirmation`.
   */
  'lab.run': operation({
    sentence: 'Starts experiments on the live application; what they change is put back.',
    marks: ['writes', 'traffic'],
    undo: { never: 'A run puts everything back itself, also after it was cancelled or killed.' },
    request: z.strictObject({
      key: shortText,
      experiments: z.array(shortText).check(z.minLength(1), z.maxLength(100)),
      settings: z.strictObject({
        idleSeconds: z.number(),
        absoluteSeconds: z.nullable(z.number()),
        addressMayChange: z.boolean(),
        addresses: z.array(shortText).check(z.maxLength(20)),
      }),
      verificationFlowId: z.exactOptional(shortText),
      logoutFlowId: z.exactOptional(shortText),
      confirmed: z.boolean(),
    }),
    reply: z.object({ runId: z.string() }),
  }),
  'lab.runs': operation({
    sentence: 'Lists the runs of the policy lab, newest first.',
    marks: ['reads', 'secrets'],
    request: nothing,
    reply: z.object({ runs: listOf<LabRun>() }),
  }),
  'lab.cancel': operation({
    sentence: 'Ends a run of the policy lab and puts back what it changed.',
    marks: ['writes', 'idempotent'],
    undo: { never: 'What a run found up to then stays; it can be started again.' },
    request: z.strictObject({ runId: shortText }),
    reply: done,
  }),
  /** Report with evidence, JUnit, or a policy file to run again. */
  'lab.report': operation({
    sentence: 'Gives a finished run of the policy lab as a document.',
    marks: ['reads', 'secrets'],
    request: z.strictObject({ runId: shortText, form: z.enum(['html', 'json', 'junit', 'policy']) }),
    reply: z.object({ name: z.string(), text: z.string() }),
  }),
} as const;
