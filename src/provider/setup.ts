/**
 * How an administrator of the upstream sets up a connection, in the vendor's own words. Each text
 * is one or two sentences; `**` marks words of the vendor's pages, and backticks mark what to type.
 */

/** Our addresses that an upstream registers. */
export type AddressName =
  | 'callback'
  | 'entity-id'
  | 'metadata'
  | 'initiate'
  | 'idp-initiated'
  | 'signed-out'
  | 'backchannel-logout'
  | 'global-token-revocation'
  | 'notifications'
  | 'logout'
  | 'start'

export interface Setup {
  /** The person who can do it, such as `an administrator of the Okta organization`. */
  readonly needs: string
  /** The vendor's names of our addresses. */
  readonly names: AddressLabels
  readonly steps: readonly SetupStep[]
  /** Values that the tenant's admin needs back. */
  readonly sendBack: readonly string[]
}

export type AddressLabels = Readonly<Partial<Record<AddressName, string>>>

export interface SetupStep {
  readonly text: string
  /** Address to copy. A connection without it has no such step. */
  readonly address?: AddressName
  /** Exact values to copy, besides the address. */
  readonly values?: readonly SetupValue[]
}

export interface SetupValue {
  readonly name: string
  readonly value: string
}
