/**
 * Port for upstream grants: the refresh token of a sign-in, with which its upstream is asked again.
 * One for each user and connection.
 */
import type { Memo } from '../../provider/provider.ts'
import type { ConnectionKey } from '../connections.ts'
import type { UserKey } from '../session/session.ts'
import type { IdentityKey } from './users.ts'

export interface UpstreamGrantKey extends UserKey {
  readonly connection: string
}

/** Sealed at rest. */
export interface UpstreamGrantContent {
  /** Memo of the provider: holds the upstream's refresh token. */
  readonly memo: Memo
  /** Hash of the identity that was last stored, and when. */
  readonly identity?: { readonly hash: string; readonly storedAt: Date }
}

export interface UpstreamGrant extends UpstreamGrantKey, IdentityKey {
  readonly content: UpstreamGrantContent
}

/** Leased to one caller. It changes the grant only while no sign-in or later claim has. */
export interface ClaimedGrant extends UpstreamGrant {
  readonly id: string
  readonly revision: number
  /** The last sign-in or confirmed re-check. */
  readonly confirmedAt: Date
  /** When a session or an API token of the user was last seen in use; coarse. */
  readonly activeAt: Date
  /** An earlier re-check may have used up the token without storing its successor. */
  readonly isDoubtful: boolean
  /** The grant was not in use at the claim. */
  readonly isIdle: boolean
}

export interface RecheckFailure {
  readonly code: string
  /** The upstream may have replaced the refresh token without our knowing. */
  readonly isDoubtful: boolean
}

/** Summary of the re-checks of a connection's users. */
export interface RecheckState {
  readonly users: number
  readonly lastConfirmedAt: Date | undefined
  /** Users whose last re-check proved nothing; since when at least one; and one reason. */
  readonly failing: number
  readonly failingSince: Date | undefined
  readonly failure: string | undefined
}

export interface UpstreamGrants {
  /**
   * The newest sign-in replaces the grant of an earlier one; it is confirmed and active at `at`.
   */
  put(grant: UpstreamGrant, at: Date, nextAt: Date): Promise<void>
  /** Idle grants of these users are due now. */
  recordActivity(tenant: string, userIds: readonly string[], at: Date): Promise<void>
  /**
   * Due grants, each leased to one caller until `leaseUntil`, except those of these connections.
   * At most `limit`, the longest due first.
   */
  claim(now: Date, leaseUntil: Date, limit: number, except: readonly ConnectionKey[]): Promise<readonly ClaimedGrant[]>
  /** Ends the lease without a result. */
  release(grant: ClaimedGrant, nextAt: Date): Promise<boolean>
  /** Stores what replaces a used token; the lease stays. False after a sign-in or a later claim. */
  keep(grant: ClaimedGrant, content: UpstreamGrantContent): Promise<boolean>
  /** @param content if it changed. False after a sign-in or a later claim. */
  confirm(grant: ClaimedGrant, at: Date, nextAt: Date, content?: UpstreamGrantContent): Promise<boolean>
  /** The re-check proved nothing. */
  fail(grant: ClaimedGrant, at: Date, nextAt: Date, failure: RecheckFailure): Promise<boolean>
  /** False after a sign-in or a later claim. */
  isCurrent(grant: ClaimedGrant): Promise<boolean>
  /** Marks the grant as not in use: due at `nextAt`, or at once if it was used since the claim. */
  setIdle(grant: ClaimedGrant, now: Date, nextAt: Date): Promise<boolean>
  /** True if this call removed it. False after a sign-in or a later claim. */
  remove(grant: ClaimedGrant): Promise<boolean>
  /** Removes grants of a user, or of one of their connections. Returns how many. */
  removeOf(user: UserKey, connection?: string): Promise<number>
  stateOf(connection: ConnectionKey): Promise<RecheckState>
}
