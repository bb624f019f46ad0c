import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import type React from 'react';
import type { ReactNode } from 'react';
import { useText } from '../i18n/index.ts';

interface Props {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly description?: ReactNode;
  readonly children: ReactNode;
  readonly foot?: ReactNode;
  readonly wide?: boolean;
  readonly testId?: string;
  /** What gets the focus when the dialog opens; by default the first thing that can. */
  readonly initialFocus?: React.RefObject<HTMLElement | null>;
}

/** A modal dialog: Esc closes, the focus goes in and comes back. */
export function Dialog({ open, onClose, title, description, children, foot, wide, testId, initialFocus }: Props) {
  const t = useText();
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="backdrop" />
        <Base.Popup
          className={`dialog ${wide === true ? 'wide' : ''}`}
          data-testid={testId}
          {...(initialFocus === undefined ? {} : { initialFocus })}
        >
          <div className="dialog-head">
            <div className="grow">
              <Base.Title>{title}</Base.Title>
              {description !== undefined && <Base.Description className="muted">{description}</Base.Description>}
            </div>
            <Base.Close className="icon-button" aria-label={t('common.close')}>
              <X size={16} aria-hidden />
            </Base.Close>
          </div>
          <div className="dialog-body">{children}</div>
          {foot !== undefined && <div className="dialog-foot">{foot}</div>}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
