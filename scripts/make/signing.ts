import type { ForgeConfig } from '@electron-forge/shared-types';

type Signing = Pick<NonNullable<ForgeConfig['packagerConfig']>, 'osxSign' | 'osxNotarize' | 'windowsSign'>;

/**
 * How an app is signed, from the environment; nothing where nothing is set, so that anybody can package.
 *
 * - Apple: `APPLE_IDENTITY` (name of the certificate); for notarisation `APPLE_API_KEY` (file), `APPLE_API_KEY_ID` and
 *   `APPLE_API_ISSUER`.
 * - Windows: `WINDOWS_CERTIFICATE_FILE` with `WINDOWS_CERTIFICATE_PASSWORD`, or `WINDOWS_SIGN_PARAMS` for signtool.
 *
 * @throws Error where only some of what belongs together is set
 */
export function signing(env: NodeJS.ProcessEnv): Signing {
  const {
    APPLE_IDENTITY: identity,
    APPLE_API_KEY: appleApiKey,
    APPLE_API_KEY_ID: appleApiKeyId,
    APPLE_API_ISSUER: appleApiIssuer,
    WINDOWS_CERTIFICATE_FILE: certificateFile,
    WINDOWS_CERTIFICATE_PASSWORD: certificatePassword,
    WINDOWS_SIGN_PARAMS: signWithParams,
  } = env;
  const signs: Signing = {};
  if (identity !== undefined) signs.osxSign = { identity };
  const apple = [appleApiKey, appleApiKeyId, appleApiIssuer];
  if (appleApiKey !== undefined && appleApiKeyId !== undefined && appleApiIssuer !== undefined) {
    if (identity === undefined) throw new Error('Notarisation needs a signed app: set APPLE_IDENTITY too.');
    signs.osxNotarize = { appleApiKey, appleApiKeyId, appleApiIssuer };
  } else if (apple.some((one) => one !== undefined)) {
    throw new Error(
      'Notarisation needs APPLE_API_KEY, APPLE_API_KEY_ID and APPLE_API_ISSUER: set all of them or none.',
    );
  }
  if (certificateFile !== undefined) {
    signs.windowsSign = { certificateFile, ...(certificatePassword === undefined ? {} : { certificatePassword }) };
  } else if (signWithParams !== undefined) signs.windowsSign = { signWithParams };
  return signs;
}
