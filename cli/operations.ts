import type { Method } from '../core/bridge/contract.ts';

/**
 * Which operations of the table each command carries out, without an engine or with one of its own. A command with none
 * says why. Checked against the commands that are registered and shown in the page of operations; only types are
 * imported, so that no command waits for the table.
 */
export const OPERATIONS_OF: Readonly<Record<string, readonly Method[] | string>> = {
  decode: ['value.decode', 'value.findings', 'layers.list'],
  edit: ['value.edit'],
  token: ['value.decode', 'value.findings'],
  'sessions ls': ['stores.records'],
  'sessions show': ['record.get'],
  'sessions set': ['record.apply'],
  'sessions age': ['record.age'],
  'sessions rm': ['record.remove'],
  'stores find': ['stores.find'],
  undo: ['edit.undo', 'edits.list'],
  why: ['import.begin', 'import.piece', 'import.end', 'sessions.list', 'session.why'],
  'lab run': ['lab.run'],
  'lab record': [
    'browsers.list',
    'browser.launch',
    'sessions.list',
    'flows.list',
    'flow.detail',
    'flow.body',
    'import.begin',
    'import.piece',
    'import.end',
  ],
  'lab check': 'reads a policy file, which the window does not have',
  'lab list': ['lab.catalog'],
  'lab schema': 'prints the schema of policy files',
  doctor: 'looks at the surroundings of the program, not at what it has recorded',
  completion: 'prints a script for a shell',
  practice: ['practice.start'],
  proxy: ['flows.list', 'sessions.list'],
  serve: 'hosts the whole table in web mode',
  mcp: 'offers tools that are made of operations',
};
