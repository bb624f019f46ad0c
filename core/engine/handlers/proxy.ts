import { Buffer } from 'node:buffer';
import type { HandlersOf, RequestOf } from '../../bridge/contract.ts';
import type { proxy as table } from '../../bridge/operations/proxy.ts';
import type { ProxyInfo } from '../../model/app.ts';
import type { MessageEdit } from '../../proxy/intercept/intercept.ts';
import type { CertificateService } from '../certificate-service.ts';
import type { Emitter } from '../emitter.ts';
import type { NetworkService } from '../network-service.ts';
import type { ProxyService } from '../proxy-service.ts';
import type { RecordedTraffic } from '../recorded-traffic.ts';

export interface ProxyHandlerPorts {
  readonly settings: ProxyService;
  readonly authority: CertificateService;
  readonly emitter: Emitter;
  readonly network: NetworkService;
  readonly traffic: RecordedTraffic;
  /** Notifies the window of the state of the proxy; gives it. */
  readonly proxyChanged: () => ProxyInfo;
}

type Done = Omit<HandlersOf<typeof table>, 'rules.list' | 'rules.add' | 'rule.enable' | 'rule.remove'>;

/** The proxy's recording, its settings, the messages that are held, and the certificate authority. */
export function proxyHandlers(ports: ProxyHandlerPorts): Done {
  const { settings: service, authority, emitter, network, traffic, proxyChanged } = ports;
  const { intercept } = service;
  return {
    'proxy.record': async ({ on }) => {
      traffic.setRecording(on);
      proxyChanged();
      return {};
    },
    'proxy.network.open': async (request) => {
      await network.open(request);
      return { proxy: proxyChanged() };
    },
    'proxy.network.close': async () => {
      await network.close();
      return { proxy: proxyChanged() };
    },
    'proxy.settings.get': async () => ({ settings: service.settings }),
    'proxy.settings.set': async (change) => {
      const settings = await service.change(change);
      emitter.emit('proxy.settings.changed', { settings });
      return { settings };
    },

    'intercept.breakpoints.get': async () => service.breakpoints,
    'intercept.breakpoints.set': async (next) => service.setBreakpoints(next),
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
