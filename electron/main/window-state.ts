import { readFileSync, writeFileSync } from 'node:fs';

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where the window was when it was closed. */
export interface WindowState {
  readonly bounds: Rectangle;
  readonly maximized: boolean;
}

/** So much of the window must be on a screen for the user to get hold of it. */
const LEAST_SEEN = 80;

/** What stands in the file, if it is a place on one of the screens that are there now. */
export function placeOf(text: string, screens: readonly Rectangle[]): WindowState | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { bounds, maximized } = (value ?? {}) as { bounds?: unknown; maximized?: unknown };
  const { x, y, width, height } = (bounds ?? {}) as Record<string, unknown>;
  if (![x, y, width, height].every((one) => Number.isInteger(one))) return undefined;
  const place = { x, y, width, height } as Rectangle;
  const isSeen = screens.some(
    (screen) =>
      Math.min(place.x + place.width, screen.x + screen.width) - Math.max(place.x, screen.x) >= LEAST_SEEN &&
      // The title bar is at the top: it must be on the screen.
      place.y >= screen.y &&
      place.y <= screen.y + screen.height - LEAST_SEEN,
  );
  return isSeen ? { bounds: place, maximized: maximized === true } : undefined;
}

export function readWindowState(file: string, screens: readonly Rectangle[]): WindowState | undefined {
  try {
    return placeOf(readFileSync(file, 'utf8'), screens);
  } catch {
    return undefined;
  }
}

export function saveWindowState(file: string, state: WindowState): void {
  try {
    writeFileSync(file, JSON.stringify(state));
  } catch {
    // The window opens in its usual place next time.
  }
}
