import type { Session } from 'electron';

/**
 * Refuses a session's pages every permission: what they ask for, what they only look up (without a handler of its own
 * each look-up says "granted"), and devices. Copying needs none: a selection is copied.
 */
export function refusePermissions(session: Session): void {
  session.setPermissionCheckHandler(() => false);
  session.setPermissionRequestHandler((_contents, _permission, allow) => allow(false));
  session.setDevicePermissionHandler(() => false);
}
