/** Apps of a tenant's developers as administrators see and change them. */
import { type Requester, textsOf } from '../calls.ts'
import type * as api from '../responses.ts'

export interface AppFilter {
  /** Part of a name. */
  readonly name?: string
  /** Id or email of the developer. */
  readonly owner?: string
  readonly limit?: number
  /** `next` of the page before. */
  readonly cursor?: string
  /** For operators; `*`: all tenants. */
  readonly tenant?: string
}

/** Apps of other tenants are refused with `not_found`. */
export function appsApi(request: Requester) {
  return {
    search: (filter: AppFilter = {}) => request<api.AdminAppPage>('searchApps', textsOf(filter)),
    get: (id: string) => request<api.AdminAppDetails>('getAppDetails', { id }),
    disable: (id: string) => request<void>('disableApp', { id }),
    enable: (id: string) => request<void>('enableApp', { id }),
  }
}
