import { Component, type ReactNode } from 'react';
import { text } from '../i18n/index.ts';
import { Button } from './button.tsx';

/** A bug in one part must not blank the window. */
export class Boundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <div className="empty" role="alert" data-testid="crash">
        <h2>{text('crash.title')}</h2>
        <p>{text('crash.text')}</p>
        <pre className="code">{error.message}</pre>
        <Button onClick={() => this.setState({ error: null })}>{text('crash.again')}</Button>
      </div>
    );
  }
}
