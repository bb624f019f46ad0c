import type { TypedKind, TypedNode } from '../model/typed.ts';

/**
 * The grammar of typed JSON as a table: which fields a node of each kind has and what they hold. The checked parser,
 * paths, differences, equality and edits all read this table, so that a new kind of node is one new line here.
 */
export type FieldType =
  | 'text'
  | 'integer'
  | 'base64'
  | 'number'
  | 'boolean'
  | 'codepoints'
  | 'hex64'
  | 'node'
  | 'nodes'
  | 'pairs'
  | 'node?' // a node or null
  | 'nodes|node'
  | 'pairs|node'
  | 'text|node';

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly optional: boolean;
}

export interface Shape {
  /** In the order in which they are written and walked. */
  readonly fields: readonly Field[];
  /** The object can occur more than once and may carry `id`. */
  readonly shared: boolean;
  /** `v` holds members that a path reaches by index or by key. */
  readonly members: 'none' | 'sequence' | 'set' | 'mapping';
}

/** `name:type`, with `?` after the name for a field that may be absent. */
function shape(text: string, members: Shape['members'] = 'none', shared = members !== 'none'): Shape {
  const fields = text.split(' ').filter((part) => part !== '');
  return {
    members,
    shared,
    fields: fields.map((part) => {
      const [name = '', type = ''] = part.split(':');
      return { name: name.replace('?', ''), type: type as FieldType, optional: name.endsWith('?') };
    }),
  };
}

const moment = shape('v:text fold:number tz:node');

export const SHAPES: ReadonlyMap<TypedKind, Shape> = new Map<TypedKind, Shape>([
  ['none', shape('')],
  ['bool', shape('v:boolean')],
  ['int', shape('v:integer')],
  ['float', shape('v:text hex:hex64')],
  ['complex', shape('re:node im:node')],
  ['str', shape('v:text cp?:codepoints')],
  ['bytes', shape('b64:base64')],
  ['bytearray', shape('b64:base64', 'none', true)],
  ['list', shape('v:nodes', 'sequence')],
  ['tuple', shape('v:nodes', 'sequence')],
  ['set', shape('v:nodes', 'set')],
  ['frozenset', shape('v:nodes', 'set')],
  ['deque', shape('v:nodes maxlen?:node', 'sequence')],
  ['dict', shape('v:pairs', 'mapping')],
  ['storage', shape('v:pairs', 'mapping')],
  ['ordereddict', shape('v:pairs', 'mapping')],
  ['counter', shape('v:pairs', 'mapping')],
  ['defaultdict', shape('factory:node v:pairs', 'mapping')],
  ['datetime', moment],
  ['time', moment],
  ['date', shape('v:text')],
  ['timedelta', shape('days:number seconds:number microseconds:number')],
  ['timezone', shape('offset_us:number name?:text')],
  ['zoneinfo', shape('key:text')],
  ['decimal', shape('v:text')],
  ['fraction', shape('num:integer den:integer')],
  ['uuid', shape('v:text')],
  ['range', shape('start:integer stop:integer step:integer')],
  ['enum', shape('class:text value:node name?:text')],
  ['global', shape('name:text')],
  [
    'object',
    shape(
      'class:text new_args?:nodes new_kwargs?:pairs|node base?:node items?:nodes entries?:pairs state:node? slots?:node',
      'none',
      true,
    ),
  ],
  ['reduce', shape('func:text|node args:nodes|node items?:nodes entries?:pairs state?:node?', 'none', true)],
  ['ref', shape('id:number')],
  ['limit', shape('what:text note:text')],
  ['persistent', shape('pid:node')],
  ['extension', shape('code:number')],
  ['buffer', shape('readonly:boolean')],
  ['number', shape('v:text')],
  ['markup', shape('v:text')],
  ['php-array', shape('v:pairs', 'mapping')],
  ['php-object', shape('class:text v:pairs', 'mapping')],
  ['php-serialized', shape('class:text v:node', 'none', true)],
  ['php-reference', shape('v:node', 'none', true)],
  ['php-enum', shape('class:text v:text', 'none', true)],
  ['php-property', shape('v:text visibility:text class?:text')],
  ['ruby-symbol', shape('v:text')],
  ['ruby-string', shape('v:node encoding:text class?:text ivars?:pairs', 'none', true)],
  ['ruby-object', shape('class:text v:pairs', 'mapping')],
  ['ruby-struct', shape('class:text v:pairs', 'mapping')],
  ['ruby-user', shape('class:text how:text v:node ivars?:pairs', 'none', true)],
  ['ruby-hash', shape('default:node v:pairs', 'mapping')],
  ['ruby-regexp', shape('v:text options:number', 'none', true)],
  ['ruby-class', shape('v:text kind:text')],
  ['java-char', shape('v:text')],
  ['java-value', shape('class:text v:text')],
  ['java-object', shape('class:text v:pairs data?:nodes', 'mapping')],
  ['java-array', shape('of:text v:nodes', 'sequence')],
  ['java-enum', shape('class:text v:text', 'none', true)],
  ['java-class', shape('v:text', 'none', true)],
]);

/** The shape of a node; every kind has one. */
export function shapeOf(node: TypedNode): Shape {
  const found = SHAPES.get(node.t);
  if (found === undefined) throw new TypeError(`Unknown kind of node ${String(node.t)}`);
  return found;
}

/** A field of a node without its static type: the table says what it holds. */
export function fieldOf(node: TypedNode, name: string): unknown {
  return (node as unknown as Record<string, unknown>)[name];
}

/** The id of a node that occurs more than once (never that of a `ref`). */
export function idOf(node: TypedNode): number | undefined {
  return node.t !== 'ref' && 'id' in node ? node.id : undefined;
}
