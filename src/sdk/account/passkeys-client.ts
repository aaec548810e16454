/** Signing in with a passkey: options for the browser or the platform, then its response. */
import type { Requester } from '../calls.ts'
import type * as api from '../responses.ts'

export function passkeysApi(request: Requester) {
  return {
    /** Options of `navigator.credentials.get`. Refused with `passkeys_unavailable`. */
    challenge: (wanted: api.PasskeyChallengeRequest = {}) =>
      request<api.PasskeyOptions>('createPasskeyChallenge', {}, wanted),
    /** Refused with `passkey_invalid`, `user_blocked`, `sso_required`. */
    openSession: (signIn: Omit<api.PasskeySignIn, 'cookie' | 'token'>) =>
      request<api.NewSession>('createPasskeySession', {}, signIn),
  }
}
