/** The user's own account: name, data, deletion. */
import type { Requester } from '../calls.ts'
import type * as api from '../responses.ts'

export function ownAccountApi(request: Requester) {
  return {
    /** `null` resets an attribute to what the sign-in methods supply. */
    changeName: (change: api.NameChange) => request<api.ChangedName>('updateUser', {}, change),
    exportData: () => request<api.UserData>('exportUserData'),
    deletion: {
      /** Refused with `not_found` if none is pending. */
      get: () => request<api.Deletion>('getDeletion'),
      /** Refused with `fresh_sign_in_required`, `deletion_refused`, `user_owns_apps`. */
      request: () => request<api.Deletion>('requestDeletion'),
      cancel: () => request<void>('cancelDeletion'),
    },
  }
}
