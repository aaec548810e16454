import type { PageTenant } from '../layout.tsx'

/** The signed-in user, as the header of every page of theirs shows them. */
export interface Viewer {
  readonly tenant: PageTenant
  /** Name or email of the user. */
  readonly name: string
  /** Email, where it is not the name. */
  readonly email?: string | undefined
  /** May open `/admin`. */
  readonly isAdministrator: boolean
  /** May register apps. Default false. */
  readonly isDeveloper?: boolean
}
