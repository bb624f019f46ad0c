import * as z from 'zod/mini';
import type { ProxyInfo, RuleInfo } from '../../model/app.ts';
import type { Breakpoints, CertificateInfo, HeldInfo, ProxySettings } from '../../model/proxy-settings.ts';
import { operation } from '../operation.ts';
import { breakpoints, certificateForm, messageEdit, proxySettingsChange, ruleAsk } from '../proxy-shapes.ts';
import { count, done, listOf, nothing, object, shortText } from '../shapes.ts';

/** The proxy: recording, settings, network, rules, held messages, certificate. */
export const proxy = {
  'proxy.record': operation({
    sentence: 'Starts or pauses recording. What passes meanwhile is counted.',
    marks: ['writes', 'idempotent', 'saved'],
    undo: { by: 'proxy.record' },
    request: z.strictObject({ on: z.boolean() }),
    reply: done,
  }),
  'proxy.settings.get': operation({
    sentence: 'Gives the settings of the proxy, without its secrets.',
    marks: ['reads'],
    request: nothing,
    reply: z.object({ settings: object<ProxySettings>() }),
  }),
  /** What is wrong is refused as a whole, with nothing changed. */
  'proxy.settings.set': operation({
    sentence: 'Changes settings of the proxy, at once and for later starts.',
    marks: ['writes', 'idempotent', 'traffic', 'saved'],
    undo: { by: 'proxy.settings.set' },
    request: proxySettingsChange,
    reply: z.object({ settings: object<ProxySettings>() }),
  }),
  /** The password is saved nowhere. */
  'proxy.network.open': operation({
    sentence: 'Lets other computers use the proxy with a password, until it is closed or the program ends.',
    marks: ['writes', 'traffic'],
    undo: { by: 'proxy.network.close' },
    request: z.strictObject({
      host: shortText,
      port: z.int().check(z.gte(0), z.lte(65_535)),
      user: shortText,
      password: shortText,
    }),
    reply: z.object({ proxy: object<ProxyInfo>() }),
  }),
  'proxy.network.close': operation({
    sentence: 'Closes the proxy to other computers.',
    marks: ['writes', 'idempotent', 'traffic'],
    undo: { by: 'proxy.network.open' },
    request: nothing,
    reply: z.object({ proxy: object<ProxyInfo>() }),
  }),

  'rules.list': operation({
    sentence: 'Lists the rules that change what passes the proxy.',
    marks: ['reads', 'secrets'],
    request: nothing,
    reply: z.object({ rules: listOf<RuleInfo>() }),
  }),
  /** It applies after the rules that are there already. */
  'rules.add': operation({
    sentence: 'Adds a rule that changes cookies or headers of what passes the proxy.',
    marks: ['writes', 'traffic', 'saved'],
    undo: { by: 'rule.remove' },
    request: ruleAsk,
    reply: z.object({ rule: object<RuleInfo>() }),
  }),
  'rule.enable': operation({
    sentence: 'Turns a rule on or off.',
    marks: ['writes', 'idempotent', 'traffic', 'saved'],
    undo: { by: 'rule.enable' },
    request: z.strictObject({ ruleId: shortText, enabled: z.boolean() }),
    reply: done,
  }),
  'rule.remove': operation({
    sentence: 'Removes a rule.',
    marks: ['destroys', 'traffic', 'saved'],
    undo: { by: 'rules.add' },
    request: z.strictObject({ ruleId: shortText }),
    reply: done,
  }),

  'intercept.breakpoints.get': operation({
    sentence: 'Gives the breakpoints at which messages are held.',
    marks: ['reads'],
    request: nothing,
    reply: object<Breakpoints>(),
  }),
  'intercept.breakpoints.set': operation({
    sentence: 'Sets all breakpoints. Messages that are held already stay held.',
    marks: ['writes', 'idempotent', 'traffic', 'saved'],
    undo: { by: 'intercept.breakpoints.set' },
    request: breakpoints,
    reply: object<Breakpoints>(),
  }),
  'intercept.list': operation({
    sentence: 'Lists the messages that are held at breakpoints.',
    marks: ['reads', 'secrets'],
    request: nothing,
    reply: z.object({ held: listOf<HeldInfo>() }),
  }),
  'intercept.body': operation({
    sentence: 'Gives the whole body of a held message without its content coding.',
    marks: ['reads', 'secrets'],
    request: z.strictObject({ id: shortText }),
    reply: z.object({ text: z.nullable(z.string()), base64: z.nullable(z.string()), size: count }),
  }),
  'intercept.resume': operation({
    sentence: 'Resumes a held message, as it is or changed.',
    marks: ['writes', 'traffic'],
    undo: { never: 'A message that was sent cannot be called back.' },
    request: z.strictObject({ id: shortText, edit: z.exactOptional(messageEdit) }),
    reply: done,
  }),
  'intercept.resumeAll': operation({
    sentence: 'Resumes all held messages.',
    marks: ['writes', 'idempotent', 'traffic'],
    undo: { never: 'Messages that were sent cannot be called back.' },
    request: nothing,
    reply: done,
  }),
  'intercept.drop': operation({
    sentence: 'Drops a held message.',
    marks: ['destroys', 'traffic'],
    undo: { never: 'The connection of a dropped message is closed.' },
    request: z.strictObject({ id: shortText }),
    reply: done,
  }),

  /** DER comes as base64. */
  'certificate.export': operation({
    sentence: 'Gives the certificate of the authority, never its key.',
    marks: ['reads'],
    request: z.strictObject({ form: certificateForm }),
    reply: z.object({ name: z.string(), text: z.nullable(z.string()), base64: z.nullable(z.string()) }),
  }),
  /** Browsers that trusted the old one must be given the new one. */
  'certificate.rotate': operation({
    sentence: 'Makes a new certificate authority in place of the old one.',
    marks: ['destroys', 'traffic'],
    undo: { never: 'The old key is deleted; browsers must be given the new certificate.' },
    request: nothing,
    reply: z.object({ certificate: object<CertificateInfo>() }),
  }),
  'certificate.remove': operation({
    sentence: 'Deletes the files of the authority; until the next start one is used that is only in memory.',
    marks: ['destroys', 'traffic'],
    undo: { never: 'The key is deleted; the next start makes a new one.' },
    request: nothing,
    reply: z.object({ certificate: object<CertificateInfo>() }),
  }),
} as const;
