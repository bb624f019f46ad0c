import { itemLayer, memberLayer } from '../focus.ts';
import { json } from './json.ts';
import { marshal } from './marshal.ts';
import { pickle } from './pickle.ts';

/** `json-item:PATH`: one part of a JSON text as the value. */
export const jsonItem = itemLayer('json-item', 'Part of JSON', json);
/** `pickle-item:PATH`: one part of a pickle as the value. */
export const pickleItem = itemLayer('pickle-item', 'Part of a pickle', pickle);
/** `marshal-item:PATH`: one part of Ruby's Marshal as the value. */
export const marshalItem = itemLayer('marshal-item', 'Part of Ruby Marshal', marshal);
/** `marshal-member:PATH`: the bytes of a text inside Ruby's Marshal. */
export const marshalMember = memberLayer('marshal-member', 'Text in Ruby Marshal', marshal);
/** `json-member:PATH`: the bytes of a text inside JSON. */
export const jsonMember = memberLayer('json-member', 'Text in JSON', json);
/** `pickle-member:PATH`: the bytes of a text or byte string inside a pickle. */
export const pickleMember = memberLayer('pickle-member', 'Text in a pickle', pickle);
