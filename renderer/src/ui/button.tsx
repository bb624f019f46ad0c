import type { ComponentPropsWithRef } from 'react';

type Press = ComponentPropsWithRef<'button'>;

export interface ButtonProps extends Press {
  /** `primary`: the one act that a screen is for; `danger`: destroys something; `quiet`: beside another button. */
  readonly variant?: 'plain' | 'primary' | 'danger' | 'quiet';
  readonly small?: boolean;
}

/** A labelled button. Never submits a form unless `type="submit"` says so. */
export function Button({ variant = 'plain', small = false, className, type = 'button', ...rest }: ButtonProps) {
  const classes = ['button', variant === 'plain' ? '' : variant, small ? 'small' : '', className ?? ''];
  return <button type={type} className={classes.filter(Boolean).join(' ')} {...rest} />;
}

/** A button that is only an icon: it needs an `aria-label`. */
export function IconButton({ className, type = 'button', ...rest }: Press) {
  return (
    <button type={type} className={className === undefined ? 'icon-button' : `icon-button ${className}`} {...rest} />
  );
}

/** Something that can be pressed and whose looks are its own: a row, a chip, a link in a line of text. */
export function BareButton({ type = 'button', ...rest }: Press) {
  return <button type={type} {...rest} />;
}
