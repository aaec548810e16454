/** Modules that are expected to fail, and why. Remove an entry once its module passes. */

export interface Expected {
  readonly id: string
  readonly plans: readonly string[]
  readonly module: string
  readonly reason: string
}

const clientPlans = ['rp-post', 'rp-formpost']

export const expected: readonly Expected[] = [
  {
    id: 'N2',
    plans: clientPlans,
    module: 'oidcc-client-test-userinfo-bearer-body',
    reason: 'the access token is sent in the header, as RFC 6750 prefers; one of the two is enough',
  },
  {
    id: 'N3',
    plans: clientPlans,
    module: 'oidcc-client-test-invalid-sig-hs256',
    reason: 'an upstream that signs with HS256 only is refused before the redirect, so the module waits in vain',
  },
  {
    id: 'N4',
    plans: clientPlans,
    module: 'oidcc-client-test-distributed-claims',
    reason: 'distributed claims are optional and not fetched, so the module waits in vain',
  },
]

export const expectedOf = (plan: string, module: string): Expected | undefined =>
  expected.find((each) => each.module === module && each.plans.includes(plan))
