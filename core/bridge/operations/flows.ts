import * as z from 'zod/mini';
import type { BodyView, FlowDetail } from '../../model/app.ts';
import type { Diagnosis } from '../../model/diagnosis.ts';
import type { FlowSummary } from '../../model/flow.ts';
import type { FrameView } from '../../model/proxy-settings.ts';
import { operation } from '../operation.ts';
import { replayAsk } from '../proxy-shapes.ts';
import { count, listOf, object, shortText } from '../shapes.ts';

/** Recorded flows. */
export const flows = {
  'flows.list': operation({
    sentence: 'Lists recorded flows, newest first.',
    marks: ['reads', 'secrets'],
    /** `hideOwn`: without what experiments of the debugger sent, unless the filter asks for it. */
    request: z.strictObject({
      filter: z.exactOptional(shortText),
      before: z.exactOptional(shortText),
      limit: count,
      hideOwn: z.exactOptional(z.boolean()),
      /** Names the list that it is for: a newer question of the same list ends this one with kind `superseded`. */
      lane: z.exactOptional(shortText),
    }),
    /** `about`: the total was reckoned from a part of the flows. */
    reply: z.object({ flows: listOf<FlowSummary>(), total: count, about: z.exactOptional(z.literal(true)) }),
  }),
  'flow.detail': operation({
    sentence: 'Gives one flow with its heads and the cookies in it.',
    marks: ['reads', 'secrets'],
    request: z.strictObject({ id: shortText }),
    reply: z.object({ detail: z.nullable(object<FlowDetail>()) }),
  }),
  'flow.why': operation({
    sentence: 'Explains why a request was answered with a login page or refused.',
    marks: ['reads', 'secrets'],
    request: z.strictObject({ id: shortText }),
    reply: object<Diagnosis>(),
  }),
  'flow.body': operation({
    sentence: 'Gives a recorded body without its content coding.',
    marks: ['reads', 'secrets'],
    request: z.strictObject({ id: shortText, part: z.enum(['request', 'response']) }),
    reply: object<BodyView>(),
  }),
  'flow.frames': operation({
    sentence: 'Gives the frames that were recorded of a WebSocket.',
    marks: ['reads', 'secrets'],
    request: z.strictObject({ id: shortText }),
    reply: z.object({ frames: listOf<FrameView>(), total: count }),
  }),
  /**
   * `cookies` and `headers` replace values by name, null leaves one out. `flowIds` are the new flows in order of time and
   * hop, `flowId` the last of them. `method`, `url`, `body`: other than recorded.
   */
  'flow.replay': operation({
    sentence: 'Sends a recorded request again, as it was or changed.',
    marks: ['writes', 'traffic'],
    undo: { never: 'A request that was sent cannot be called back.' },
    request: replayAsk,
    reply: z.object({ flowId: z.string(), flowIds: z.array(z.string()) }),
  }),
} as const;
