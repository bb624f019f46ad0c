import type { ComponentPropsWithRef } from 'react';

/*
 * The bare controls, for places where a label stands elsewhere (a table's head, an `aria-label`). With a label above or
 * beside them use `field.tsx`.
 */

const withClass = (own: string, more: string | undefined): string => (more === undefined ? own : `${own} ${more}`);

export function Input({ className, ...rest }: ComponentPropsWithRef<'input'>) {
  return <input className={withClass('input', className)} {...rest} />;
}

export function TextArea({ className, ...rest }: ComponentPropsWithRef<'textarea'>) {
  return <textarea className={withClass('input', className)} {...rest} />;
}

export function Select({ className, ...rest }: ComponentPropsWithRef<'select'>) {
  return <select className={withClass('input', className)} {...rest} />;
}

export function Checkbox(props: ComponentPropsWithRef<'input'>) {
  return <input type="checkbox" {...props} />;
}

export function Radio(props: ComponentPropsWithRef<'input'>) {
  return <input type="radio" {...props} />;
}

export function Slider(props: ComponentPropsWithRef<'input'>) {
  return <input type="range" {...props} />;
}
