import { BareButton } from './button.tsx';

/** One of a few, side by side: every choice is in view. */
export function Segments<T extends string>({
  label,
  value,
  options,
  onChange,
  testId,
}: {
  label: string;
  value: T;
  options: readonly { readonly value: T; readonly label: string }[];
  onChange: (value: T) => void;
  testId?: string;
}) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring a frame and a legend
    <div className="segments" role="group" aria-label={label} data-testid={testId}>
      {options.map((one) => (
        <BareButton
          key={one.value}
          aria-pressed={one.value === value}
          data-value={one.value}
          onClick={() => onChange(one.value)}
        >
          {one.label}
        </BareButton>
      ))}
    </div>
  );
}
