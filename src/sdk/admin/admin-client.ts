/** Calls of administrators: `client.user(token).admin`. */

import { type Requester, textsOf } from '../calls.ts'
import type * as api from '../responses.ts'
import { appsApi } from './apps-client.ts'
import { usersApi } from './users-client.ts'

/** Restricts an operator's query to this tenant. */
export interface ListedTenant {
  readonly tenant?: string
}

export type FailureFilter = Pick<SignInFilter, 'tenant' | 'connection' | 'since' | 'until' | 'limit'>

export interface ConnectionFilter extends ListedTenant {
  readonly state?: api.ConnectionState['state']
  /** 1 to 200; default 50. */
  readonly limit?: number
  readonly cursor?: string
}

/** Times are in ISO 8601, such as `2026-11-22T09:30:00Z`. */
export interface SignInFilter extends ListedTenant {
  readonly connection?: string
  readonly email?: string
  /** Id of the user. */
  readonly user?: string
  readonly app?: string
  readonly code?: string
  readonly cause?: string
  readonly outcome?: 'started' | 'signed in' | 'refused' | 'sessions ended'
  readonly since?: string
  readonly until?: string
  /** 1 to 200; default 50. */
  readonly limit?: number
  readonly cursor?: string
}

/**
 * Refused with `permission_refused`, with `not_found` for other tenants, and with
 * `fresh_sign_in_required` for a session whose sign-in is more than an hour ago.
 */
export function adminApi(request: Requester) {
  return {
    tenants: (page: { readonly search?: string; readonly cursor?: string; readonly limit?: number } = {}) =>
      request<api.TenantPage>('listTenants', textsOf(page)),
    /** Without secrets. For operators also `*`: gatehouse.yaml. */
    configuration: (tenant: string) => request<api.Configuration>('getConfiguration', { tenant }),
    /** For operators. A change is refused with `signing_keys_unchanged` without `now`. */
    signingKeys: {
      list: () => request<api.SigningKeyList>('listSigningKeys'),
      rotate: (change: { readonly now?: boolean } = {}) =>
        request<api.ChangedSigningKeys>('rotateSigningKeys', {}, change),
      retire: (id: string, change: { readonly now?: boolean } = {}) =>
        request<api.ChangedSigningKeys>('retireSigningKey', { id }, change),
    },
    users: usersApi(request),
    apps: appsApi(request),
    overview: (listed: ListedTenant = {}) => request<api.Overview>('getOverview', textsOf(listed)),
    /** The worst first. Pass `next` as `cursor` for more. */
    connections: (filter: ConnectionFilter = {}) =>
      request<api.ConnectionStatePage>('listConnectionStates', textsOf(filter)),
    connection: (tenant: string, connection: string) =>
      request<api.ConnectionDetail>('getConnectionState', { tenant, connection }),
    /** Once in ten seconds: `too_many_attempts`. */
    probeConnection: (tenant: string, connection: string) =>
      request<api.ConnectionDetail>('probeConnection', { tenant, connection }),
    /**
     * For the administrator of the identity provider, without an account. `url` is in this response
     * only.
     */
    createSetupLink: (tenant: string, connection: string, lifetime: '1d' | '7d' | '30d' = '7d') =>
      request<api.SetupLink>('createSetupLink', { tenant, connection }, { lifetime }),
    revokeSetupLink: (tenant: string, connection: string) => request<void>('revokeSetupLink', { tenant, connection }),
    /** Newest first. Pass `next` as `cursor` for more. */
    signIns: (filter: SignInFilter = {}) => request<api.SignInPage>('listSignIns', textsOf(filter)),
    /** By the reference of an error page. */
    signIn: (reference: string) => request<api.SignInTrace>('getSignIn', { reference }),
    /** Most frequent cause first. Default: of the last 24 hours. */
    signInFailures: (filter: FailureFilter = {}) => request<api.SignInFailures>('listSignInFailures', textsOf(filter)),
    /** A link that shows the trace without a sign-in. `url` is in this response only. */
    shareSignIn: (reference: string, lifetime: '1h' | '24h' | '7d' = '24h') =>
      request<api.SharedLink>('shareSignIn', { reference }, { lifetime }),
  }
}
