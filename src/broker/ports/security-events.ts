/** What users and admins learn by email about the security of an account. */

/** Where and when something happened. */
interface Occurrence {
  readonly at: Date
  /** IP address of the request, as far as it is known. */
  readonly address?: string | undefined
}

interface Announced extends Occurrence {
  /** When it takes effect unless it is canceled. */
  readonly effectiveAt: Date
  /** Our page that cancels it. */
  readonly cancelLink?: string
}

export type SecurityEvent =
  | {
      readonly kind: 'authenticator added' | 'authenticator removed'
      /** As the user named it, such as `iPhone`. */
      readonly name: string
      /** Default: authenticator. */
      readonly method?: 'passkey' | 'authenticator app'
      /** Our page that undoes it, for 7 days. */
      readonly undoLink?: string
    }
  /** It was refused: its counter did not increase. */
  | { readonly kind: 'passkey cloned'; readonly name: string }
  | { readonly kind: 'recovery codes created' | 'recovery codes replaced'; readonly undoLink?: string }
  /** `left`: how many are left. */
  | { readonly kind: 'recovery code used'; readonly left: number }
  /** The user changed it while signed in; a reset has an email of its own. */
  | { readonly kind: 'password changed' }
  | { readonly kind: 'factors reset by admin' }
  | ({
      readonly kind: 'new device'
      /** Such as `Firefox on Linux`. */
      readonly device: string
      /** The connection's brand, such as `Google`. */
      readonly method?: string
    } & Occurrence)
  /** To the admins. `user`: the email address or name of the break-glass user. */
  | ({ readonly kind: 'break-glass used'; readonly user: string } & Occurrence)
  /** `completeLink`: removes the factors, from `effectiveAt` on; in one of the emails only. */
  | ({ readonly kind: 'recovery requested'; readonly completeLink?: string } & Announced)
  | { readonly kind: 'recovery canceled' }
  /** `link`: our page that starts the recovery. */
  | { readonly kind: 'recovery confirmation'; readonly link: string }
  | { readonly kind: 'recovery completed'; readonly undoLink?: string }
  /** A change of factors was undone by an emailed link. `change`: what is done, after "Now". */
  | { readonly kind: 'change undone'; readonly change: string }
  | ({ readonly kind: 'deletion requested' } & Announced)
  | { readonly kind: 'deletion canceled' | 'deletion done' }

export interface SecurityNotice {
  readonly to: string
  readonly tenantName: string
  readonly color?: string
  /** Our page where the user checks it. */
  readonly link: string
  readonly event: SecurityEvent
}
