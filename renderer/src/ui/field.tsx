import type { ReactNode } from 'react';
import { Checkbox, Input, Select, TextArea } from './controls.tsx';

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly testId?: string;
  readonly placeholder?: string;
  /** `password` hides what is typed; `number` is narrow. */
  readonly type?: 'text' | 'password' | 'number';
  readonly min?: number;
  readonly max?: number;
  readonly onChange: (value: string) => void;
}

/** A line of text with its label above. Values of this product are names and notations: monospaced, unchecked spelling. */
export function Field({ label, value, testId, placeholder, type = 'text', min, max, onChange }: FieldProps) {
  return (
    <label className={type === 'number' ? 'field' : 'field grow'}>
      <span className="label">{label}</span>
      <Input
        className={type === 'number' ? 'mono number' : 'mono'}
        type={type}
        value={value}
        spellCheck={false}
        autoComplete={type === 'password' ? 'new-password' : 'off'}
        placeholder={placeholder}
        min={min}
        max={max}
        data-testid={testId}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}

/** Several lines of text with their label above. */
export function TextField({
  label,
  value,
  rows,
  testId,
  placeholder,
  note,
  onChange,
}: Pick<FieldProps, 'label' | 'value' | 'testId' | 'placeholder' | 'onChange'> & { rows: number; note?: string }) {
  return (
    <label className="field">
      <span className="label">{label}</span>
      <TextArea
        className="mono"
        rows={rows}
        value={value}
        spellCheck={false}
        placeholder={placeholder}
        data-testid={testId}
        onChange={(event) => onChange(event.target.value)}
      />
      {note !== undefined && <span className="muted">{note}</span>}
    </label>
  );
}

/** One of several, with its label above. `children`: the options. */
export function Choice<T extends string>({
  label,
  value,
  testId,
  onChange,
  children,
}: {
  label: string;
  value: T;
  testId?: string;
  onChange: (value: T) => void;
  children: ReactNode;
}) {
  return (
    <label className="field grow">
      <span className="label">{label}</span>
      <Select value={value} data-testid={testId} onChange={(event) => onChange(event.target.value as T)}>
        {children}
      </Select>
    </label>
  );
}

/** A box to tick with its words beside it. */
export function Check({
  label,
  checked,
  testId,
  onChange,
}: {
  label: string;
  checked: boolean;
  testId?: string;
  onChange: (checked: boolean) => void;
}) {
  return (
    <label className="check">
      <Checkbox checked={checked} data-testid={testId} onChange={(event) => onChange(event.target.checked)} />
      {label}
    </label>
  );
}
