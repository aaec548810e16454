/** How many open pages of a process update by themselves, and whose. Pure. */

export interface LivePlaces {
  readonly max: number
  /** Kept for operators. */
  readonly forOperators: number
  /** Maximum pages of the admins of a tenant. */
  readonly perTenant: number
  readonly perUser: number
}

export const usualPlaces: LivePlaces = { max: 50, forOperators: 10, perTenant: 15, perUser: 5 }

export interface LiveUser {
  /** Their own. */
  readonly tenant: string
  readonly userId: string
  readonly isOperator: boolean
}

/**
 * Whether one more page of `next` finds a place. `replaces`: the oldest page of the same user,
 * which gives way. @param open oldest first
 */
export function placeFor<P extends { readonly user: LiveUser }>(
  open: readonly P[],
  next: LiveUser,
  { max, forOperators, perTenant, perUser }: LivePlaces = usualPlaces,
): { readonly replaces: P | undefined } | null {
  const ofTenant = open.filter(({ user }) => user.tenant === next.tenant)
  const own = ofTenant.filter(({ user }) => user.userId === next.userId)
  if (own.length >= perUser) return { replaces: own[0] }
  const others = open.filter(({ user }) => !user.isOperator)
  const isTenantFull = ofTenant.filter(({ user }) => !user.isOperator).length >= perTenant
  const isFull = next.isOperator ? open.length >= max : others.length >= max - forOperators || isTenantFull
  return isFull || open.length >= max ? null : { replaces: undefined }
}
