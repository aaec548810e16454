import { expect, it } from 'vitest'
import { identitiesAddedSince } from '../../../src/broker/identity/suspend-identities.ts'
import { sampleIdentity } from '../../support/store/samples.ts'

const at = (seconds: number) => new Date(seconds * 1000)

it('A5: a reset suspends only what a signed-in user added since the last password change', () => {
  const own = sampleIdentity()
  const [before, meanwhile, inTheFuture] = [100, 200, 300].map((time) => sampleIdentity({ addedAt: at(time) }))
  const byEmail = sampleIdentity() // linked by the proven email, or what the user came with
  const suspended = sampleIdentity({ addedAt: at(300), suspendedAt: at(400) })
  const identities = [own, before!, meanwhile!, inTheFuture!, byEmail, suspended]
  expect(identitiesAddedSince(identities, own, at(200))).toEqual([meanwhile, inTheFuture])
  expect(identitiesAddedSince([{ ...own, addedAt: at(300) }], own, at(200))).toEqual([])
})
