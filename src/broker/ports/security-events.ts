/** Security events of an account, which users and admins are notified of by email. */

/** Where and when something happened. */
interface Occurrence {
  readonly at: Date
  /** IP address of the request, as far as it is known. */
  readonly address?: string | undefined
}

/** An event that takes effect later, unless it is canceled. */
interface Announced extends Occurrence {
  readonly effectiveAt: Date
  /** URL of our page that cancels the event. */
  readonly cancelLink?: string
}

export type SecurityEvent =
  | {
      readonly kind: 'authenticator added' | 'authenticator removed'
      /** Name that the user gave the authenticator, such as `iPhone`. */
      readonly name: string
      /** Default: authenticator. */
      readonly method?: 'passkey' | 'authenticator app'
      /** URL of our page that undoes the change; works for 7 days. */
      readonly undoLink?: string
    }
  /** A sign-in was refused: the passkey's signature counter did not increase (WebAuthn 6.1.1). */
  | { readonly kind: 'passkey cloned'; readonly name: string }
  | { readonly kind: 'recovery codes created' | 'recovery codes replaced'; readonly undoLink?: string }
  /** `left`: number of unused codes. */
  | { readonly kind: 'recovery code used'; readonly left: number }
  /** The user changed the password while signed in; a reset has an email of its own. */
  | { readonly kind: 'password changed' }
  | { readonly kind: 'factors reset by admin' }
  | ({
      readonly kind: 'new device'
      /** Browser or program and its system, such as `Firefox on Linux`. */
      readonly device: string
      /** Brand of the connection, such as `Google`. */
      readonly method?: string
    } & Occurrence)
  /** Sent to the admins. `user`: email address or name of the break-glass user. */
  | ({ readonly kind: 'break-glass used'; readonly user: string } & Occurrence)
  /**
   * `completeLink`: removes the factors, from `effectiveAt` on; only in the email to the address
   * that confirmed the request.
   */
  | ({ readonly kind: 'recovery requested'; readonly completeLink?: string } & Announced)
  | { readonly kind: 'recovery canceled' }
  /** `link`: our page that starts the recovery; works for `minutes`. */
  | { readonly kind: 'recovery confirmation'; readonly link: string; readonly minutes: number }
  | { readonly kind: 'recovery completed'; readonly undoLink?: string }
  /**
   * An emailed link undid a change of factors. `change`: its effect, such as `“Phone” works again`.
   */
  | { readonly kind: 'change undone'; readonly change: string }
  | ({ readonly kind: 'deletion requested' } & Announced)
  | { readonly kind: 'deletion canceled' | 'deletion done' }

export interface SecurityNotice {
  /** Email address of the recipient. */
  readonly to: string
  readonly tenantName: string
  /** Accent color of the tenant, as `#rrggbb`. */
  readonly color?: string
  /** URL of our page where the recipient checks the event. */
  readonly link: string
  readonly event: SecurityEvent
}
