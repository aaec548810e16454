/** Users as administrators see and change them. */
import { type Requester, textsOf } from '../calls.ts'
import type * as api from '../responses.ts'

export interface UserFilter {
  /** An email address, or its beginning. */
  readonly email?: string
  /** The beginning of a name. */
  readonly name?: string
  readonly status?: 'active' | 'blocked' | 'revoked'
  readonly kind?: 'person' | 'service'
  readonly limit?: number
  /** `next` of the page before. */
  readonly cursor?: string
  /** For operators; `*`: all tenants. */
  readonly tenant?: string
}

/** Users of other tenants are refused with `not_found`. */
export function usersApi(request: Requester) {
  return {
    search: (filter: UserFilter = {}) => request<api.AdminUserPage>('searchUsers', textsOf(filter)),
    get: (id: string) => request<api.AdminUserDetails>('getUserDetails', { id }),
    /** With all their data, at once. Refused with `user_owns_apps`. */
    delete: (id: string) => request<void>('deleteUser', { id }),
    /** Returns how many sessions ended. */
    block: async (id: string) => (await request<{ readonly ended: number }>('blockUser', { id })).ended,
    unblock: (id: string) => request<void>('unblockUser', { id }),
    mailPasswordReset: (id: string) => request<void>('mailPasswordReset', { id }),
    authenticators: (id: string) => request<api.AuthenticatorList>('listUserAuthenticators', { id }),
    /** Returns how many were removed. Refused with `fresh_sign_in_required`. */
    resetAuthenticators: async (id: string) =>
      (await request<api.ResetAuthenticators>('resetUserAuthenticators', { id })).removed,
    endSession: (id: string, sessionId: string) => request<void>('endUserSession', { id, sessionId }),
    /** Returns the number. */
    endSessions: async (id: string) => (await request<{ readonly ended: number }>('endUserSessions', { id })).ended,
    revokeToken: (id: string, tokenId: string) => request<void>('revokeUserToken', { id, tokenId }),
    /** Returns the number. */
    revokeTokens: async (id: string) =>
      (await request<{ readonly revoked: number }>('revokeUserTokens', { id })).revoked,
    revokeConsent: (id: string, appId: string) => request<void>('revokeUserConsent', { id, appId }),
  }
}
