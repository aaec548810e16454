/** Second factors of the user. */
import type { Requester } from '../calls.ts'
import type * as api from '../responses.ts'

export function factorsApi(request: Requester) {
  return {
    /** Changes are refused with `fresh_sign_in_required` some minutes after the sign-in. */
    authenticators: {
      list: () => request<api.AuthenticatorList>('listAuthenticators'),
      startTotp: () => request<api.TotpSetup>('startTotp'),
      /** Refused with `factor_invalid`, `enrollment_expired`. */
      confirmTotp: (confirmation: api.TotpConfirmation) =>
        request<api.ListedAuthenticator>('confirmTotp', {}, confirmation),
      /** Options of `navigator.credentials.create`. */
      startPasskey: () => request<api.PasskeyOptions>('startPasskey'),
      /** Refused with `passkey_invalid`. */
      createPasskey: (created: api.NewPasskey) => request<api.ListedAuthenticator>('createPasskey', {}, created),
      /** One that a reset of the password suspended. Refused with `authenticator_unknown`. */
      confirmPasskey: (id: string) => request<void>('confirmPasskey', { id }),
      rename: (id: string, name: string) => request<api.ListedAuthenticator>('renameAuthenticator', { id }, { name }),
      /** Refused with `factor_last` where a second factor is required. */
      remove: (id: string) => request<void>('deleteAuthenticator', { id }),
      /** In this response only; the ones before end. Refused with `factor_missing`. */
      createRecoveryCodes: async () => (await request<api.NewRecoveryCodes>('createRecoveryCodes')).codes,
    },
    /** Browsers that are not asked for a second factor. */
    devices: {
      list: () => request<api.RememberedDeviceList>('listRememberedDevices'),
      forget: (id: string) => request<void>('deleteRememberedDevice', { id }),
      /** Returns the number. */
      forgetAll: async () => (await request<api.ForgottenDevices>('deleteRememberedDevices')).forgotten,
    },
  }
}
