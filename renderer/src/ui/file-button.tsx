import { type ReactNode, useRef } from 'react';
import { Button } from './button.tsx';

/** A button that lets the user choose a file of this computer and hands it on. */
export function FileButton({
  accept,
  children,
  onFile,
  testId,
}: {
  accept: string;
  children: ReactNode;
  onFile: (file: File) => void;
  testId: string;
}) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button small onClick={() => input.current?.click()}>
        {children}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        accept={accept}
        data-testid={testId}
        onChange={(event) => {
          const file = event.target.files?.[0];
          // The same file can be chosen again after it was mended.
          event.target.value = '';
          if (file !== undefined) onFile(file);
        }}
      />
    </>
  );
}
