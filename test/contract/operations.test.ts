import { expect, it } from 'vitest';
import { type Method, operations, type UndoableReply } from '../../core/bridge/contract.ts';
import { changes, type Marks, type TakenBack } from '../../core/bridge/operation.ts';

/* The operation table itself: every line says what it does and what it touches. */

const lines = Object.entries(operations) as [Method, (typeof operations)[Method]][];

it('every operation has one sentence in plain words', () => {
  for (const [name, { sentence }] of lines) {
    expect(sentence, name).toMatch(/^[A-Z][^\n]*\.$/);
    expect(sentence.length, name).toBeLessThan(160);
  }
  expect(new Set(lines.map(([, { sentence }]) => sentence)).size).toBe(lines.length);
});

it('marks are one effect, then traits, each once', () => {
  for (const [name, { marks }] of lines) {
    const [effect, ...traits] = marks as readonly string[];
    expect(['reads', 'writes', 'destroys'], name).toContain(effect);
    expect(new Set(traits).size, name).toBe(traits.length);
    if (effect === 'reads') for (const trait of traits) expect(['secrets', 'idempotent'], name).toContain(trait);
  }
});

it('the reply of what can be undone names the edit', () => {
  // The type does not compile when one of them names none.
  const reply: UndoableReply = { editId: 'e1' };
  expect(reply).toHaveProperty('editId');
  const undoable = lines.filter(([, { marks }]) => (marks as readonly string[]).includes('undoable'));
  expect(undoable.map(([name]) => name)).toEqual(
    expect.arrayContaining(['session.kill', 'record.apply', 'record.age', 'cookie.apply']),
  );
});

it('what changes something can be undone, says by what it is taken back, or why it never is', () => {
  for (const [name, line] of lines) {
    const undo = (line as { undo?: TakenBack }).undo;
    const marks: Marks = line.marks;
    if (!changes(marks) || marks.some((mark) => mark === 'undoable')) {
      expect(undo, name).toBeUndefined();
      continue;
    }
    if (undo === undefined) throw new Error(`${name} says nothing`);
    if ('by' in undo) {
      expect(Object.hasOwn(operations, undo.by), `${name} is taken back by ${undo.by}`).toBe(true);
      expect(changes(operations[undo.by as Method].marks), name).toBe(true);
    } else expect(undo.never, name).toMatch(/^[A-Z][^\n]*\.$/);
  }
});
