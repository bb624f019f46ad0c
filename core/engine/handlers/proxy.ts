import { Buffer } from 'node:buffer';
import type { Handlers, RequestOf } from '../../bridge/contract.ts';
import type { MessageEdit } from '../../proxy/intercept/intercept.ts';
import type { Parts } from '../parts.ts';

type Names =
  | 'proxy.settings.get'
  | 'proxy.settings.set'
  | 'rules.list'
  | 'rules.add'
  | 'rule.enable'
  | 'rule.remove'
  | 'intercept.breakpoints.get'
  | 'intercept.breakpoints.set'
  | 'intercept.list'
  | 'intercept.body'
  | 'intercept.resume'
  | 'intercept.resumeAll'
  | 'intercept.drop'
  | 'certificate.export'
  | 'certificate.rotate'
  | 'certificate.remove';

/** The proxy's settings, its rules, the messages that are held, and the certificate authority. */
export function proxyHandlers({ proxyService, cookies, authority, emitter }: Parts): Pick<Handlers, Names> {
  const { rules, intercept } = proxyService;
  return {
    'proxy.settings.get': async () => ({ settings: proxyService.settings }),
    'proxy.settings.set': async (change) => {
      const settings = await proxyService.change(change);
      emitter.emit('proxy.settings.changed', { settings });
      return { settings };
    },

    // Rules of cookie edits and rules that a person made are one list.
    'rules.list': async () => ({ rules: [...cookies.rules(), ...rules.list()] }),
    'rules.add': async (ask) => ({ rule: rules.add(ask) }),
    'rule.enable': async ({ ruleId, enabled }) => {
      if (rules.has(ruleId)) rules.enable(ruleId, enabled);
      else cookies.enable(ruleId, enabled);
      return {};
    },
    'rule.remove': async ({ ruleId }) => {
      if (rules.has(ruleId)) rules.remove(ruleId);
      else await cookies.undo(ruleId);
      return {};
    },

    'intercept.breakpoints.get': async () => proxyService.breakpoints,
    'intercept.breakpoints.set': async (next) => proxyService.setBreakpoints(next),
    'intercept.list': async () => ({ held: intercept.list() }),
    'intercept.body': async ({ id }) => {
      const bytes = await intercept.body(id);
      const text = bytes.toString('utf8');
      // What is no UTF-8 would come back changed.
      return Buffer.from(text, 'utf8').equals(bytes)
        ? { text, base64: null, size: bytes.length }
        : { text: null, base64: bytes.toString('base64'), size: bytes.length };
    },
    'intercept.resume': async ({ id, edit }) => {
      await intercept.resume(id, edit === undefined ? undefined : messageEdit(edit));
      return {};
    },
    'intercept.resumeAll': async () => {
      intercept.resumeAll();
      return {};
    },
    'intercept.drop': async ({ id }) => {
      intercept.drop(id);
      return {};
    },

    'certificate.export': async ({ form }) => {
      const bytes = authority.export(form);
      return form === 'pem'
        ? { name: 'sessionscope.pem', text: bytes.toString(), base64: null }
        : { name: 'sessionscope.cer', text: null, base64: bytes.toString('base64') };
    },
    'certificate.rotate': async () => ({ certificate: authority.rotate() }),
    'certificate.remove': async () => ({ certificate: authority.remove() }),
  };
}

function messageEdit({ body, ...head }: NonNullable<RequestOf<'intercept.resume'>['edit']>): MessageEdit {
  return { ...head, ...(body === undefined ? {} : { body: bytesOf(body) }) };
}

/** A body as it came over the bridge. */
export function bytesOf(body: { readonly text: string } | { readonly base64: string }): Buffer {
  return 'text' in body ? Buffer.from(body.text, 'utf8') : Buffer.from(body.base64, 'base64');
}
