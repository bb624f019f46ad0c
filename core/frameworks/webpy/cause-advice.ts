import type { Advice } from '../framework.ts';

/** How causes of lost sessions are mended in its own settings, by the id of the cause. */
export const causeAdvice: Readonly<Record<string, Advice>> = {
  'record-idle': { setting: "web.config.session_parameters['timeout'] = 86400", note: 'Seconds without use.' },
  'other-secret': { setting: "web.config.session_parameters['secret_key']", note: 'The same for all processes.' },
  'visitor-changed': { setting: "web.config.session_parameters['ignore_change_ip'] = True" },
  'other-application': { setting: "web.config.session_parameters['cookie_name'] = 'shop_session_id'" },
  unreadable: { setting: 'Keep the classes that are in sessions importable, or remove the old records' },
  'node-store': { setting: 'web.session.DBStore in place of DiskStore' },
};
